//! What can be set on a connection, resolved: plain numbers, already in range.

use core::time::Duration;

/// The settings of one connection. The rows behind them (ids, scopes, ranges, defaults) stand in the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionConfig {
    /// Bytes that may wait to be sent before `send` answers `LimitExceeded`.
    pub send_buffer_size_bytes: u32,
    /// Lower bound of the send rate, bytes per second.
    pub send_rate_min: u32,
    /// Upper bound of the send rate, bytes per second. Equal to the lower one: a fixed rate.
    pub send_rate_max: u32,
    /// How long a small message may wait for company.
    pub nagle_time: Duration,
    /// How long a connection may stay in Connecting.
    pub timeout_initial: Duration,
    /// How long a silent peer is waited for.
    pub timeout_connected: Duration,
    /// Largest UDP payload we send, bytes.
    pub mtu_packet_size: u16,
    /// 0: encrypt always, 1: allow plaintext, 2: prefer plaintext, 3: plaintext only (spec section 6.4).
    pub unencrypted: u8,
    /// 0: require authentication, 1: allow without but complain, 2: allow (spec section 5.7).
    pub ip_allow_without_auth: u8,
    /// The same for peers on this machine; the larger of both counts.
    pub ip_local_host_allow_without_auth: u8,
    /// Bytes of messages that may wait to be read.
    pub recv_buffer_size_bytes: u32,
    /// Messages that may wait to be read.
    pub recv_buffer_messages: u32,
    /// Largest message accepted from the peer, bytes.
    pub recv_max_message_size_bytes: u32,
    /// Segments accepted in one packet.
    pub recv_max_segments_per_packet: u32,
    /// 1: send the time since the previous packet (spec section 1.5).
    pub send_time_since_previous_packet: i8,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            send_buffer_size_bytes: 524_288,
            send_rate_min: 262_144,
            send_rate_max: 262_144,
            nagle_time: Duration::from_micros(5_000),
            timeout_initial: Duration::from_millis(10_000),
            timeout_connected: Duration::from_millis(10_000),
            mtu_packet_size: 1_300,
            unencrypted: 0,
            ip_allow_without_auth: 2,
            ip_local_host_allow_without_auth: 2,
            recv_buffer_size_bytes: 1_048_576,
            recv_buffer_messages: 1_000,
            recv_max_message_size_bytes: 524_288,
            recv_max_segments_per_packet: 1_300,
            send_time_since_previous_packet: -1,
        }
    }
}
