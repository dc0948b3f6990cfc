//! The enums of the API, as Rust types and as tables.

#[macro_use]
pub(crate) mod macros;
mod configuration;
mod connection;
mod identity;
mod lobbies;
mod multiplayer;
mod result_code;
mod status;

pub use configuration::{ConfigDataType, ConfigScope, GetConfigValueResult};
pub use connection::{ConnectionEnd, ConnectionState};
pub use identity::{FakeIpType, IdentityType};
pub use lobbies::{ChatEntryType, ChatRoomEnterResponse, LobbyComparison, LobbyDistanceFilter};
pub use multiplayer::{DebugLevel, LobbyState, LobbyType, PeerState};
pub use result_code::ResultCode;
pub use status::{Availability, DebugOutputType, InitResult};

use crate::config::ConfigValue;
use crate::table::EnumInfo;

/// Every enum of the API.
pub const ENUMS: &[&EnumInfo] = &[
    ResultCode::INFO,
    InitResult::INFO,
    ConfigValue::INFO,
    ConnectionEnd::INFO,
    ConnectionState::INFO,
    FakeIpType::INFO,
    GetConfigValueResult::INFO,
    IdentityType::INFO,
    DebugOutputType::INFO,
    Availability::INFO,
    ConfigDataType::INFO,
    ConfigScope::INFO,
    DebugLevel::INFO,
    PeerState::INFO,
    LobbyType::INFO,
    LobbyState::INFO,
    LobbyComparison::INFO,
    LobbyDistanceFilter::INFO,
    ChatRoomEnterResponse::INFO,
    ChatEntryType::INFO,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_complete() {
        assert_eq!(ENUMS.len(), 20);
        assert_eq!(ENUMS.iter().map(|info| info.values.len()).sum::<usize>(), 366);
        assert_eq!(ResultCode::INFO.values.len(), 129);
        assert_eq!(ConfigValue::INFO.values.len(), 80);
        assert_eq!(ConnectionEnd::INFO.values.len(), 35);
    }

    #[test]
    fn every_row_says_what_it_is() {
        for info in ENUMS {
            assert!(info.doc.ends_with('.'), "{} has no doc", info.rust_name);
            for row in info.values {
                assert!(row.doc.ends_with('.'), "{} {:?} has no doc", info.rust_name, row.godot_name);
                assert!(row.godot_name.is_some() || row.cpp_name.is_some(), "{} {}", info.rust_name, row.value);
            }
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let rows = || ENUMS.iter().flat_map(|info| info.values);
        for name in rows().flat_map(|row| [row.godot_name, row.alias, row.cpp_name]).flatten() {
            let holders = rows().filter(|row| [row.godot_name, row.alias, row.cpp_name].contains(&Some(name))).count();
            assert_eq!(holders, 1, "{name}");
        }
    }

    #[test]
    fn numbers_and_variants_agree() {
        for row in ResultCode::INFO.values {
            assert_eq!(ResultCode::from_value(row.value).map(ResultCode::value), Some(row.value));
        }
        assert_eq!(ResultCode::from_value(4), None);
        assert_eq!(ConnectionState::from_value(-2), Some(ConnectionState::Linger));
        assert_eq!(ConnectionState::from_value(i32::MAX), None);
        assert_eq!(ResultCode::LimitExceeded.info().godot_name, Some("RESULT_LIMIT_EXCEEDED"));
        assert_eq!(ConnectionEnd(1000).info().and_then(|row| row.rust_name), Some("APP_MIN"));
        assert_eq!(ConnectionEnd(1234).info().map(|row| row.value), None);
    }
}
