//! Options for buffers, rates, packets and timeouts.

options! {
    /// No option; starts and ends an enumeration.
    INVALID = 0, "Invalid", "NETWORKING_CONFIG_INVALID",
        NotASetting, -, Plain, Hidden, No;
    /// Data that may wait to be sent on a connection; beyond it, sends fail with `LimitExceeded`.
    SEND_BUFFER_SIZE = 9, "SendBufferSize", "NETWORKING_CONFIG_SEND_BUFFER_SIZE",
        Int32(524_288, 4096..=268_435_456), Connection, Bytes, Listed, Yes;
    /// Lower bound of the send rate. The rate adapts to the path between both bounds; GNS's default is 262144 for both.
    SEND_RATE_MIN = 10, "SendRateMin", "NETWORKING_CONFIG_SEND_RATE_MIN",
        Int32(16_384, 1024..=2_147_483_647), Connection, BytesPerSecond, Listed, Yes;
    /// Upper bound of the send rate; equal to the lower one, it is a fixed rate, as GNS's always is (at most 104857600
    /// there).
    SEND_RATE_MAX = 11, "SendRateMax", "NETWORKING_CONFIG_SEND_RATE_MAX",
        Int32(2_147_483_647, 1024..=2_147_483_647), Connection, BytesPerSecond, Listed, Yes;
    /// How long a small message may wait for others to share a packet with.
    NAGLE_TIME = 12, "NagleTime", "NETWORKING_CONFIG_NAGLE_TIME",
        Int32(5000, 0..=20_000), Connection, Microseconds, Listed, Yes;
    /// How long the first answer of a peer is waited for.
    TIMEOUT_INITIAL = 24, "TimeoutInitial", "NETWORKING_CONFIG_TIMEOUT_INITIAL",
        Int32(10_000, 0..=2_147_483_647), Connection, Milliseconds, Listed, Yes;
    /// How long an established connection may be silent before it fails.
    TIMEOUT_CONNECTED = 25, "TimeoutConnected", "NETWORKING_CONFIG_TIMEOUT_CONNECTED",
        Int32(10_000, 0..=2_147_483_647), Connection, Milliseconds, Listed, Yes;
    /// Largest UDP payload that is sent. Above 1300 (as far as Valve's library goes) only to a peer of ours, and as far as
    /// the path is found to carry it.
    MTU_PACKET_SIZE = 32, "MTU_PacketSize", "NETWORKING_CONFIG_MTU_PACKET_SIZE",
        Int32(1300, 200..=1472), Connection, Bytes, Listed, Yes;
    /// Largest message that fits into one packet; follows from `MTU_PacketSize`.
    MTU_DATA_SIZE = 33, "MTU_DataSize", "NETWORKING_CONFIG_MTU_DATA_SIZE",
        Int32(1200, 100..=1372), Connection, Bytes, ReadOnly, Yes;
    /// A retired number; not to be used again.
    DELETED_ENUMERATE_DEV_VARS = 35, "DELETED_EnumerateDevVars", "",
        NotASetting, -, Plain, Hidden, No;
    /// The virtual port of outgoing symmetric connections; -1 for none.
    LOCAL_VIRTUAL_PORT = 38, "LocalVirtualPort", "NETWORKING_CONFIG_LOCAL_VIRTUAL_PORT",
        Int32(-1, -1..=2_147_483_647), Connection, Plain, Hidden, Yes;
    /// 1: two peers that connect to each other at the same time get one connection.
    SYMMETRIC_CONNECT = 37, "SymmetricConnect", "NETWORKING_CONFIG_SYMMETRIC_CONNECT",
        Int32(0, 0..=1), Connection, Plain, Hidden, Yes;
    /// The number attached to a connection, given while creating it; -1 when none.
    CONNECTION_USER_DATA = 40, "ConnectionUserData", "NETWORKING_CONFIG_CONNECTION_USER_DATA",
        Int64(-1, -9_223_372_036_854_775_808..=9_223_372_036_854_775_807), Connection, Plain, Hidden, Yes;
    /// Received data that may wait to be read; has to exceed the largest message.
    RECV_BUFFER_SIZE = 47, "RecvBufferSize", "NETWORKING_CONFIG_RECV_BUFFER_SIZE",
        Int32(1_048_576, 4096..=268_435_456), Connection, Bytes, Listed, Yes;
    /// Received messages that may wait to be read.
    RECV_BUFFER_MESSAGES = 48, "RecvBufferMessages", "NETWORKING_CONFIG_RECV_BUFFER_MESSAGES",
        Int32(1000, 2..=268_435_456), Connection, Count, Listed, Yes;
    /// Largest message that is accepted; a larger one ends the connection.
    RECV_MAX_MESSAGE_SIZE = 49, "RecvMaxMessageSize", "NETWORKING_CONFIG_RECV_MAX_MESSAGE_SIZE",
        Int32(524_288, 64..=268_435_456), Connection, Bytes, Listed, Yes;
    /// Pieces of messages that are accepted in one packet; a small number hardens a server that only uses unreliable
    /// messages.
    RECV_MAX_SEGMENTS_PER_PACKET = 50, "RecvMaxSegmentsPerPacket", "NETWORKING_CONFIG_RECV_MAX_SEGMENTS_PER_PACKET",
        Int32(1300, 1..=1300), Connection, Count, Listed, Yes;
    /// How long a packet that overtook another waits for it.
    OUT_OF_ORDER_CORRECTION_WINDOW_MICROSECONDS = 51, "OutOfOrderCorrectionWindowMicroseconds", "NETWORKING_CONFIG_OUT_OF_ORDER_CORRECTION_WINDOW_MICROSECONDS",
        Int32(1000, 0..=50_000), Global, Microseconds, Listed, Yes;
    /// Tell the peer the time since the previous packet, so that it can measure jitter. -1: by the kind of
    /// connection. 0: no. 1: yes.
    SEND_TIME_SINCE_PREVIOUS_PACKET = 59, "SendTimeSincePreviousPacket", "NETWORKING_CONFIG_SEND_TIME_SINCE_PREVIOUS_PACKET",
        Int32(-1, -1..=1), Connection, Plain, Listed, Yes;
    /// How long a connection that was closed with linger may take to deliver its reliable messages; what is not delivered
    /// by then is dropped. GNS knows no such end.
    LINGER_TIME = 10_001, "LingerTime", "NETWORKING_CONFIG_LINGER_TIME",
        Int32(10_000, 0..=2_147_483_647), Connection, Milliseconds, Listed, Ours;
    /// Marking of packets for explicit congestion notification. -1: automatic. 0 to 2: this mark.
    ECN = 999, "ECN", "NETWORKING_CONFIG_ECN",
        Int32(-1, -1..=2), Global, Plain, Listed, WithEcn;
}
