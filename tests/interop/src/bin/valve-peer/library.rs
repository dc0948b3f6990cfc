//! Valve's library, loaded at run time. All of this program's unsafe code is here; outside it, calls are ordinary methods.

mod inquiries;
mod configuration;

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use gamesockets_interop::protocol::{Info, Setting, Status, StatusChanged, Value};

use crate::layout::{
    Address, ConfigValue, ConnectionInfo, Identity, LaneStatus, Message, RealTimeStatus, StatusChangedCallback, text,
};

/// The names and signatures of the calls used here (`steamnetworkingsockets_flat.h`), and how to look them all up.
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

/// `ISteamNetworkingSockets*` or `ISteamNetworkingUtils*`.
type Interface = *mut c_void;

/// A function that takes messages of a connection or a poll group.
type TakeMessages = unsafe extern "C" fn(Interface, u32, *mut *mut Message, i32) -> i32;

flat_api! {
    init = "GameNetworkingSockets_Init" (*const Identity, *mut c_char) -> bool;
    kill = "GameNetworkingSockets_Kill" ();
    sockets = "SteamAPI_SteamNetworkingSockets_v009" () -> Interface;
    utils = "SteamAPI_SteamNetworkingUtils_v003" () -> Interface;
    listen = "SteamAPI_ISteamNetworkingSockets_CreateListenSocketIP" (Interface, *const Address, i32, *const ConfigValue) -> u32;
    connect = "SteamAPI_ISteamNetworkingSockets_ConnectByIPAddress" (Interface, *const Address, i32, *const ConfigValue) -> u32;
    accept = "SteamAPI_ISteamNetworkingSockets_AcceptConnection" (Interface, u32) -> i32;
    close = "SteamAPI_ISteamNetworkingSockets_CloseConnection" (Interface, u32, i32, *const c_char, bool) -> bool;
    close_listen_socket = "SteamAPI_ISteamNetworkingSockets_CloseListenSocket" (Interface, u32) -> bool;
    send_messages = "SteamAPI_ISteamNetworkingSockets_SendMessages" (Interface, i32, *const *mut Message, *mut i64, bool);
    lanes = "SteamAPI_ISteamNetworkingSockets_ConfigureConnectionLanes" (Interface, u32, i32, *const i32, *const u16) -> i32;
    flush = "SteamAPI_ISteamNetworkingSockets_FlushMessagesOnConnection" (Interface, u32) -> i32;
    info = "SteamAPI_ISteamNetworkingSockets_GetConnectionInfo" (Interface, u32, *mut ConnectionInfo) -> bool;
    status = "SteamAPI_ISteamNetworkingSockets_GetConnectionRealTimeStatus" (Interface, u32, *mut RealTimeStatus, i32, *mut c_void) -> i32;
    create_poll_group = "SteamAPI_ISteamNetworkingSockets_CreatePollGroup" (Interface) -> u32;
    set_poll_group = "SteamAPI_ISteamNetworkingSockets_SetConnectionPollGroup" (Interface, u32, u32) -> bool;
    receive = "SteamAPI_ISteamNetworkingSockets_ReceiveMessagesOnPollGroup" (Interface, u32, *mut *mut Message, i32) -> i32;
    run_callbacks = "SteamAPI_ISteamNetworkingSockets_RunCallbacks" (Interface);
    allocate_message = "SteamAPI_ISteamNetworkingUtils_AllocateMessage" (Interface, i32) -> *mut Message;
    release_message = "SteamAPI_SteamNetworkingMessage_t_Release" (*mut Message);
    set_config = "SteamAPI_ISteamNetworkingUtils_SetConfigValue" (Interface, i32, i32, isize, i32, *const c_void) -> bool;
    set_status_callback = "SteamAPI_ISteamNetworkingUtils_SetGlobalCallback_SteamNetConnectionStatusChanged" (Interface, extern "C" fn(*mut StatusChangedCallback)) -> bool;
    set_debug_output = "SteamAPI_ISteamNetworkingUtils_SetDebugOutputFunction" (Interface, i32, extern "C" fn(i32, *const c_char));
    parse_identity = "SteamAPI_SteamNetworkingIdentity_ParseString" (*mut Identity, usize, *const c_char) -> bool;
    send_message = "SteamAPI_ISteamNetworkingSockets_SendMessageToConnection" (Interface, u32, *const c_void, u32, i32, *mut i64) -> i32;
    receive_on_connection = "SteamAPI_ISteamNetworkingSockets_ReceiveMessagesOnConnection" (Interface, u32, *mut *mut Message, i32) -> i32;
    destroy_poll_group = "SteamAPI_ISteamNetworkingSockets_DestroyPollGroup" (Interface, u32) -> bool;
    listen_socket_address = "SteamAPI_ISteamNetworkingSockets_GetListenSocketAddress" (Interface, u32, *mut Address) -> bool;
    detailed_status = "SteamAPI_ISteamNetworkingSockets_GetDetailedConnectionStatus" (Interface, u32, *mut c_char, i32) -> i32;
    set_name = "SteamAPI_ISteamNetworkingSockets_SetConnectionName" (Interface, u32, *const c_char);
    name = "SteamAPI_ISteamNetworkingSockets_GetConnectionName" (Interface, u32, *mut c_char, i32) -> bool;
    set_user_data = "SteamAPI_ISteamNetworkingSockets_SetConnectionUserData" (Interface, u32, i64) -> bool;
    user_data = "SteamAPI_ISteamNetworkingSockets_GetConnectionUserData" (Interface, u32) -> i64;
    create_pair = "SteamAPI_ISteamNetworkingSockets_CreateSocketPair" (Interface, *mut u32, *mut u32, bool, *const Identity, *const Identity) -> bool;
    identity = "SteamAPI_ISteamNetworkingSockets_GetIdentity" (Interface, *mut Identity) -> bool;
    config = "SteamAPI_ISteamNetworkingUtils_GetConfigValue" (Interface, i32, i32, isize, *mut i32, *mut c_void, *mut usize) -> i32;
    config_info = "SteamAPI_ISteamNetworkingUtils_GetConfigValueInfo" (Interface, i32, *mut i32, *mut i32) -> *const c_char;
    next_config = "SteamAPI_ISteamNetworkingUtils_IterateGenericEditableConfigValues" (Interface, i32, bool) -> i32;
    identity_text = "SteamAPI_SteamNetworkingIdentity_ToString" (*const Identity, *mut c_char, usize);
}

/// `k_EResultOK`.
const OK: i32 = 1;
/// `k_EResultFail`, for the calls that only answer false.
const FAIL: i32 = 2;
/// `k_EResultInvalidParam`.
const INVALID_PARAM: i32 = 8;
/// Messages taken with one call.
const BATCH: usize = 256;

/// What the library reported since [`Library::events`] was last asked. Its callback has no context argument.
static REPORTED: Mutex<Vec<StatusChangedCallback>> = Mutex::new(Vec::new());

/// The running library. Everything is called on the thread that made it.
pub(crate) struct Library {
    api: FlatApi,
    sockets: Interface,
    utils: Interface,
    /// Every connection's messages are read through this one group.
    poll_group: u32,
}

/// One message that arrived, or is to be sent; its bytes live as long as the callback that sees it.
pub(crate) struct Received<'a> {
    pub(crate) connection: u32,
    pub(crate) lane: u16,
    pub(crate) flags: i32,
    pub(crate) number: i64,
    pub(crate) payload: &'a [u8],
}

impl Library {
    /// Loads and starts the library with an identity such as `str:name`.
    pub(crate) fn start(path: &Path, identity: &str, log_level: i32) -> Result<Self, String> {
        // SAFETY: loading runs the initialisers of the named library, which the user chose to run.
        let library = unsafe { libloading::Library::new(path) };
        let library = library.map_err(|error| {
            let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{}: {error}: {reason}", path.display())
        })?;
        let api = FlatApi::load(library).map_err(|error| format!("{}: {error}", path.display()))?;
        let own = read_identity(&api, identity)?;
        // `SteamNetworkingErrMsg` has 1024 bytes.
        let mut message = [0_u8; 1024];
        // SAFETY: the identity is a valid one and the buffer has the length the type demands.
        if !unsafe { (api.init)(&raw const own, message.as_mut_ptr().cast()) } {
            return Err(format!("GameNetworkingSockets_Init: {}", text(&message)));
        }
        // SAFETY: the library is initialised; the pointers live until it is killed, at the end of this program.
        let (sockets, utils) = unsafe { ((api.sockets)(), (api.utils)()) };
        // SAFETY: the interface is valid, and the callbacks have the signatures the header demands.
        let poll_group = unsafe {
            (api.set_debug_output)(utils, log_level, log);
            (api.set_status_callback)(utils, report);
            (api.create_poll_group)(sockets)
        };
        Ok(Self { api, sockets, utils, poll_group })
    }

    pub(crate) fn listen(&self, address: Address, options: &[Setting]) -> u32 {
        let (count, options) = config_values(options);
        // SAFETY: the pointers are valid for the call and the count is the array's length.
        unsafe { (self.api.listen)(self.sockets, &raw const address, count, options.as_ptr()) }
    }

    pub(crate) fn connect(&self, address: Address, options: &[Setting]) -> u32 {
        let (count, options) = config_values(options);
        // SAFETY: the pointers are valid for the call and the count is the array's length.
        unsafe { (self.api.connect)(self.sockets, &raw const address, count, options.as_ptr()) }
    }

    /// Lets a connection's messages come out of [`Library::receive`].
    pub(crate) fn adopt(&self, connection: u32) {
        // SAFETY: the library checks both handles itself.
        unsafe { (self.api.set_poll_group)(self.sockets, connection, self.poll_group) };
    }

    pub(crate) fn accept(&self, connection: u32) -> i32 {
        // SAFETY: the library checks the handle itself.
        unsafe { (self.api.accept)(self.sockets, connection) }
    }

    pub(crate) fn close(&self, connection: u32, reason: i32, debug: &str, linger: bool) -> i32 {
        let Ok(debug) = CString::new(debug) else { return FAIL };
        // SAFETY: the text ends with a zero byte and outlives the call; the library checks the handle itself.
        let closed = unsafe { (self.api.close)(self.sockets, connection, reason, debug.as_ptr(), linger) };
        if closed { OK } else { FAIL }
    }

    pub(crate) fn close_listen_socket(&self, socket: u32) -> i32 {
        // SAFETY: the library checks the handle itself.
        let closed = unsafe { (self.api.close_listen_socket)(self.sockets, socket) };
        if closed { OK } else { FAIL }
    }

    /// Sends messages of one connection with one call. Answers as [`Library::send_each`].
    pub(crate) fn send(&self, connection: u32, lane: u16, flags: i32, payloads: &[&[u8]]) -> Vec<i64> {
        let message = |&payload| Received { connection, lane, flags, number: 0, payload };
        self.send_each(&payloads.iter().map(message).collect::<Vec<_>>())
    }

    /// Sends messages with one call. Answers per message its number, the negative result code, or 0 where an earlier one
    /// of its connection failed.
    pub(crate) fn send_each(&self, messages: &[Received<'_>]) -> Vec<i64> {
        let messages: Vec<*mut Message> = messages
            .iter()
            .map(|&Received { connection, lane, flags, payload, .. }| {
                // SAFETY: the interface is valid; the sizes are far below what an `i32` holds.
                let message = unsafe { (self.api.allocate_message)(self.utils, payload.len() as i32) };
                // SAFETY: the library made the message with room for that many bytes, and nobody else knows it yet.
                unsafe {
                    if !payload.is_empty() {
                        payload.as_ptr().copy_to_nonoverlapping((*message).data.cast(), payload.len());
                    }
                    (*message).connection = connection;
                    (*message).flags = flags;
                    (*message).lane = lane;
                }
                message
            })
            .collect();
        let mut numbers = vec![0; messages.len()];
        let count = messages.len() as i32;
        // SAFETY: both arrays have `count` entries. The call takes the messages over, also those it refuses (`true`).
        unsafe {
            (self.api.send_messages)(self.sockets, count, messages.as_ptr(), numbers.as_mut_ptr(), true);
        }
        numbers
    }

    /// As many lanes as priorities. Without weights, all weigh the same.
    pub(crate) fn configure_lanes(&self, connection: u32, priorities: &[i32], weights: Option<&[u16]>) -> i32 {
        if weights.is_some_and(|weights| weights.len() != priorities.len()) {
            // The call has one count for both.
            return INVALID_PARAM;
        }
        let weights = weights.map_or(null(), <[u16]>::as_ptr);
        let count = priorities.len() as i32;
        // SAFETY: both arrays have `count` entries, or the second is null; the library checks the handle itself.
        unsafe { (self.api.lanes)(self.sockets, connection, count, priorities.as_ptr(), weights) }
    }

    pub(crate) fn flush(&self, connection: u32) -> i32 {
        // SAFETY: the library checks the handle itself.
        unsafe { (self.api.flush)(self.sockets, connection) }
    }

    pub(crate) fn info(&self, connection: u32) -> Option<Info> {
        // SAFETY: plain numbers, for which all-zero bytes are a valid value.
        let mut info = unsafe { std::mem::zeroed::<ConnectionInfo>() };
        // SAFETY: the record has the library's layout; the library checks the handle itself.
        let known = unsafe { (self.api.info)(self.sockets, connection, &raw mut info) };
        known.then(|| self.describe(&info))
    }

    /// How a connection does, and the pending reliable bytes of as many of its lanes.
    pub(crate) fn status(&self, connection: u32, lanes: u16) -> Result<(Status, Vec<i32>), i32> {
        // SAFETY: plain numbers, for which all-zero bytes are a valid value.
        let mut status = unsafe { std::mem::zeroed::<RealTimeStatus>() };
        // SAFETY: as above.
        let mut of_lanes = vec![unsafe { std::mem::zeroed::<LaneStatus>() }; lanes.into()];
        let array = of_lanes.as_mut_ptr().cast();
        // SAFETY: the records have the library's layout, and the array as many as are asked for.
        let result = unsafe { (self.api.status)(self.sockets, connection, &raw mut status, lanes.into(), array) };
        if result != OK {
            return Err(result);
        }
        let of_lanes = of_lanes.iter().map(|lane| lane.pending_reliable).collect();
        let status = Status {
            state: status.state,
            ping: status.ping,
            quality_local: status.quality_local,
            quality_remote: status.quality_remote,
            out_packets_per_second: status.out_packets_per_second,
            out_bytes_per_second: status.out_bytes_per_second,
            in_packets_per_second: status.in_packets_per_second,
            in_bytes_per_second: status.in_bytes_per_second,
            pending_reliable: status.pending_reliable,
            pending_unreliable: status.pending_unreliable,
            sent_unacked_reliable: status.sent_unacked_reliable,
        };
        Ok((status, of_lanes))
    }

    /// `connection` 0 stands for the whole process.
    pub(crate) fn set_config(&self, connection: u32, setting: &Setting) -> i32 {
        const GLOBAL: i32 = 1;
        const CONNECTION: i32 = 4;
        let scope = if connection == 0 { GLOBAL } else { CONNECTION };
        let value = config_value(setting);
        let argument = value.value.as_ptr().cast();
        // SAFETY: the argument points at a value of the type that the call names.
        let set = unsafe {
            (self.api.set_config)(self.utils, value.id, scope, connection as isize, value.data_type, argument)
        };
        if set { OK } else { FAIL }
    }

    /// Runs the library's callbacks and answers with what they reported.
    pub(crate) fn events(&self) -> Vec<StatusChanged> {
        // SAFETY: the interface is valid.
        unsafe { (self.api.run_callbacks)(self.sockets) };
        let reported = REPORTED.lock().map(|mut events| std::mem::take(&mut *events)).unwrap_or_default();
        reported
            .iter()
            .map(|event| {
                let info = event.info;
                let info = self.describe(&info);
                StatusChanged { connection: event.connection, old_state: event.old_state, info }
            })
            .collect()
    }

    /// Hands a batch of arrived messages to `each`; answers how many there were.
    pub(crate) fn receive(&self, each: impl FnMut(Received<'_>)) -> usize {
        let count = self.take(self.api.receive, self.poll_group, BATCH as i32, each);
        usize::try_from(count).unwrap_or(0)
    }

    /// Calls one of the two functions that take messages; answers as that does.
    fn take(&self, receive: TakeMessages, source: u32, max: i32, mut each: impl FnMut(Received<'_>)) -> i32 {
        let mut messages = vec![null_mut::<Message>(); usize::try_from(max).unwrap_or(0)];
        // SAFETY: the array has that many entries; the library fills in as many as it answers.
        let answer = unsafe { receive(self.sockets, source, messages.as_mut_ptr(), max) };
        let count = usize::try_from(answer).unwrap_or(0);
        for &message in messages.iter().take(count) {
            // SAFETY: the library gave the message to us; nobody else touches it until it is released.
            let fields = unsafe { &*message };
            let payload = if fields.data.is_null() || fields.size <= 0 {
                &[][..]
            } else {
                // SAFETY: `data` points at `size` bytes that live until the message is released.
                unsafe { std::slice::from_raw_parts(fields.data.cast::<u8>(), fields.size as usize) }
            };
            let Message { connection, lane, flags, number, .. } = *fields;
            each(Received { connection, lane, flags, number, payload });
            // SAFETY: the message is ours, and nothing refers to it any more.
            unsafe { (self.api.release_message)(message) };
        }
        answer
    }

    fn describe(&self, info: &ConnectionInfo) -> Info {
        Info {
            state: info.state,
            end_reason: info.end_reason,
            end_debug: text(&info.end_debug),
            listen_socket: info.listen_socket,
            remote_address: info.remote_address.to_socket_addr(),
            remote_identity: self.write_identity(&info.remote_identity),
            user_data: info.user_data,
            flags: info.flags,
        }
    }

    fn write_identity(&self, identity: &Identity) -> String {
        let mut buffer = [0_u8; 128];
        // SAFETY: the identity is a valid one; the length is that of the buffer.
        unsafe { (self.api.identity_text)(identity, buffer.as_mut_ptr().cast(), buffer.len()) };
        text(&buffer)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: it was initialised once, and no pointer of it is used after this.
        unsafe { (self.api.kill)() };
    }
}

fn read_identity(api: &FlatApi, text: &str) -> Result<Identity, String> {
    let mut identity = Identity([0; 136]);
    let name = CString::new(text).map_err(|error| format!("identity {text:?}: {error}"))?;
    // SAFETY: both pointers are valid for the call, and the size is that of the identity.
    let parsed = unsafe { (api.parse_identity)(&raw mut identity, size_of::<Identity>(), name.as_ptr()) };
    if parsed { Ok(identity) } else { Err(format!("{text:?} is not an identity such as str:name")) }
}

fn config_values(options: &[Setting]) -> (i32, Vec<ConfigValue>) {
    (options.len() as i32, options.iter().map(config_value).collect())
}

fn config_value(setting: &Setting) -> ConfigValue {
    match setting.value {
        Value::Int32(value) => ConfigValue::int32(setting.id, value),
        Value::Float(value) => ConfigValue::float(setting.id, value),
    }
}

/// Called by the library, inside `RunCallbacks`, when a connection's state changes.
extern "C" fn report(event: *mut StatusChangedCallback) {
    if let Ok(mut events) = REPORTED.lock() {
        // SAFETY: the library passes a valid record that lives for the call.
        events.push(unsafe { *event });
    }
}

/// Called by the library, on any thread, with a line for its log.
extern "C" fn log(level: i32, message: *const c_char) {
    // SAFETY: the library passes a text that ends with a zero byte and lives for the call.
    let message = unsafe { CStr::from_ptr(message) };
    eprintln!("valve[{level}] {}", message.to_string_lossy());
}
