//! Records: the ordered, typed fields of every info, status, answer and event.
//!
//! A record is a Rust struct and a [`RecordInfo`], both written by one macro; a dictionary in a binding is the struct's
//! serialisation (feature `serde`). Where the core has a type of its own (a message), only the table stands here.

#[macro_use]
mod macros;
mod answers;
mod connection;
mod events;

pub use answers::*;
pub use connection::{ConnectionInfo, LaneStatus, LifetimeStatistics, MessageRecord, RealTimeStatus};
pub use events::*;

use crate::field::FieldKind;
use crate::table::{Group, Unit};

/// One record.
#[derive(Debug)]
pub struct RecordInfo {
    /// Its name in Rust.
    pub rust_name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in order.
    pub fields: &'static [FieldInfo],
}

/// One field of a record.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Its name in Rust.
    pub rust_name: &'static str,
    /// The key of the dictionary.
    pub key: &'static str,
    /// What kind of value it holds.
    pub kind: FieldKind,
    /// What it counts.
    pub unit: Unit,
    /// Whether GodotSteam lacks it.
    pub extra: bool,
    /// What it means.
    pub doc: &'static str,
}

/// One event: a signal in Godot.
#[derive(Debug)]
pub struct EventInfo {
    /// The name of the signal.
    pub godot_name: &'static str,
    /// The structure in Valve's headers; `None` for an event that neither they nor GodotSteam have.
    pub cpp_name: Option<&'static str>,
    /// Where it belongs.
    pub group: Group,
    /// Its arguments, in order.
    pub record: &'static RecordInfo,
}

/// Every record that is not an event.
pub const RECORDS: &[&RecordInfo] = &[
    ConnectionInfo::INFO,
    RealTimeStatus::INFO,
    LaneStatus::INFO,
    LifetimeStatistics::INFO,
    MessageRecord::INFO,
    RealTimeStatusAnswer::INFO,
    SocketPair::INFO,
    SendAnswer::INFO,
    DetailedStatus::INFO,
    CertificateRequest::INFO,
    CertificateAnswer::INFO,
    FakeIp::INFO,
    RemoteFakeIp::INFO,
    RealIdentity::INFO,
    RelayAuthTicket::INFO,
    RelayAuthTicketSearch::INFO,
    GameCoordinatorLogin::INFO,
    HostedServerAddress::INFO,
    ConfigValueAnswer::INFO,
    ConfigValueInfo::INFO,
    PingLocation::INFO,
    ParsedPingLocation::INFO,
    DataCenterPing::INFO,
    SessionConnectionInfo::INFO,
    ChannelMessageRecord::INFO,
    InitAnswer::INFO,
];

/// Every event.
pub const EVENTS: &[&EventInfo] = &[
    ConnectionStatusChanged::EVENT,
    ConnectionWritable::EVENT,
    AuthenticationStatus::EVENT,
    FakeIpResult::EVENT,
    MessagesSessionRequest::EVENT,
    MessagesSessionFailed::EVENT,
    RelayNetworkStatus::EVENT,
    DebugOutput::EVENT,
    ServerConnected::EVENT,
    ServerDisconnected::EVENT,
    ServerConnectFailed::EVENT,
    Shutdown::EVENT,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static RecordInfo> {
        RECORDS.iter().copied().chain(EVENTS.iter().map(|event| event.record))
    }

    #[test]
    fn no_record_and_no_key_stands_twice() {
        for record in all() {
            assert_eq!(all().filter(|other| other.rust_name == record.rust_name).count(), 1, "{}", record.rust_name);
            for field in record.fields {
                let holders = record.fields.iter().filter(|other| other.key == field.key).count();
                assert_eq!(holders, 1, "{}.{}", record.rust_name, field.key);
            }
        }
    }

    #[test]
    fn every_field_says_what_it_is() {
        for record in all() {
            assert!(record.doc.ends_with('.'), "{}", record.rust_name);
            for field in record.fields {
                assert!(field.doc.ends_with('.'), "{}.{}", record.rust_name, field.key);
            }
        }
    }

    #[test]
    fn the_shared_dictionaries_have_godotsteams_keys() {
        let keys = |record: &'static RecordInfo| {
            record.fields.iter().filter(|field| !field.extra).map(|field| field.key).collect::<alloc::vec::Vec<_>>()
        };
        assert_eq!(keys(ConnectionInfo::INFO).len(), 11);
        assert_eq!(keys(ConnectionInfo::INFO)[0], "identity");
        assert_eq!(keys(RealTimeStatus::INFO).len(), 13);
        assert_eq!(keys(RealTimeStatus::INFO)[12], "queue_time");
        assert_eq!(
            keys(LaneStatus::INFO),
            ["pending_unreliable", "pending_reliable", "sent_unacknowledged_reliable", "queue_time"]
        );
        assert_eq!(keys(MessageRecord::INFO).len(), 8);
        assert_eq!(keys(ConnectionStatusChanged::INFO), ["connect_handle", "connection", "old_state"]);
    }
}
