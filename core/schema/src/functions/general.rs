//! The functions of the general group.

use alloc::string::String;

use crate::records::InitAnswer;

functions! {
    General:
    /// App id in use.
    fn "", "get_current_app_id" () -> u32, Local;
    /// Cached local identity.
    fn "", "get_current_steam_id" () -> u64, Identity;
    /// Version text of the plugin.
    fn "", "get_godotsteam_version" () -> String, Local;
    /// Result of the last (possibly automatic) init.
    fn "", "get_steam_init_result" () -> InitAnswer, Local;
    /// App id.
    fn "ISteamUtils::GetAppID", "getAppID" () -> u32, Local;
    /// Display name of another user; empty if unknown.
    fn "ISteamFriends::GetFriendPersonaName", "getFriendPersonaName" (steam_id: u64) -> String, Identity;
    /// Display name of the local user.
    fn "ISteamFriends::GetPersonaName", "getPersonaName" () -> String, Identity;
    /// Identity number of the local user.
    fn "ISteamUser::GetSteamID", "getSteamID" () -> u64, Identity;
    /// Low 32 bits (account part) of an identity.
    fn "", "getSteamID32" (steam_id: u64) -> u32, Local;
    /// Whether the client is up.
    fn "SteamAPI_IsSteamRunning", "isSteamRunning" () -> bool, Local;
    /// Whether a live session to the backend exists.
    fn "ISteamUser::BLoggedOn", "loggedOn" () -> bool, Signaling;
    /// Frees per-thread scratch memory.
    fn "SteamAPI_ReleaseCurrentThreadMemory", "releaseCurrentThreadMemory" () -> (), Local;
    /// True when the process should quit because the client restarts it.
    fn "SteamAPI_RestartAppIfNecessary", "restartAppIfNecessary" (app_id: u32) -> bool, Local;
    /// Pump; must run every frame (unless embed_callbacks is on) for any signal to fire.
    fn "SteamAPI_RunCallbacks", "run_callbacks" () -> (), Local;
    /// Overwrites the app id.
    fn "", "set_current_app_id" (new_current_app_id: u32) -> (), Local;
    /// Overwrites the cached identity.
    fn "", "set_current_steam_id" (new_current_steam_id: u64) -> (), Identity;
    /// Starts the client library; false when the client is missing or refuses the app id.
    fn "SteamAPI_Init", "steamInit" (app_id: u32 = "0", embed_callbacks: bool = "false") -> bool, Identity;
    /// Same start with a status code and text.
    fn "SteamAPI_InitEx", "steamInitEx" (app_id: u32 = "0", embed_callbacks: bool = "false") -> InitAnswer, Identity;
    /// Stops the library and drops connections.
    fn "SteamAPI_Shutdown", "steamShutdown" () -> (), Local;
}
