//! Connections in words and numbers: the records that the application gets.

use std::net::IpAddr;
use std::time::Duration;

use gamesockets_proto as proto;
use gamesockets_proto::crypto::Cipher;
use gamesockets_proto::printable::Printable;
use gamesockets_proto::routes::RouteKind;
use gamesockets_proto::{Identity, Status};
use gamesockets_schema::{ConnectionInfo, ConnectionState, InfoFlags, LaneStatus, RealTimeStatus};

use crate::driver::connection::{ConnectionCell, Guarded};
use crate::driver::engine::Engine;

/// The ping up to which a local route counts as fast (spec section 14).
const FAST_PING_MS: u32 = 5;
/// The longest debug description, bytes (spec section 14).
const DESCRIPTION_MAX: usize = 127;

/// The state as the application sees it (spec section 10.1).
pub(crate) const fn visible(state: ConnectionState) -> ConnectionState {
    match state {
        ConnectionState::FinWait | ConnectionState::Linger | ConnectionState::Dead => ConnectionState::None,
        other => other,
    }
}

/// What is known about a connection.
pub(crate) fn connection_info(cell: &ConnectionCell, guarded: &Guarded, state: ConnectionState) -> ConnectionInfo {
    let engine = &guarded.engine;
    let remote = engine.remote_address();
    let identity = engine.remote_identity();
    ConnectionInfo {
        identity: identity.and_then(Identity::steam_id).unwrap_or(0),
        user_data: cell.user_data(),
        listen_socket: cell.listen_socket().map_or(0, |socket| socket.raw()),
        remote_address: remote.map(|remote| remote.ip().to_string()).unwrap_or_default(),
        remote_pop: 0,
        pop_relay: 0,
        connection_state: state,
        end_reason: engine.end_reason(),
        end_debug: engine.end_debug().to_owned(),
        debug_description: description(guarded),
        info_flags: info_flags(engine),
        identity_string: identity.map(Identity::to_string).unwrap_or_default(),
        remote_port: remote.map_or(0, |remote| remote.port()),
    }
}

/// What kind of connection it is (spec section 14).
fn info_flags(engine: &Engine) -> InfoFlags {
    let Some(engine) = engine.udp() else {
        return InfoFlags::LOOPBACK_BUFFERS | InfoFlags::FAST;
    };
    let mut flags = InfoFlags(0);
    if !engine.is_authenticated() {
        flags |= InfoFlags::UNAUTHENTICATED;
    }
    if matches!(engine.cipher(), None | Some(Cipher::Null)) {
        flags |= InfoFlags::UNENCRYPTED;
    }
    if engine.meeting().is_some() {
        if engine.route().is_some_and(|(_, quality, _)| quality.kind == RouteKind::Relay) {
            flags |= InfoFlags::RELAYED;
        }
        return flags;
    }
    let ping_is_low = engine.ping_ms().is_none_or(|ping| ping <= FAST_PING_MS);
    let remote = engine.remote_address().ip();
    if remote.is_loopback() || ping_is_low && is_local(remote) {
        flags |= InfoFlags::FAST;
    }
    flags
}

/// Whether an address is in a private or link-local range.
const fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// `#<id> UDP <identity>@<address> '<name>'`, `#<id> P2P <identity> '<name>'` or `#<id> pipe '<name>'` (spec section 14).
fn description(guarded: &Guarded) -> String {
    let engine = &guarded.engine;
    let mut text = format!("#{} ", engine.local_connection_id());
    if let Some(remote) = engine.remote_address() {
        text.push_str("UDP ");
        match engine.remote_identity().map(Identity::to_string) {
            Some(identity) if identity != format!("ip:{remote}") && identity != "ip:::1" => {
                text.push_str(&Printable(&identity).to_string());
                text.push('@');
            }
            _ => {}
        }
        text.push_str(&remote.to_string());
    } else if engine.udp().is_some() {
        text.push_str("P2P ");
        text.push_str(&engine.remote_identity().map(Identity::to_string).unwrap_or_default());
    } else {
        text.push_str("pipe");
    }
    if !guarded.name.is_empty() {
        text.push_str(&format!(" '{}'", Printable(&guarded.name)));
    }
    text.truncate(text.floor_char_boundary(DESCRIPTION_MAX));
    text
}

/// Live figures, with -1 for what is not known.
pub(crate) fn real_time_status(status: &Status, state: ConnectionState) -> RealTimeStatus {
    let known = |value: Option<u32>| value.map_or(-1, |value| i32::try_from(value).unwrap_or(i32::MAX));
    RealTimeStatus {
        state: visible(state),
        ping: known(status.ping_ms),
        local_quality: status.local_quality.unwrap_or(-1.0),
        remote_quality: status.remote_quality.unwrap_or(-1.0),
        packets_out_per_second: status.out_packets_per_second,
        bytes_out_per_second: status.out_bytes_per_second,
        packets_in_per_second: status.in_packets_per_second,
        bytes_in_per_second: status.in_bytes_per_second,
        send_rate: i32::try_from(status.send_rate_bytes_per_second).unwrap_or(i32::MAX),
        pending_unreliable: count(status.pending_unreliable_bytes),
        pending_reliable: count(status.pending_reliable_bytes),
        sent_unacknowledged_reliable: count(status.sent_unacknowledged_reliable_bytes),
        queue_time: micros(status.queue_time),
        max_jitter: known(status.max_jitter_micros),
        remote_quality_is_estimate: status.remote_quality_is_estimate,
    }
}

/// What waits on a lane.
pub(crate) fn lane_status(status: &proto::LaneStatus) -> LaneStatus {
    LaneStatus {
        pending_unreliable: count(status.pending_unreliable_bytes),
        pending_reliable: count(status.pending_reliable_bytes),
        sent_unacknowledged_reliable: count(status.sent_unacknowledged_reliable_bytes),
        queue_time: micros(status.queue_time),
    }
}

fn count(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn micros(value: Duration) -> i64 {
    i64::try_from(value.as_micros()).unwrap_or(i64::MAX)
}
