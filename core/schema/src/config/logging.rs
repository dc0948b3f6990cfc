//! Options for the log.

options! {
    /// Detail of the log about acknowledgements and round trip times.
    LOG_LEVEL_ACK_RTT = 13, "LogLevel_AckRTT", "NETWORKING_CONFIG_LOG_LEVEL_ACK_RTT",
        Int32(4, 2..=8), Connection, Plain, Listed, Yes;
    /// Detail of the log about the content of packets.
    LOG_LEVEL_PACKET_DECODE = 14, "LogLevel_PacketDecode", "NETWORKING_CONFIG_LOG_LEVEL_PACKET_DECODE",
        Int32(4, 2..=8), Connection, Plain, Listed, Yes;
    /// Detail of the log about messages.
    LOG_LEVEL_MESSAGE = 15, "LogLevel_Message", "NETWORKING_CONFIG_LOG_LEVEL_MESSAGE",
        Int32(4, 2..=8), Connection, Plain, Listed, Yes;
    /// Detail of the log about lost packets.
    LOG_LEVEL_PACKET_GAPS = 16, "LogLevel_PacketGaps", "NETWORKING_CONFIG_LOG_LEVEL_PACKET_GAPS",
        Int32(4, 2..=8), Connection, Plain, Listed, Yes;
    /// Detail of the log about the rendezvous of peers.
    LOG_LEVEL_P2P_RENDEZVOUS = 17, "LogLevel_P2PRendezvous", "NETWORKING_CONFIG_LOG_LEVEL_P2P_RENDEZVOUS",
        Int32(4, 2..=8), Connection, Plain, Listed, Yes;
    /// Detail of the log about pings to relays.
    LOG_LEVEL_SDR_RELAY_PINGS = 18, "LogLevel_SDRRelayPings", "NETWORKING_CONFIG_LOG_LEVEL_SRD_RELAY_PINGS" as "NETWORKING_CONFIG_LOG_LEVEL_SDR_RELAY_PINGS",
        Int32(?), Global, Plain, Listed, No;
    /// How much of each packet is logged. -1: nothing. 0: the headers. More: that many bytes of the content.
    PACKET_TRACE_MAX_BYTES = 41, "PacketTraceMaxBytes", "NETWORKING_CONFIG_PACKET_TRACE_MAX_BYTES",
        Int32(-1, -1..=99_999), Global, Bytes, Listed, Yes;
    /// 1: show the connection in the diagnostics of the platform.
    ENABLE_DIAGNOSTICS_UI = 46, "EnableDiagnosticsUI", "NETWORKING_CONFIG_ENABLE_DIAGNOSTICS_UI",
        Int32(1, 0..=1), Connection, Plain, Listed, No;
}
