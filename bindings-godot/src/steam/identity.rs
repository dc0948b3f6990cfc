//! Who this process is.

use gamesockets::Identity;
use godot::classes::Os;
use godot::obj::Singleton as _;

use super::settings;
use super::watch::warn;

const ARGUMENT: &str = "--gamesockets-identity";
const VARIABLE: &str = "GAMESOCKETS_IDENTITY";
/// Public universe, individual account, desktop instance; the account is the lower half.
const STEAM_ID_BASE: u64 = 0x0110_0001_0000_0000;

/// The first of these that is there: argument, environment variable, project setting; else a random account.
pub(super) fn choose() -> Identity {
    let named = [
        (ARGUMENT, argument()),
        (VARIABLE, std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty())),
        ("the project setting gamesockets/identity", settings::identity()),
    ];
    for (place, text) in named {
        let Some(text) = text else { continue };
        match read(&text) {
            Ok(identity) => return identity,
            Err(problem) => {
                warn(&format!("{place}: {problem}. A random SteamID is used instead."));
                break;
            }
        }
    }
    random()
}

/// An identity as people write it: see the description of the class.
pub(crate) fn read(text: &str) -> Result<Identity, String> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u64>() {
        let steam_id = if number >> 32 == 0 { STEAM_ID_BASE | number } else { number };
        return Identity::from_steam_id(steam_id).map_err(|error| error.to_string());
    }
    let identity = if text.contains(':') { text.parse() } else { Identity::from_generic_string(text) };
    identity.map_err(|error| error.to_string())
}

fn argument() -> Option<String> {
    let os = Os::singleton();
    let arguments = [os.get_cmdline_args(), os.get_cmdline_user_args()];
    let mut words = arguments.iter().flat_map(|list| list.as_slice()).map(ToString::to_string);
    while let Some(word) = words.next() {
        let Some(rest) = word.strip_prefix(ARGUMENT) else { continue };
        match rest.strip_prefix('=') {
            Some(value) => return Some(value.to_owned()),
            None if rest.is_empty() => return words.next(),
            None => {}
        }
    }
    None
}

fn random() -> Identity {
    let account = getrandom::u32().unwrap_or_else(|_| std::process::id()).max(1);
    Identity::from_steam_id(STEAM_ID_BASE | u64::from(account)).unwrap_or_else(|_| Identity::localhost())
}
