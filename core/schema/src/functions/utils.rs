//! The functions of the utils group.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::{ConfigData, ConfigValue};
use crate::enums::{Availability, ConfigDataType, ConfigScope, DebugOutputType, FakeIpType};
use crate::field::{Bytes, NativeAddress, NativeConfigOption, NativeIdentity, NativeMessage, NativePointer};
use crate::records::{
    ConfigValueAnswer, ConfigValueInfo, DataCenterPing, ParsedPingLocation, PingLocation, RealIdentity,
};

functions! {
    Utils:
    /// Allocates an outgoing message struct for SendMessages.
    fn "AllocateMessage", "" (size: u32) -> NativeMessage, Local;
    /// True when ping data is younger than the limit, otherwise starts a refresh.
    fn "CheckPingDataUpToDate", "checkPingDataUpToDate" (max_age_in_seconds: f32) -> bool, RelayConfig;
    /// Text form of an opaque ping location.
    fn "ConvertPingLocationToString", "convertPingLocationToString" (location: Bytes) -> String, RelayConfig;
    /// Guesses the round trip between two hosts from their ping locations.
    fn "EstimatePingTimeBetweenTwoLocations", "estimatePingTimeBetweenTwoLocations"
        (location1: Bytes, location2: Bytes)
        -> i32, RelayConfig;
    /// Same guess, from this host.
    fn "EstimatePingTimeFromLocalHost", "estimatePingTimeFromLocalHost" (location: Bytes) -> i32, RelayConfig;
    /// Effective value of a setting at a scope; `BAD_VALUE`, `BAD_SCOPE_OBJ`, `BUFFER_TOO_SMALL`, OK or
    /// `OK_INHERITED`.
    fn "GetConfigValue", "getConfigValue"
        (config_value: ConfigValue, scope_type: ConfigScope, connection_handle: u32)
        -> ConfigValueAnswer, Local;
    /// Name, type and widest scope of a setting.
    fn "GetConfigValueInfo", "getConfigValueInfo" (config_value: ConfigValue) -> ConfigValueInfo, Local;
    /// Direct round trip to the relays of a POP.
    fn "GetDirectPingToPOP", "getDirectPingToPOP" (pop_id: u32) -> i32, RelayConfig;
    /// Classifies an IPv4 address as ordinary, globally fake or locally fake.
    fn "GetIPv4FakeIPType", "getIPv4FakeIPType" (ipv4: String) -> FakeIpType, FakeIpAllocator;
    /// Opaque description of where this host is in the relay network.
    fn "GetLocalPingLocation", "getLocalPingLocation" () -> PingLocation, RelayConfig;
    /// Monotonic clock used for message times.
    fn "GetLocalTimestamp", "getLocalTimestamp" () -> i64, Local;
    /// Best round trip to a data centre and the POP it goes through.
    fn "GetPingToDataCenter", "getPingToDataCenter" (pop_id: u32) -> DataCenterPing, RelayConfig;
    /// Number of known POPs.
    fn "GetPOPCount", "getPOPCount" () -> i32, RelayConfig;
    /// Ids of known POPs.
    fn "GetPOPList", "getPOPList" () -> Vec<u32>, RelayConfig;
    /// Identity behind a fake address of a peer we talked to; `NO_MATCH` or `INVALID_PARAM` otherwise.
    fn "GetRealIdentityForFakeIP", "getRealIdentityForFakeIP" (fake_ip: String) -> RealIdentity, FakeIpAllocator;
    /// Overall readiness of relay access.
    fn "GetRelayNetworkStatus", "getRelayNetworkStatus" () -> Availability, RelayConfig;
    /// Starts fetching the relay configuration and measuring pings ahead of time.
    fn "InitRelayNetworkAccess", "initRelayNetworkAccess" () -> (), RelayConfig;
    /// True for an address of the fake ranges.
    fn "IsFakeIPv4", "isFakeIPv4" (ip_address: String) -> bool, FakeIpAllocator;
    /// Walks the settings a user interface may show; start with INVALID, ends with INVALID; pointer values, symmetric
    /// mode, virtual port and user data are skipped, developer values on request.
    fn "IterateGenericEditableConfigValues", "iterateGenericEditableConfigValues"
        (current_value: ConfigValue, enumerate_dev_vars: bool)
        -> ConfigValue, Local;
    /// Reads back the text form of a ping location.
    fn "ParsePingLocationString", "parsePingLocationString" (string: String) -> ParsedPingLocation, RelayConfig;
    /// General setter for any scope; false on unknown value, wrong type or bad handle.
    fn "SetConfigValue", "setConfigValue"
        (setting: ConfigValue, scope_type: ConfigScope, connection_handle: u32, data_type: ConfigDataType, value: ConfigData)
        -> bool, Local;
    /// Setter that takes the struct used for option lists.
    fn "SetConfigValueStruct", ""
        (opt: NativeConfigOption, scope_type: ConfigScope, scope_object: NativePointer)
        -> bool, Local;
    /// Sets one setting on one connection; false for unknown values, wrong type or bad handle.
    fn "SetConnectionConfigValueFloat", "setConnectionConfigValueFloat"
        (connection_handle: u32, config: ConfigValue, value: f32)
        -> bool, Local;
    /// Sets one setting on one connection; false for unknown values, wrong type or bad handle.
    fn "SetConnectionConfigValueInt32", "setConnectionConfigValueInt32"
        (connection_handle: u32, config: ConfigValue, value: i32)
        -> bool, Local;
    /// Sets one setting on one connection; false for unknown values, wrong type or bad handle.
    fn "SetConnectionConfigValueString", "setConnectionConfigValueString"
        (connection_handle: u32, config: ConfigValue, value: String)
        -> bool, Local;
    /// Chooses how chatty the library is and routes its log lines; in Godot they would come by the signal
    /// networking_sockets_debug_output.
    fn "SetDebugOutputFunction", "setDebugOutputFunction" (detail_level: DebugOutputType) -> (), Local;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_FakeIPResult", "setGlobalCallbackFakeIPResult" () -> bool, FakeIpAllocator;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_MessagesSessionFailed", "setGlobalCallbackMessagesSessionFailed" () -> bool, Signaling;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_MessagesSessionRequest", "setGlobalCallbackMessagesSessionRequest" () -> bool, Signaling;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_SteamNetAuthenticationStatusChanged", "setGlobalCallbackSteamNetAuthenticationStatusChanged"
        ()
        -> bool, CertificateAuthority;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_SteamNetConnectionStatusChanged", "setGlobalCallbackSteamNetConnectionStatusChanged"
        ()
        -> bool, Local;
    /// Registers the library-wide handler that feeds the matching signal; true when registered.
    fn "SetGlobalCallback_SteamRelayNetworkStatusChanged", "setGlobalCallbackSteamRelayNetworkStatusChanged"
        ()
        -> bool, RelayConfig;
    /// Sets the default of a setting for everything created later (and existing objects that do not override it);
    /// false for unknown values or wrong type.
    fn "SetGlobalConfigValueFloat", "setGlobalConfigValueFloat" (config: ConfigValue, value: f32) -> bool, Local;
    /// Sets the default of a setting for everything created later (and existing objects that do not override it);
    /// false for unknown values or wrong type.
    fn "SetGlobalConfigValueInt32", "setGlobalConfigValueInt32" (config: ConfigValue, value: i32) -> bool, Local;
    /// Sets a pointer setting such as a callback.
    fn "SetGlobalConfigValuePtr", "" (config: ConfigValue, value: NativePointer) -> bool, Local;
    /// Sets the default of a setting for everything created later (and existing objects that do not override it);
    /// false for unknown values or wrong type.
    fn "SetGlobalConfigValueString", "setGlobalConfigValueString" (config: ConfigValue, value: String) -> bool, Local;
    /// Text to identity; unknown but well-formed kinds are kept as unknown type.
    fn "SteamNetworkingIdentity_ParseString", "" (text: String) -> bool, Local;
    /// Identity to text such as steamid:, ip:, str:, gen:.
    fn "SteamNetworkingIdentity_ToString", "" (identity: NativeIdentity) -> String, Local;
    /// Whether an address is an ordinary one, globally fake or locally fake.
    fn "SteamNetworkingIPAddr_GetFakeIPType", "" (address: NativeAddress) -> FakeIpType, Local;
    /// Text to address and port.
    fn "SteamNetworkingIPAddr_ParseString", "" (text: String) -> bool, Local;
    /// Address to text with or without port.
    fn "SteamNetworkingIPAddr_ToString", "" (address: NativeAddress, with_port: bool) -> String, Local;
}
