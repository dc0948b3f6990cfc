//! Which options can be set: an option does what it says, or it is refused by name.

use gamesockets_schema::ConfigScope;
use gamesockets_schema::config::{self, Access, ConfigOption, ConfigValue, OptionKind};

use crate::error::Error;

/// Who acts on an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Support {
    /// The engine of each connection.
    Connection,
    /// The connection's user data: bound when the connection is made.
    UserData,
    /// It follows from another option.
    Derived,
    /// The sockets of the instance.
    Network,
    /// Nobody; the text says why, after the option's name.
    Refused(&'static str),
}

const WITH_P2P: &str = "arrives with P2P: direct UDP connections have no use for it";
const WITH_RELAYS: &str = "arrives with relays: direct UDP connections have no use for it";
const CALLBACK: &str = "is a callback in C++: poll for the event instead";
const NO_LOG: &str = "would log what is not logged: see SetDebugOutputFunction and PacketTraceMaxBytes";

/// Who acts on this option. Every row of the schema is named here.
pub(crate) fn support(option: &ConfigOption) -> Support {
    use ConfigValue as V;
    match option.id {
        V::SEND_BUFFER_SIZE
        | V::SEND_RATE_MIN
        | V::SEND_RATE_MAX
        | V::NAGLE_TIME
        | V::TIMEOUT_INITIAL
        | V::TIMEOUT_CONNECTED
        | V::MTU_PACKET_SIZE
        | V::UNENCRYPTED
        | V::IP_ALLOW_WITHOUT_AUTH
        | V::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH
        | V::RECV_BUFFER_SIZE
        | V::RECV_BUFFER_MESSAGES
        | V::RECV_MAX_MESSAGE_SIZE
        | V::RECV_MAX_SEGMENTS_PER_PACKET
        | V::SEND_TIME_SINCE_PREVIOUS_PACKET
        | V::LINGER_TIME
        | V::CONNECTIONS_PER_ADDRESS => Support::Connection,
        V::CONNECTION_USER_DATA => Support::UserData,
        V::MTU_DATA_SIZE => Support::Derived,
        V::FAKE_PACKET_LOSS_SEND
        | V::FAKE_PACKET_LOSS_RECV
        | V::FAKE_PACKET_LAG_SEND
        | V::FAKE_PACKET_LAG_RECV
        | V::FAKE_PACKET_REORDER_SEND
        | V::FAKE_PACKET_REORDER_RECV
        | V::FAKE_PACKET_REORDER_TIME
        | V::FAKE_PACKET_DUP_SEND
        | V::FAKE_PACKET_DUP_RECV
        | V::FAKE_PACKET_DUP_TIME_MAX
        | V::FAKE_RATE_LIMIT_SEND_RATE
        | V::FAKE_RATE_LIMIT_SEND_BURST
        | V::FAKE_RATE_LIMIT_RECV_RATE
        | V::FAKE_RATE_LIMIT_RECV_BURST
        | V::FAKE_PACKET_JITTER_SEND_AVG
        | V::FAKE_PACKET_JITTER_SEND_MAX
        | V::FAKE_PACKET_JITTER_SEND_PCT
        | V::FAKE_PACKET_JITTER_RECV_AVG
        | V::FAKE_PACKET_JITTER_RECV_MAX
        | V::FAKE_PACKET_JITTER_RECV_PCT
        | V::PACKET_TRACE_MAX_BYTES
        | V::ECN => Support::Network,
        _ => Support::Refused(refusal(option)),
    }
}

/// Why nobody acts on this option.
fn refusal(option: &ConfigOption) -> &'static str {
    use ConfigValue as V;
    match option.id {
        V::SYMMETRIC_CONNECT
        | V::LOCAL_VIRTUAL_PORT
        | V::LOG_LEVEL_P2P_RENDEZVOUS
        | V::P2P_STUN_SERVER_LIST
        | V::P2P_TRANSPORT_ICE_ENABLE
        | V::P2P_TRANSPORT_ICE_PENALTY
        | V::P2P_TRANSPORT_ICE_IMPLEMENTATION
        | V::P2P_TURN_SERVER_LIST
        | V::P2P_TURN_USER_LIST
        | V::P2P_TURN_PASS_LIST => WITH_P2P,
        V::P2P_TRANSPORT_SDR_PENALTY
        | V::LOG_LEVEL_SDR_RELAY_PINGS
        | V::SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL_INITIAL
        | V::SDR_CLIENT_CONSEC_PING_TIMEOUT_FAIL
        | V::SDR_CLIENT_MIN_PINGS_BEFORE_PING_ACCURATE
        | V::SDR_CLIENT_SINGLE_SOCKET
        | V::SDR_CLIENT_FORCE_RELAY_CLUSTER
        | V::SDR_CLIENT_DEV_TICKET
        | V::SDR_CLIENT_FORCE_PROXY_ADDR
        | V::SDR_CLIENT_FAKE_CLUSTER_PING
        | V::SDR_CLIENT_LIMIT_PING_PROBES_TO_NEAREST_N
        | V::SDR_CLIENT_ENABLE_TOS_PROBES => WITH_RELAYS,
        V::LOG_LEVEL_ACK_RTT | V::LOG_LEVEL_PACKET_DECODE | V::LOG_LEVEL_MESSAGE | V::LOG_LEVEL_PACKET_GAPS => NO_LOG,
        V::OUT_OF_ORDER_CORRECTION_WINDOW_MICROSECONDS => {
            "is not needed: packets are read as they come, and reliable messages are put in order"
        }
        V::DUAL_WIFI_ENABLE => "needs a second radio that only Steam's client drives",
        V::ENABLE_DIAGNOSTICS_UI => "belongs to the diagnostics window of Steam's client",
        _ if option.kind == OptionKind::Pointer => CALLBACK,
        _ => "is a reserved number, not an option",
    }
}

/// The row of an option that can be read, and who acts on it.
pub(crate) fn find(id: ConfigValue) -> Result<(&'static ConfigOption, Support), Error> {
    let option = config::option(id).ok_or_else(|| unknown(id))?;
    match support(option) {
        Support::Refused(why) => Err(Error::Option { option: id.0, problem: format!("{} {why}", option.name) }),
        support => Ok((option, support)),
    }
}

/// The row of an option that can be set, and who acts on it.
pub(crate) fn find_settable(id: ConfigValue) -> Result<(&'static ConfigOption, Support), Error> {
    let (option, support) = find(id)?;
    if option.access == Access::ReadOnly {
        let problem = format!("{} is read-only: it follows from other options", option.name);
        return Err(Error::Option { option: id.0, problem });
    }
    Ok((option, support))
}

/// Whether an option exists at a scope: those of connections do at every scope, global ones only globally.
pub(crate) fn check_scope(option: &'static ConfigOption, scope: ConfigScope) -> Result<(), Error> {
    if scope == ConfigScope::Global || option.scope == Some(ConfigScope::Connection) {
        return Ok(());
    }
    Err(Error::OptionScope { option: option.name, scope })
}

pub(super) fn unknown(id: ConfigValue) -> Error {
    Error::Option { option: id.0, problem: "there is no option of this number; see ConfigValue".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refused_option_says_why() {
        for option in config::OPTIONS {
            let Support::Refused(why) = support(option) else { continue };
            let reserved = option.kind == OptionKind::NotASetting;
            assert_eq!(why.contains("reserved"), reserved, "{} has no reason", option.name);
            let error = find(option.id).unwrap_err().to_string();
            assert!(error.contains(option.name) && error.contains(why), "{error}");
        }
    }

    #[test]
    fn who_acts_on_an_option_fits_its_row() {
        for option in config::OPTIONS {
            let global = option.scope == Some(ConfigScope::Global);
            match support(option) {
                Support::Connection | Support::UserData | Support::Derived => assert!(!global, "{}", option.name),
                Support::Network => assert!(global, "{}", option.name),
                Support::Refused(_) => {}
            }
        }
        let acted = config::OPTIONS.iter().filter(|option| !matches!(support(option), Support::Refused(_)));
        assert_eq!(acted.count(), 41);
    }

    #[test]
    fn global_options_are_set_globally() {
        let (loss, _) = find_settable(ConfigValue::FAKE_PACKET_LOSS_SEND).unwrap();
        assert_eq!(check_scope(loss, ConfigScope::Global), Ok(()));
        let error = check_scope(loss, ConfigScope::Connection).unwrap_err();
        assert!(error.to_string().contains("FakePacketLoss_Send"), "{error}");
        let (nagle, _) = find_settable(ConfigValue::NAGLE_TIME).unwrap();
        assert_eq!(check_scope(nagle, ConfigScope::Connection), Ok(()));
    }
}
