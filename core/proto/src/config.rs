//! What can be set on a connection, resolved: plain numbers, already in range.

use core::time::Duration;

use gamesockets_schema::config::{self, NumberOption};

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
    /// How long a connection that was closed with linger may take to deliver.
    pub linger_time: Duration,
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
    /// The defaults of the schema's rows.
    fn default() -> Self {
        let micros = |option: NumberOption<i32>| Duration::from_micros(option.default.unsigned_abs().into());
        let millis = |option: NumberOption<i32>| Duration::from_millis(option.default.unsigned_abs().into());
        let count = |option: NumberOption<i32>| option.default.unsigned_abs();
        Self {
            send_buffer_size_bytes: count(config::SEND_BUFFER_SIZE),
            send_rate_min: count(config::SEND_RATE_MIN),
            send_rate_max: count(config::SEND_RATE_MAX),
            nagle_time: micros(config::NAGLE_TIME),
            timeout_initial: millis(config::TIMEOUT_INITIAL),
            timeout_connected: millis(config::TIMEOUT_CONNECTED),
            linger_time: millis(config::LINGER_TIME),
            mtu_packet_size: config::MTU_PACKET_SIZE.default as u16,
            unencrypted: config::UNENCRYPTED.default as u8,
            ip_allow_without_auth: config::IP_ALLOW_WITHOUT_AUTH.default as u8,
            ip_local_host_allow_without_auth: config::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH.default as u8,
            recv_buffer_size_bytes: count(config::RECV_BUFFER_SIZE),
            recv_buffer_messages: count(config::RECV_BUFFER_MESSAGES),
            recv_max_message_size_bytes: count(config::RECV_MAX_MESSAGE_SIZE),
            recv_max_segments_per_packet: count(config::RECV_MAX_SEGMENTS_PER_PACKET),
            send_time_since_previous_packet: config::SEND_TIME_SINCE_PREVIOUS_PACKET.default as i8,
        }
    }
}
