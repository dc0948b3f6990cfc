//! Options that make the network worse, to test with.

options! {
    /// Share of outgoing packets that are dropped, to test with.
    FAKE_PACKET_LOSS_SEND = 2, "FakePacketLoss_Send", "NETWORKING_CONFIG_FAKE_PACKET_LOSS_SEND",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Share of incoming packets that are dropped, to test with.
    FAKE_PACKET_LOSS_RECV = 3, "FakePacketLoss_Recv", "NETWORKING_CONFIG_FAKE_PACKET_LOSS_RECV",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Delay added to every outgoing packet, to test with.
    FAKE_PACKET_LAG_SEND = 4, "FakePacketLag_Send", "NETWORKING_CONFIG_FAKE_PACKET_LAG_SEND",
        Int32(0, 0..=5000), Global, Milliseconds, Listed, Yes;
    /// Delay added to every incoming packet, to test with.
    FAKE_PACKET_LAG_RECV = 5, "FakePacketLag_Recv", "NETWORKING_CONFIG_FAKE_PACKET_LAG_RECV",
        Int32(0, 0..=5000), Global, Milliseconds, Listed, Yes;
    /// Share of outgoing packets that are delayed, so that others overtake them.
    FAKE_PACKET_REORDER_SEND = 6, "FakePacketReorder_Send", "NETWORKING_CONFIG_FAKE_PACKET_REORDER_SEND",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Share of incoming packets that are delayed, so that others overtake them.
    FAKE_PACKET_REORDER_RECV = 7, "FakePacketReorder_Recv", "NETWORKING_CONFIG_FAKE_PACKET_REORDER_RECV",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Further delay of the packets that are to be overtaken.
    FAKE_PACKET_REORDER_TIME = 8, "FakePacketReorder_Time", "NETWORKING_CONFIG_FAKE_PACKET_REORDER_TIME",
        Int32(15, 0..=5000), Global, Milliseconds, Listed, Yes;
    /// Share of outgoing packets that are sent twice, to test with.
    FAKE_PACKET_DUP_SEND = 26, "FakePacketDup_Send", "NETWORKING_CONFIG_FAKE_PACKET_DUP_SEND",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Share of incoming packets that are delivered twice, to test with.
    FAKE_PACKET_DUP_RECV = 27, "FakePacketDup_Recv", "NETWORKING_CONFIG_FAKE_PACKET_DUP_REVC" as "NETWORKING_CONFIG_FAKE_PACKET_DUP_RECV",
        Float(0.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Largest delay of the second copy.
    FAKE_PACKET_DUP_TIME_MAX = 28, "FakePacketDup_TimeMax", "NETWORKING_CONFIG_FAKE_PACKET_DUP_TIME_MAX",
        Int32(10, 0..=5000), Global, Milliseconds, Listed, Yes;
    /// Rate limit for outgoing packets, to test with; 0 for none.
    FAKE_RATE_LIMIT_SEND_RATE = 42, "FakeRateLimit_Send_Rate", "NETWORKING_CONFIG_FAKE_RATE_LIMIT_SEND_RATE",
        Int32(0, 0..=1_073_741_824), Global, BytesPerSecond, Listed, Yes;
    /// How many bytes may go out at once under that limit.
    FAKE_RATE_LIMIT_SEND_BURST = 43, "FakeRateLimit_Send_Burst", "NETWORKING_CONFIG_FAKE_RATE_LIMIT_SEND_BURST",
        Int32(16_384, 0..=1_048_576), Global, Bytes, Listed, Yes;
    /// Rate limit for incoming packets, to test with; 0 for none.
    FAKE_RATE_LIMIT_RECV_RATE = 44, "FakeRateLimit_Recv_Rate", "NETWORKING_CONFIG_FAKE_RATE_LIMIT_RECV_RATE",
        Int32(0, 0..=1_073_741_824), Global, BytesPerSecond, Listed, Yes;
    /// How many bytes may come in at once under that limit.
    FAKE_RATE_LIMIT_RECV_BURST = 45, "FakeRateLimit_Recv_Burst", "NETWORKING_CONFIG_FAKE_RATE_LIMIT_RECV_BURST",
        Int32(16_384, 0..=1_048_576), Global, Bytes, Listed, Yes;
    /// Mean of a random delay added to outgoing packets, to test with.
    FAKE_PACKET_JITTER_SEND_AVG = 53, "FakePacketJitter_Send_Avg", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_SEND_AVG",
        Float(0.0, 0.0..=2000.0), Global, Milliseconds, Listed, Yes;
    /// Largest random delay of outgoing packets.
    FAKE_PACKET_JITTER_SEND_MAX = 54, "FakePacketJitter_Send_Max", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_SEND_MAX",
        Float(100.0, 0.0..=5000.0), Global, Milliseconds, Listed, Yes;
    /// Share of outgoing packets that are delayed at random.
    FAKE_PACKET_JITTER_SEND_PCT = 55, "FakePacketJitter_Send_Pct", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_SEND_PCT",
        Float(75.0, 0.0..=100.0), Global, Percent, Listed, Yes;
    /// Mean of a random delay added to incoming packets, to test with.
    FAKE_PACKET_JITTER_RECV_AVG = 56, "FakePacketJitter_Recv_Avg", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_RECV_AVG",
        Float(0.0, 0.0..=2000.0), Global, Milliseconds, Listed, Yes;
    /// Largest random delay of incoming packets.
    FAKE_PACKET_JITTER_RECV_MAX = 57, "FakePacketJitter_Recv_Max", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_RECV_MAX",
        Float(100.0, 0.0..=5000.0), Global, Milliseconds, Listed, Yes;
    /// Share of incoming packets that are delayed at random.
    FAKE_PACKET_JITTER_RECV_PCT = 58, "FakePacketJitter_Recv_Pct", "NETWORKING_CONFIG_FAKE_PACKET_JITTER_RECV_PCT",
        Float(75.0, 0.0..=100.0), Global, Percent, Listed, Yes;
}
