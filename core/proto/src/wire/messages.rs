//! The protobuf messages (spec section 2), derived by hand so that no protoc is needed.
//!
//! All are proto2 with every field optional; unknown fields are ignored. A field that is missing is `None`: what a missing
//! field means is the business of whoever reads the message. Enumerations are plain numbers so that a number from the
//! future survives decoding. Text that GNS never examines is `Bytes`, since text that is not UTF-8 must not cost the
//! whole message.

use bytes::Bytes;

/// An identity in its older form, read only when the string form is absent (spec section 2.1).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct IdentityLegacyBinary {
    /// Opaque bytes, 1 to 32.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub generic_bytes: Option<Bytes>,
    /// Text, in any encoding.
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub generic_string: Option<Bytes>,
    /// 18 bytes: IPv6 address (IPv4 is mapped), then the port in **big-endian** order.
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub ipv6_and_port: Option<Bytes>,
    /// A SteamID.
    #[prost(fixed64, optional, tag = "16")]
    pub steam_id: Option<u64>,
}

/// Who owns a public key. Travels serialised inside [`CertificateSigned`] (spec section 2.2).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct Certificate {
    /// 1 = Ed25519.
    #[prost(int32, optional, tag = "1")]
    pub key_type: Option<i32>,
    /// The public key: 32 bytes.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub key_data: Option<Bytes>,
    /// A SteamID.
    #[prost(fixed64, optional, tag = "4")]
    pub legacy_steam_id: Option<u64>,
    /// Only meaningful when signed by a CA.
    #[prost(fixed32, repeated, packed = "false", tag = "5")]
    pub gameserver_datacenter_ids: Vec<u32>,
    /// Unix seconds.
    #[prost(fixed32, optional, tag = "8")]
    pub time_created: Option<u32>,
    /// Unix seconds.
    #[prost(fixed32, optional, tag = "9")]
    pub time_expiry: Option<u32>,
    /// The apps it is good for; 0 in the open-source library.
    #[prost(uint32, repeated, packed = "false", tag = "10")]
    pub app_ids: Vec<u32>,
    /// The identity in its older form.
    #[prost(message, optional, tag = "11")]
    pub legacy_identity_binary: Option<IdentityLegacyBinary>,
    /// The identity in its printed form (spec section 4).
    #[prost(string, optional, tag = "12")]
    pub identity_string: Option<String>,
    /// Texts; carried, never checked.
    #[prost(bytes = "bytes", repeated, tag = "13")]
    pub ip_addresses: Vec<Bytes>,
}

/// A serialised [`Certificate`], signed by a CA or not at all (spec section 2.3).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct CertificateSigned {
    /// Never sent: only in local files.
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub private_key_data: Option<Bytes>,
    /// The [`Certificate`], byte-exact: this is what is signed and hashed.
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub cert: Option<Bytes>,
    /// Which CA signed it.
    #[prost(fixed64, optional, tag = "5")]
    pub ca_key_id: Option<u64>,
    /// Ed25519 over `cert`: 64 bytes.
    #[prost(bytes = "bytes", optional, tag = "6")]
    pub ca_signature: Option<Bytes>,
}

/// What a CA is asked to sign (wire-p2p section 7.1).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct CertificateRequest {
    /// Key and identity of who asks; the CA adds the rest.
    #[prost(message, optional, tag = "1")]
    pub cert: Option<Certificate>,
}

/// One end's share of the key exchange. Travels serialised inside [`SessionCryptInfoSigned`] (spec section 2.4).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SessionCryptInfo {
    /// 1 = Curve25519.
    #[prost(int32, optional, tag = "1")]
    pub key_type: Option<i32>,
    /// The X25519 public key: 32 bytes.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub key_data: Option<Bytes>,
    /// Missing counts as 0.
    #[prost(fixed64, optional, tag = "3")]
    pub nonce: Option<u64>,
    /// The sender's protocol version.
    #[prost(uint32, optional, tag = "4")]
    pub protocol_version: Option<u32>,
    /// 1 = none, 2 = AES-256-GCM. Unknown numbers stay in the list; GNS drops them (spec section 2.4).
    #[prost(int32, repeated, packed = "false", tag = "5")]
    pub ciphers: Vec<i32>,
    /// Ours, unknown to GNS: the set of [`Extensions`](super::Extensions) the sender understands.
    #[prost(uint32, optional, tag = "27015")]
    pub gamesockets_extensions: Option<u32>,
    /// Ours: how many reliable messages the sender takes before it says more.
    #[prost(uint64, optional, tag = "27016")]
    pub gamesockets_window_messages: Option<u64>,
    /// Ours: how many bytes of them.
    #[prost(uint64, optional, tag = "27017")]
    pub gamesockets_window_bytes: Option<u64>,
}

/// A serialised [`SessionCryptInfo`], signed with the key in the certificate (spec section 2.5).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct SessionCryptInfoSigned {
    /// The [`SessionCryptInfo`], byte-exact: this is what is signed and hashed.
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub info: Option<Bytes>,
    /// Ed25519 over `info`: 64 bytes.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub signature: Option<Bytes>,
}

/// Client to server: may I connect? (Spec section 2.6.)
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ChallengeRequest {
    /// The client's connection ID, not 0.
    #[prost(fixed32, optional, tag = "1")]
    pub connection_id: Option<u32>,
    /// Opaque to the server, which echoes it.
    #[prost(fixed64, optional, tag = "3")]
    pub my_timestamp: Option<u64>,
    /// The sender's protocol version.
    #[prost(uint32, optional, tag = "4")]
    pub protocol_version: Option<u32>,
}

/// Server to client: come back with this, so that I see the address is yours (spec section 2.7).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ChallengeReply {
    /// The client's connection ID.
    #[prost(fixed32, optional, tag = "1")]
    pub connection_id: Option<u32>,
    /// Opaque to the client.
    #[prost(fixed64, optional, tag = "2")]
    pub challenge: Option<u64>,
    /// Echo of `my_timestamp`.
    #[prost(fixed64, optional, tag = "3")]
    pub your_timestamp: Option<u64>,
    /// The sender's protocol version.
    #[prost(uint32, optional, tag = "4")]
    pub protocol_version: Option<u32>,
}

/// Client to server: connect me (spec section 2.8).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ConnectRequest {
    /// Not 0.
    #[prost(fixed32, optional, tag = "1")]
    pub client_connection_id: Option<u32>,
    /// From the [`ChallengeReply`].
    #[prost(fixed64, optional, tag = "2")]
    pub challenge: Option<u64>,
    /// Only for SteamID identities.
    #[prost(fixed64, optional, tag = "3")]
    pub legacy_client_steam_id: Option<u64>,
    /// The sender's certificate.
    #[prost(message, optional, tag = "4")]
    pub cert: Option<CertificateSigned>,
    /// Opaque to the server, which echoes it.
    #[prost(fixed64, optional, tag = "5")]
    pub my_timestamp: Option<u64>,
    /// Round-trip time of the challenge in ms; used when at most 1500.
    #[prost(uint32, optional, tag = "6")]
    pub ping_est_ms: Option<u32>,
    /// The sender's share of the key exchange.
    #[prost(message, optional, tag = "7")]
    pub crypt: Option<SessionCryptInfoSigned>,
    /// Ignored.
    #[prost(uint32, optional, tag = "8")]
    pub legacy_protocol_version: Option<u32>,
    /// Only if the certificate has no identity.
    #[prost(message, optional, tag = "9")]
    pub legacy_identity_binary: Option<IdentityLegacyBinary>,
    /// Only if the certificate has no identity.
    #[prost(string, optional, tag = "10")]
    pub identity_string: Option<String>,
}

/// Server to client: accepted (spec section 2.9).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ConnectOk {
    /// Must be the client's.
    #[prost(fixed32, optional, tag = "1")]
    pub client_connection_id: Option<u32>,
    /// Only for SteamID identities.
    #[prost(fixed64, optional, tag = "2")]
    pub legacy_server_steam_id: Option<u64>,
    /// Echo of `my_timestamp` of the [`ConnectRequest`].
    #[prost(fixed64, optional, tag = "3")]
    pub your_timestamp: Option<u64>,
    /// Microseconds between receiving the request and sending this.
    #[prost(uint32, optional, tag = "4")]
    pub delay_time_usec: Option<u32>,
    /// Its low 16 bits are not 0.
    #[prost(fixed32, optional, tag = "5")]
    pub server_connection_id: Option<u32>,
    /// Names exactly one cipher.
    #[prost(message, optional, tag = "7")]
    pub crypt: Option<SessionCryptInfoSigned>,
    /// The sender's certificate.
    #[prost(message, optional, tag = "8")]
    pub cert: Option<CertificateSigned>,
    /// The identity in its older form.
    #[prost(message, optional, tag = "10")]
    pub legacy_identity_binary: Option<IdentityLegacyBinary>,
    /// Only if the certificate has no identity.
    #[prost(string, optional, tag = "11")]
    pub identity_string: Option<String>,
}

/// Either way: the connection is closed (spec section 2.10).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ConnectionClosed {
    /// Text for humans; the first 127 bytes count.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub debug: Option<Bytes>,
    /// Spec section 10.5; may be any number.
    #[prost(uint32, optional, tag = "3")]
    pub reason_code: Option<u32>,
    /// The receiver's connection ID, if known.
    #[prost(fixed32, optional, tag = "4")]
    pub to_connection_id: Option<u32>,
    /// The sender's connection ID.
    #[prost(fixed32, optional, tag = "5")]
    pub from_connection_id: Option<u32>,
}

/// Either way: what you are talking to does not exist (spec section 2.11).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct NoConnection {
    /// The connection ID of this packet's sender that the peer tried to use.
    #[prost(fixed32, optional, tag = "2")]
    pub from_connection_id: Option<u32>,
    /// The receiver's connection ID.
    #[prost(fixed32, optional, tag = "3")]
    pub to_connection_id: Option<u32>,
}

/// Statistics and requests for an answer, in the header of a data packet (spec section 2.12).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct InlineStats {
    /// The statistics.
    #[prost(message, optional, tag = "1")]
    pub stats: Option<ConnectionQuality>,
    /// 2 = acknowledge, 4 = at once, 16 = not the primary transport. With `stats`, 2 is implied.
    #[prost(uint32, optional, tag = "3")]
    pub flags: Option<u32>,
}

/// How the sender sees the connection (spec section 2.13).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct ConnectionQuality {
    /// The last few seconds.
    #[prost(message, optional, tag = "1")]
    pub instantaneous: Option<LinkInstantaneousStats>,
    /// Everything since the start.
    #[prost(message, optional, tag = "2")]
    pub lifetime: Option<LinkLifetimeStats>,
}

/// The last few seconds (spec section 2.14).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LinkInstantaneousStats {
    /// Ten times the packets sent per second.
    #[prost(uint32, optional, tag = "1")]
    pub out_packets_per_sec_x10: Option<u32>,
    /// UDP payload.
    #[prost(uint32, optional, tag = "2")]
    pub out_bytes_per_sec: Option<u32>,
    /// Ten times the packets received per second.
    #[prost(uint32, optional, tag = "3")]
    pub in_packets_per_sec_x10: Option<u32>,
    /// UDP payload.
    #[prost(uint32, optional, tag = "4")]
    pub in_bytes_per_sec: Option<u32>,
    /// Smoothed; missing if unknown.
    #[prost(uint32, optional, tag = "5")]
    pub ping_ms: Option<u32>,
    /// 0 to 100; sent together with the next or not at all.
    #[prost(uint32, optional, tag = "6")]
    pub packets_dropped_pct: Option<u32>,
    /// 0 to 100; sent together with the one before or not at all.
    #[prost(uint32, optional, tag = "7")]
    pub packets_weird_sequence_pct: Option<u32>,
    /// Microseconds; missing if unknown.
    #[prost(uint32, optional, tag = "8")]
    pub peak_jitter_usec: Option<u32>,
}

/// The whole life of the connection (spec section 2.15).
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct LinkLifetimeStats {
    /// How long the connection has lived.
    #[prost(uint32, optional, tag = "2")]
    pub connected_seconds: Option<u32>,
    /// Data packets sent.
    #[prost(uint64, optional, tag = "3")]
    pub packets_sent: Option<u64>,
    /// KiB, rounded.
    #[prost(uint64, optional, tag = "4")]
    pub kb_sent: Option<u64>,
    /// Data packets received.
    #[prost(uint64, optional, tag = "5")]
    pub packets_recv: Option<u64>,
    /// KiB, rounded.
    #[prost(uint64, optional, tag = "6")]
    pub kb_recv: Option<u64>,
    /// Packets received with a sequence number.
    #[prost(uint64, optional, tag = "7")]
    pub packets_recv_sequenced: Option<u64>,
    /// Sequence numbers that never arrived.
    #[prost(uint64, optional, tag = "8")]
    pub packets_recv_dropped: Option<u64>,
    /// Packets that came late.
    #[prost(uint64, optional, tag = "9")]
    pub packets_recv_out_of_order: Option<u64>,
    /// Packets that came twice.
    #[prost(uint64, optional, tag = "10")]
    pub packets_recv_duplicate: Option<u64>,
    /// Packets whose number jumped far ahead.
    #[prost(uint64, optional, tag = "11")]
    pub packets_recv_lurch: Option<u64>,
    /// Per path: packets that came first by it.
    #[prost(uint64, repeated, packed = "false", tag = "12")]
    pub multipath_packets_recv_sequenced: Vec<u64>,
    /// Per path: packets that another path had already brought.
    #[prost(uint64, repeated, packed = "false", tag = "13")]
    pub multipath_packets_recv_later: Vec<u64>,
    /// Whether packets are sent by several paths.
    #[prost(uint32, optional, tag = "14")]
    pub multipath_send_enabled: Option<u32>,
    /// Packets that came late but were put in order before use.
    #[prost(uint64, optional, tag = "15")]
    pub packets_recv_out_of_order_corrected: Option<u64>,
    /// Intervals without a single bad packet.
    #[prost(uint32, optional, tag = "21")]
    pub quality_histogram_100: Option<u32>,
    /// Intervals with a quality of at least 99 %, below the bucket above.
    #[prost(uint32, optional, tag = "22")]
    pub quality_histogram_99: Option<u32>,
    /// Intervals with a quality of at least 97 %, below the bucket above.
    #[prost(uint32, optional, tag = "23")]
    pub quality_histogram_97: Option<u32>,
    /// Intervals with a quality of at least 95 %, below the bucket above.
    #[prost(uint32, optional, tag = "24")]
    pub quality_histogram_95: Option<u32>,
    /// Intervals with a quality of at least 90 %, below the bucket above.
    #[prost(uint32, optional, tag = "25")]
    pub quality_histogram_90: Option<u32>,
    /// Intervals with a quality of at least 75 %, below the bucket above.
    #[prost(uint32, optional, tag = "26")]
    pub quality_histogram_75: Option<u32>,
    /// Intervals with a quality of at least 50 %, below the bucket above.
    #[prost(uint32, optional, tag = "27")]
    pub quality_histogram_50: Option<u32>,
    /// Intervals with a quality of at least 1 %, below the bucket above.
    #[prost(uint32, optional, tag = "28")]
    pub quality_histogram_1: Option<u32>,
    /// Intervals in which nothing arrived.
    #[prost(uint32, optional, tag = "29")]
    pub quality_histogram_dead: Option<u32>,
    /// Quality in %: 2nd percentile.
    #[prost(uint32, optional, tag = "30")]
    pub quality_ntile_2nd: Option<u32>,
    /// Quality in %: 5th percentile.
    #[prost(uint32, optional, tag = "31")]
    pub quality_ntile_5th: Option<u32>,
    /// Quality in %: 25th percentile.
    #[prost(uint32, optional, tag = "32")]
    pub quality_ntile_25th: Option<u32>,
    /// Quality in %: 50th percentile.
    #[prost(uint32, optional, tag = "33")]
    pub quality_ntile_50th: Option<u32>,
    /// Ping samples of at most 25 ms, above the bucket before.
    #[prost(uint32, optional, tag = "41")]
    pub ping_histogram_25: Option<u32>,
    /// Ping samples of at most 50 ms, above the bucket before.
    #[prost(uint32, optional, tag = "42")]
    pub ping_histogram_50: Option<u32>,
    /// Ping samples of at most 75 ms, above the bucket before.
    #[prost(uint32, optional, tag = "43")]
    pub ping_histogram_75: Option<u32>,
    /// Ping samples of at most 100 ms, above the bucket before.
    #[prost(uint32, optional, tag = "44")]
    pub ping_histogram_100: Option<u32>,
    /// Ping samples of at most 125 ms, above the bucket before.
    #[prost(uint32, optional, tag = "45")]
    pub ping_histogram_125: Option<u32>,
    /// Ping samples of at most 150 ms, above the bucket before.
    #[prost(uint32, optional, tag = "46")]
    pub ping_histogram_150: Option<u32>,
    /// Ping samples of at most 200 ms, above the bucket before.
    #[prost(uint32, optional, tag = "47")]
    pub ping_histogram_200: Option<u32>,
    /// Ping samples of at most 300 ms, above the bucket before.
    #[prost(uint32, optional, tag = "48")]
    pub ping_histogram_300: Option<u32>,
    /// Ping samples above 300 ms.
    #[prost(uint32, optional, tag = "49")]
    pub ping_histogram_max: Option<u32>,
    /// Ping in ms: 5th percentile.
    #[prost(uint32, optional, tag = "50")]
    pub ping_ntile_5th: Option<u32>,
    /// Ping in ms: 50th percentile.
    #[prost(uint32, optional, tag = "51")]
    pub ping_ntile_50th: Option<u32>,
    /// Ping in ms: 75th percentile.
    #[prost(uint32, optional, tag = "52")]
    pub ping_ntile_75th: Option<u32>,
    /// Ping in ms: 95th percentile.
    #[prost(uint32, optional, tag = "53")]
    pub ping_ntile_95th: Option<u32>,
    /// Ping in ms: 98th percentile.
    #[prost(uint32, optional, tag = "54")]
    pub ping_ntile_98th: Option<u32>,
    /// Jitter samples below 1 ms.
    #[prost(uint32, optional, tag = "61")]
    pub jitter_histogram_negligible: Option<u32>,
    /// Jitter samples of 1 to 2 ms.
    #[prost(uint32, optional, tag = "62")]
    pub jitter_histogram_1: Option<u32>,
    /// Jitter samples of 2 to 5 ms.
    #[prost(uint32, optional, tag = "63")]
    pub jitter_histogram_2: Option<u32>,
    /// Jitter samples of 5 to 10 ms.
    #[prost(uint32, optional, tag = "64")]
    pub jitter_histogram_5: Option<u32>,
    /// Jitter samples of 10 to 20 ms.
    #[prost(uint32, optional, tag = "65")]
    pub jitter_histogram_10: Option<u32>,
    /// Jitter samples of 20 ms or more.
    #[prost(uint32, optional, tag = "66")]
    pub jitter_histogram_20: Option<u32>,
}
