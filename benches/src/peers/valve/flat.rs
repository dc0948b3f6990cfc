//! The calls of Valve's flat API that the loads need, loaded at run time. All unsafe code of the peers is here.
#![allow(unsafe_code, reason = "functions of a C++ library")]

use std::ffi::{c_char, c_void};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::ptr::null;
use std::sync::Mutex;

pub(super) const OK: i32 = 1;
pub(super) const LIMIT_EXCEEDED: i32 = 25;
pub(super) const CONNECTING: i32 = 1;
pub(super) const CONNECTED: i32 = 3;
pub(super) const CLOSED_BY_PEER: i32 = 4;
pub(super) const PROBLEM: i32 = 5;
pub(super) const SEND_BUFFER_SIZE: i32 = 9;
pub(super) const SEND_RATE_MIN: i32 = 10;
pub(super) const SEND_RATE_MAX: i32 = 11;
pub(super) const TIMEOUT_INITIAL: i32 = 24;
pub(super) const RECV_BUFFER_SIZE: i32 = 47;
pub(super) const RECV_BUFFER_MESSAGES: i32 = 48;

/// Messages taken with one call.
const BATCH: usize = 256;

/// `SteamNetworkingIPAddr`.
#[repr(C)]
struct Address {
    ipv6: [u8; 16],
    /// In the host's byte order, but not aligned.
    port: [u8; 2],
}

/// `SteamNetworkingConfigValue_t` with a 32-bit number.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct ConfigValue {
    id: i32,
    data_type: i32,
    value: [u8; 8],
    _align: [u64; 0],
}

/// `SteamNetworkingMessage_t`, as far as it is looked into. The library makes, fills and frees it.
#[repr(C)]
struct Message {
    data: *mut c_void,
    size: i32,
    connection: u32,
    identity_to_release: [u8; 176],
    channel: i32,
    flags: i32,
}

/// `SteamNetConnectionStatusChangedCallback_t`, as far as it is looked into.
#[repr(C, packed(4))]
struct StatusChanged {
    connection: u32,
    info_to_state: [u8; 176],
    state: i32,
    end_reason: i32,
}

// The numbers are those that a C++ program printed from the headers of 1.6.1.
const _: () = {
    assert!(size_of::<Address>() == 18);
    assert!(size_of::<ConfigValue>() == 16);
    assert!(std::mem::offset_of!(Message, connection) == 12);
    assert!(std::mem::offset_of!(Message, flags) == 196);
    assert!(std::mem::offset_of!(StatusChanged, state) == 4 + 176);
};

/// A connection has changed its state.
#[derive(Clone, Copy)]
pub(super) struct Event {
    pub(super) connection: u32,
    pub(super) state: i32,
    pub(super) end_reason: i32,
}

/// What the library reported since it was last asked. Its callback has no context argument.
static EVENTS: Mutex<Vec<Event>> = Mutex::new(Vec::new());

type Interface = *mut c_void;

macro_rules! flat_api {
    ($($name:ident = $symbol:literal ($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct FlatApi {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// Unloading it would leave the functions dangling.
            _library: libloading::Library,
        }

        impl FlatApi {
            fn load(library: libloading::Library) -> Result<Self, libloading::Error> {
                $(
                    // SAFETY: the signature is that of the header of the library's version.
                    let $name = unsafe {
                        *library.get::<unsafe extern "C" fn($($argument),*) $(-> $result)?>($symbol.as_bytes())?
                    };
                )*
                Ok(Self { $($name,)* _library: library })
            }
        }
    };
}

flat_api! {
    init = "GameNetworkingSockets_Init" (*const c_void, *mut c_char) -> bool;
    sockets = "SteamAPI_SteamNetworkingSockets_v009" () -> Interface;
    utils = "SteamAPI_SteamNetworkingUtils_v003" () -> Interface;
    listen = "SteamAPI_ISteamNetworkingSockets_CreateListenSocketIP" (Interface, *const Address, i32, *const ConfigValue) -> u32;
    connect = "SteamAPI_ISteamNetworkingSockets_ConnectByIPAddress" (Interface, *const Address, i32, *const ConfigValue) -> u32;
    accept = "SteamAPI_ISteamNetworkingSockets_AcceptConnection" (Interface, u32) -> i32;
    close = "SteamAPI_ISteamNetworkingSockets_CloseConnection" (Interface, u32, i32, *const c_char, bool) -> bool;
    create_poll_group = "SteamAPI_ISteamNetworkingSockets_CreatePollGroup" (Interface) -> u32;
    set_poll_group = "SteamAPI_ISteamNetworkingSockets_SetConnectionPollGroup" (Interface, u32, u32) -> bool;
    send = "SteamAPI_ISteamNetworkingSockets_SendMessageToConnection" (Interface, u32, *const c_void, u32, i32, *mut i64) -> i32;
    send_messages = "SteamAPI_ISteamNetworkingSockets_SendMessages" (Interface, i32, *const *mut Message, *mut i64, bool);
    receive = "SteamAPI_ISteamNetworkingSockets_ReceiveMessagesOnPollGroup" (Interface, u32, *mut *mut Message, i32) -> i32;
    run_callbacks = "SteamAPI_ISteamNetworkingSockets_RunCallbacks" (Interface);
    allocate_message = "SteamAPI_ISteamNetworkingUtils_AllocateMessage" (Interface, i32) -> *mut Message;
    release_message = "SteamAPI_SteamNetworkingMessage_t_Release" (*mut Message);
    set_status_callback = "SteamAPI_ISteamNetworkingUtils_SetGlobalCallback_SteamNetConnectionStatusChanged" (Interface, extern "C" fn(*const StatusChanged)) -> bool;
}

/// The running library. Everything is called on the thread that made it; the process ends without unloading it.
pub(super) struct Library {
    api: FlatApi,
    sockets: Interface,
    utils: Interface,
    /// Every connection's messages are read through this one group.
    group: u32,
}

impl Library {
    pub(super) fn start(path: &Path) -> Result<Self, String> {
        // SAFETY: loading runs the initialisers of the named library, which the user chose to run.
        let library = unsafe { libloading::Library::new(path) };
        let api = library.and_then(FlatApi::load).map_err(|error| format!("{}: {error}", path.display()))?;
        // `SteamNetworkingErrMsg` has 1024 bytes.
        let mut message = [0_u8; 1024];
        // SAFETY: without an identity it is anonymous; the buffer has the length that the type demands.
        if !unsafe { (api.init)(null(), message.as_mut_ptr().cast()) } {
            let text = message.split(|byte| *byte == 0).next().unwrap_or_default();
            return Err(format!("GameNetworkingSockets_Init: {}", String::from_utf8_lossy(text)));
        }
        // SAFETY: the library is initialised, and the callback has the signature that the header demands.
        let (sockets, utils, group) = unsafe {
            let (sockets, utils) = ((api.sockets)(), (api.utils)());
            (api.set_status_callback)(utils, report);
            (sockets, utils, (api.create_poll_group)(sockets))
        };
        Ok(Self { api, sockets, utils, group })
    }

    pub(super) fn listen(&self, address: SocketAddr, options: &[ConfigValue]) -> u32 {
        let address = Address::from(address);
        // SAFETY: the pointers are valid for the call, and the count is the array's length.
        unsafe { (self.api.listen)(self.sockets, &raw const address, options.len() as i32, options.as_ptr()) }
    }

    pub(super) fn connect(&self, address: SocketAddr, options: &[ConfigValue]) -> u32 {
        let address = Address::from(address);
        // SAFETY: the pointers are valid for the call, and the count is the array's length; handles are checked.
        unsafe {
            let connection =
                (self.api.connect)(self.sockets, &raw const address, options.len() as i32, options.as_ptr());
            (self.api.set_poll_group)(self.sockets, connection, self.group);
            connection
        }
    }

    pub(super) fn accept(&self, connection: u32) -> i32 {
        // SAFETY: the library checks the handles itself.
        unsafe {
            (self.api.set_poll_group)(self.sockets, connection, self.group);
            (self.api.accept)(self.sockets, connection)
        }
    }

    pub(super) fn close(&self, connection: u32) {
        // SAFETY: a text may be null; the library checks the handle itself.
        unsafe { (self.api.close)(self.sockets, connection, 0, null(), false) };
    }

    pub(super) fn send(&self, connection: u32, payload: &[u8], flags: i32) -> i32 {
        let (data, len) = (payload.as_ptr().cast(), payload.len() as u32);
        let mut number = 0;
        // SAFETY: the pointers are valid for the call, which copies the payload.
        unsafe { (self.api.send)(self.sockets, connection, data, len, flags, &raw mut number) }
    }

    /// Sends copies with one call. Answers per message its number, the negative result code, or 0 where an earlier one
    /// failed.
    pub(super) fn send_many(&self, connection: u32, payload: &[u8], flags: i32, count: usize) -> Vec<i64> {
        let messages: Vec<*mut Message> = (0..count).map(|_| self.message(connection, payload, flags)).collect();
        let mut numbers = vec![0; count];
        // SAFETY: both arrays have `count` entries. The call takes the messages over, also those it refuses (`true`).
        unsafe {
            (self.api.send_messages)(self.sockets, count as i32, messages.as_ptr(), numbers.as_mut_ptr(), true);
        }
        numbers
    }

    fn message(&self, connection: u32, payload: &[u8], flags: i32) -> *mut Message {
        // SAFETY: the library makes the message with room for that many bytes, and nobody else knows it yet.
        unsafe {
            let message = (self.api.allocate_message)(self.utils, payload.len() as i32);
            payload.as_ptr().copy_to_nonoverlapping((*message).data.cast(), payload.len());
            (*message).connection = connection;
            (*message).flags = flags;
            message
        }
    }

    /// Shows every message that waits; answers how many there were.
    pub(super) fn receive(&self, each: &mut impl FnMut(u32, &[u8])) -> usize {
        let mut total = 0;
        loop {
            let mut messages = [std::ptr::null_mut(); BATCH];
            // SAFETY: the array has that many entries.
            let count = unsafe { (self.api.receive)(self.sockets, self.group, messages.as_mut_ptr(), BATCH as i32) };
            let count = usize::try_from(count).unwrap_or(0);
            for message in &messages[..count] {
                // SAFETY: the message is ours until it is released, and has so many bytes.
                unsafe {
                    let len = usize::try_from((**message).size).unwrap_or(0);
                    each((**message).connection, std::slice::from_raw_parts((**message).data.cast(), len));
                    (self.api.release_message)(*message);
                }
            }
            total += count;
            if count < BATCH {
                return total;
            }
        }
    }

    /// The changes of state since the last call.
    pub(super) fn events(&self) -> Vec<Event> {
        // SAFETY: the interface is valid.
        unsafe { (self.api.run_callbacks)(self.sockets) };
        EVENTS.lock().map(|mut events| std::mem::take(&mut *events)).unwrap_or_default()
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
    pub(super) fn int32(id: i32, number: i32) -> Self {
        let mut value = [0; 8];
        value[..4].copy_from_slice(&number.to_ne_bytes());
        Self { id, data_type: 1, value, _align: [] }
    }
}

/// Called by the library, inside `RunCallbacks`, when a connection's state changes.
extern "C" fn report(event: *const StatusChanged) {
    // SAFETY: the library passes a valid record that lives for the call.
    let event = unsafe { event.read_unaligned() };
    if let Ok(mut events) = EVENTS.lock() {
        events.push(Event { connection: event.connection, state: event.state, end_reason: event.end_reason });
    }
}
