//! The records of Valve's flat API as they lie in memory: `steamnetworkingtypes.h` of version 1.6.1, which packs them to
//! 4 bytes on Linux. Only their sizes and the fields used here matter; the assertions below pin both.

use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// `SteamNetworkingIPAddr`: an IPv6 address, IPv4 being mapped into it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Address {
    ipv6: [u8; 16],
    /// In the host's byte order, but not aligned.
    port: [u8; 2],
}

/// `SteamNetworkingIdentity`, which only the library looks into.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Identity(pub(crate) [u8; 136]);

/// `SteamNetConnectionInfo_t`.
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct ConnectionInfo {
    pub(crate) remote_identity: Identity,
    pub(crate) user_data: i64,
    pub(crate) listen_socket: u32,
    pub(crate) remote_address: Address,
    padding: u16,
    pop_ids: [u32; 2],
    pub(crate) state: i32,
    pub(crate) end_reason: i32,
    pub(crate) end_debug: [u8; 128],
    description: [u8; 128],
    pub(crate) flags: i32,
    reserved: [u32; 63],
}

/// `SteamNetConnectionRealTimeStatus_t`.
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct RealTimeStatus {
    pub(crate) state: i32,
    pub(crate) ping: i32,
    pub(crate) quality_local: f32,
    pub(crate) quality_remote: f32,
    pub(crate) out_packets_per_second: f32,
    pub(crate) out_bytes_per_second: f32,
    pub(crate) in_packets_per_second: f32,
    pub(crate) in_bytes_per_second: f32,
    send_rate: i32,
    pub(crate) pending_unreliable: i32,
    pub(crate) pending_reliable: i32,
    pub(crate) sent_unacked_reliable: i32,
    queue_time: i64,
    max_jitter: i32,
    reserved: [u32; 15],
}

/// `SteamNetConnectionRealTimeLaneStatus_t`.
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct LaneStatus {
    pending_unreliable: i32,
    pub(crate) pending_reliable: i32,
    sent_unacked_reliable: i32,
    padding: i32,
    queue_time: i64,
    reserved: [u32; 10],
}

/// `SteamNetConnectionStatusChangedCallback_t`.
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct StatusChangedCallback {
    pub(crate) connection: u32,
    pub(crate) info: ConnectionInfo,
    pub(crate) old_state: i32,
}

/// `SteamNetworkingMessage_t`. The library makes, fills and frees it.
#[repr(C)]
pub(crate) struct Message {
    pub(crate) data: *mut c_void,
    pub(crate) size: i32,
    pub(crate) connection: u32,
    identity: Identity,
    connection_user_data: i64,
    time_received: i64,
    pub(crate) number: i64,
    free_data: *mut c_void,
    release: *mut c_void,
    channel: i32,
    pub(crate) flags: i32,
    user_data: i64,
    pub(crate) lane: u16,
    padding: u16,
}

/// `SteamNetworkingConfigValue_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ConfigValue {
    pub(crate) id: i32,
    pub(crate) data_type: i32,
    /// The union: the value's bytes come first.
    pub(crate) value: [u8; 8],
    _align: [u64; 0],
}

// The numbers are those of a C++ program that printed `sizeof` and `offsetof` from the headers.
const _: () = {
    assert!(size_of::<Address>() == 18);
    assert!(size_of::<Identity>() == 136);
    assert!(size_of::<ConnectionInfo>() == 696);
    assert!(offset_of!(ConnectionInfo, listen_socket) == 144);
    assert!(offset_of!(ConnectionInfo, remote_address) == 148);
    assert!(offset_of!(ConnectionInfo, state) == 176);
    assert!(offset_of!(ConnectionInfo, end_debug) == 184);
    assert!(offset_of!(ConnectionInfo, flags) == 440);
    assert!(size_of::<RealTimeStatus>() == 120);
    assert!(offset_of!(RealTimeStatus, queue_time) == 48);
    assert!(size_of::<LaneStatus>() == 64);
    assert!(size_of::<StatusChangedCallback>() == 704);
    assert!(offset_of!(StatusChangedCallback, old_state) == 700);
    assert!(offset_of!(Message, connection) == 12);
    assert!(offset_of!(Message, number) == 168);
    assert!(offset_of!(Message, flags) == 196);
    assert!(offset_of!(Message, lane) == 208);
    assert!(size_of::<ConfigValue>() == 16);
    assert!(offset_of!(ConfigValue, value) == 8);
};

impl Address {
    pub(crate) fn to_socket_addr(self) -> SocketAddr {
        let ip = Ipv6Addr::from(self.ipv6);
        let ip = ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4);
        SocketAddr::new(ip, u16::from_ne_bytes(self.port))
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let ipv6 = match address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        };
        Self { ipv6, port: address.port().to_ne_bytes() }
    }
}

impl ConfigValue {
    pub(crate) fn int32(id: i32, value: i32) -> Self {
        Self::new(id, 1, value.to_ne_bytes())
    }

    pub(crate) fn float(id: i32, value: f32) -> Self {
        Self::new(id, 3, value.to_ne_bytes())
    }

    fn new(id: i32, data_type: i32, bytes: [u8; 4]) -> Self {
        let mut value = [0; 8];
        value[..4].copy_from_slice(&bytes);
        Self { id, data_type, value, _align: [] }
    }
}

/// The text in a C buffer: up to the first zero byte.
pub(crate) fn text(buffer: &[u8]) -> String {
    let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}
