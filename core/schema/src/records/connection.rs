//! What a connection tells about itself, and the messages it delivers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::enums::{ConnectionEnd, ConnectionState};
use crate::field::Bytes;
use crate::flags::{InfoFlags, SendFlags};

record! {
    /// What is known about a connection: the peer, the state, why it ended.
    struct ConnectionInfo {
        /// The peer's SteamID64; 0 when its identity is of another kind.
        identity: u64, Plain;
        /// The number that the application attached; -1 when none.
        user_data: i64, Plain;
        /// The listen socket that the connection came in by; 0 for a connection started here.
        listen_socket: u32, Plain;
        /// The peer's address, without port; empty when it is not known.
        remote_address: String, Plain;
        /// The data centre the peer is near to; 0 when unknown.
        remote_pop: u32, Plain;
        /// The data centre of the relay in use; 0 without a relay.
        pop_relay: u32, Plain;
        /// The state.
        connection_state: ConnectionState, Plain;
        /// Why the connection ended; 0 while it has not.
        end_reason: ConnectionEnd, Plain;
        /// The text that goes with the reason, for logs; at most 127 bytes.
        end_debug: String, Plain;
        /// The connection in words, for logs; at most 127 bytes.
        debug_description: String, Plain;
        /// What kind of connection it is.
        info_flags: InfoFlags, Plain;
        /// The peer's identity in full, of whatever kind, as text.
        identity_string: String, Plain, extra;
        /// The peer's UDP port; 0 when it is not known.
        remote_port: u16, Plain, extra;
    }
}

record! {
    /// How a connection is doing right now.
    struct RealTimeStatus {
        /// The state.
        state: ConnectionState, Plain;
        /// The smoothed round trip time; -1 when unknown.
        ping: i32, Milliseconds;
        /// The share of packets that arrive here, in order; -1 when unknown.
        local_quality: f32, Ratio;
        /// The same, as the peer measures it; until it has told (16 to 20 seconds), as our acknowledgements tell, see
        /// `remote_quality_is_estimate`; -1 when unknown.
        remote_quality: f32, Ratio;
        /// Packets sent.
        packets_out_per_second: f32, PacketsPerSecond;
        /// Bytes sent.
        bytes_out_per_second: f32, BytesPerSecond;
        /// Packets received.
        packets_in_per_second: f32, PacketsPerSecond;
        /// Bytes received.
        bytes_in_per_second: f32, BytesPerSecond;
        /// The rate at which data may be sent, by the estimate of the path.
        send_rate: i32, BytesPerSecond;
        /// Unreliable data that waits to be sent.
        pending_unreliable: i32, Bytes;
        /// Reliable data that waits to be sent, including what has to be sent again.
        pending_reliable: i32, Bytes;
        /// Reliable data that is on its way and not yet acknowledged.
        sent_unacknowledged_reliable: i32, Bytes;
        /// How long a message queued now would wait before its first byte is sent.
        queue_time: i64, Microseconds;
        /// The largest jitter of the last seconds; -1 when unknown.
        max_jitter: i32, Microseconds, extra;
        /// Whether `remote_quality` is an estimate of this side, from acknowledgements: the peer has told nothing yet.
        remote_quality_is_estimate: bool, Plain, extra;
    }
}

record! {
    /// How one lane of a connection is doing right now.
    struct LaneStatus {
        /// Unreliable data that waits to be sent.
        pending_unreliable: i32, Bytes;
        /// Reliable data that waits to be sent, including what has to be sent again.
        pending_reliable: i32, Bytes;
        /// Reliable data that is on its way and not yet acknowledged.
        sent_unacknowledged_reliable: i32, Bytes;
        /// How long a message queued now on this lane would wait before its first byte is sent.
        queue_time: i64, Microseconds;
    }
}

record! {
    /// The figures of a connection over its whole life. GodotSteam has none of them.
    struct LifetimeStatistics {
        /// How long it has been connected.
        connected_seconds: u32, Seconds, extra;
        /// Datagrams sent, of any kind.
        packets_sent: u64, Count, extra;
        /// What was sent.
        bytes_sent: u64, Bytes, extra;
        /// Datagrams received, of any kind.
        packets_received: u64, Count, extra;
        /// What was received.
        bytes_received: u64, Bytes, extra;
        /// Data packets received.
        packets_sequenced: u64, Count, extra;
        /// Data packets that never came.
        packets_dropped: u64, Count, extra;
        /// Data packets that were overtaken by others.
        packets_out_of_order: u64, Count, extra;
        /// Data packets that came twice.
        packets_duplicate: u64, Count, extra;
        /// Data packets with numbers too far off to be used.
        packets_lurch: u64, Count, extra;
        /// Round trips of up to 25, 50, 75, 100, 125, 150, 200 and 300 ms, and longer ones.
        ping_counts: Vec<u32>, Count, extra;
        /// The 5th, 50th, 75th, 95th and 98th percentile of the round trips; -1 with too few of them.
        ping_percentiles: Vec<i32>, Milliseconds, extra;
        /// Intervals of 5 s with a quality of 100 %, and of at least 99, 97, 95, 90, 75, 50 and 1 %, and dead ones.
        quality_counts: Vec<u32>, Count, extra;
        /// The 2nd, 5th, 25th and 50th percentile of the quality; -1 with too few intervals.
        quality_percentiles: Vec<i32>, Percent, extra;
        /// Gaps between packets that changed on the way by less than 1, 2, 5, 10 and 20 ms, and by more.
        jitter_counts: Vec<u32>, Count, extra;
    }
}

record! {
    /// A message that was received.
    table MessageRecord {
        /// The content.
        payload: Bytes, Plain;
        /// Its length.
        size: u32, Bytes;
        /// The connection it came by.
        connection: u32, Plain;
        /// The sender's SteamID64; 0 when its identity is of another kind.
        identity: u64, Plain;
        /// The number that the application attached to the connection; -1 when none.
        receiver_user_data: i64, Plain;
        /// When it arrived, on the clock of `getLocalTimestamp`.
        time_received: i64, Microseconds;
        /// The number the sender gave it, counted per lane.
        message_number: i64, Plain;
        /// Whether it was sent reliably; no other bit is meaningful.
        flags: SendFlags, Plain;
        /// The lane it came by.
        lane: u16, Plain, extra;
    }
}
