//! The functions of the sockets group.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::ConfigData;
use crate::enums::{Availability, ConnectionEnd, ResultCode};
use crate::field::{Bytes, FakeUdpPortObject, Options, SignalingContext, SignalingObject};
use crate::flags::SendFlags;
use crate::records::{
    CertificateAnswer, CertificateRequest, ConnectionInfo, DetailedStatus, FakeIp, GameCoordinatorLogin,
    HostedServerAddress, MessageRecord, RealTimeStatus, RealTimeStatusAnswer, RelayAuthTicket, RelayAuthTicketSearch,
    RemoteFakeIp, SendAnswer, SocketPair,
};

functions! {
    Sockets:
    /// Answers an incoming connection that is in the CONNECTING state and moves it to CONNECTED or `FINDING_ROUTE`;
    /// the peer hears nothing until this is called, so it must happen within a second or two. Fails with
    /// `INVALID_PARAM` (unknown handle), `INVALID_STATE` (already answered or gone), `DUPLICATE_REQUEST` (symmetric
    /// mode merged it with the local attempt) or `HANDSHAKE_FAILED`.
    fn "AcceptConnection", "acceptConnection" (connection_handle: u32) -> ResultCode, Local;
    /// Asks for a fake IPv4 address with 1 to 4 ports by which peers can reach this process over P2P; the answer
    /// arrives later through fake_ip_result. False while a request is pending or when the port count is bad.
    fn "BeginAsyncRequestFakeIP", "beginAsyncRequestFakeIP" (num_ports: u32) -> bool, FakeIpAllocator;
    /// Ends a connection, frees the handle and drops unread data; reason 0 becomes the generic 1000 and only
    /// 1000-2999 are legal for applications, linger keeps flushing queued reliable data first.
    fn "CloseConnection", "closeConnection"
        (connection_handle: u32, reason: ConnectionEnd, debug_message: String, linger: bool)
        -> bool, Local;
    /// Destroys a listen socket; every connection that was accepted through it is dropped without a graceful close.
    fn "CloseListenSocket", "closeListenSocket" (socket: u32) -> bool, Local;
    /// Sets up 1-255 outgoing streams on a connection with strict priority order and weighted sharing inside one
    /// priority. Fails with `NO_CONNECTION`, `INVALID_STATE`, `INVALID_PARAM` (count shrinks, zero weight, too many)
    /// or FAIL when the peer is too old to understand lanes.
    fn "ConfigureConnectionLanes", "configureConnectionLanes"
        (connection: u32, lanes: u32, priorities: Vec<i32>, weights: Vec<u16>)
        -> ResultCode, Local;
    /// Starts a direct UDP connection to IPv4/IPv6 address:port; a status-changed event follows for connecting and
    /// for success or timeout. With a fake IP the Steam build turns it into a P2P connection.
    fn "ConnectByIPAddress", "connectByIPAddress"
        (ip_address_with_port: String, options: Options = "{}")
        -> u32, Local;
    /// Starts a connection to a peer known only by identity, on one of its virtual ports (0-65535); addresses are
    /// found by rendezvous, then NAT punching or relay.
    fn "ConnectP2P", "connectP2P"
        (remote_steam_id: u64, virtual_port: i32, options: Options = "{}")
        -> u32, Signaling;
    /// Like connectP2P, but rendezvous messages leave through an application-supplied object with SendSignal and
    /// Release; the application carries them any way it likes.
    fn "ConnectP2PCustomSignaling", "connectP2PCustomSignaling"
        (signaling: SignalingObject, remote_identity: ConfigData, virtual_port: i32, options: Options = "{}")
        -> u32, AppSignaling;
    /// Client side: connects through the relay network to a server in a known data centre; a relay ticket for that
    /// server must already be in the cache.
    fn "ConnectToHostedDedicatedServer", "connectToHostedDedicatedServer"
        (remote_steam_id: u64, virtual_port: i32, options: Options = "{}")
        -> u32, TicketsAndRelays;
    /// Opens a sendto/recvfrom style port addressed by fake IPs, either for an allocated port index (the same object
    /// each time) or as an anonymous client port with -1 (a new object each time).
    fn "CreateFakeUDPPort", "createFakeUDPPort" (fake_server_port: i32) -> FakeUdpPortObject, FakeIpAllocator;
    /// Server side of hosted play: listens on a virtual port behind the relay network, on the UDP port named by
    /// `SDR_LISTEN_PORT`.
    fn "CreateHostedDedicatedServerListenSocket", "createHostedDedicatedServerListenSocket"
        (virtual_port: i32, options: Options = "{}")
        -> u32, HostedEnvironment;
    /// Binds a UDP port and waits for direct connections. The address has a port: 0 takes a free one, and an empty text is
    /// refused. `[::]:27015` is every IPv6 and IPv4 address of this machine, `0.0.0.0:27015` every IPv4 address.
    fn "CreateListenSocketIP", "createListenSocketIP" (ip_address: String, options: Options = "{}") -> u32, Local;
    /// Accepts identity-based connections on a virtual port (0-65535); fails if that virtual port is already taken.
    fn "CreateListenSocketP2P", "createListenSocketP2P"
        (virtual_port: i32, options: Options = "{}")
        -> u32, Signaling;
    /// Listens for peers that connect to one of our fake ports; the argument is the index into the allocated ports,
    /// not a port number.
    fn "CreateListenSocketP2PFakeIP", "createListenSocketP2PFakeIP"
        (fake_port: i32, options: Options = "{}")
        -> u32, FakeIpAllocator;
    /// Makes an empty group so that messages of many connections can be read with one call.
    fn "CreatePollGroup", "createPollGroup" () -> u32, Local;
    /// Gives two connections joined to each other inside the process, either by internal buffers or, with loopback
    /// true, over local UDP so that fake lag and loss apply.
    fn "CreateSocketPair", "createSocketPair"
        (loopback: bool, remote_steam_id1: u64, remote_steam_id2: u64)
        -> SocketPair, Local;
    /// Frees a poll group; its connections stay open and simply belong to no group, queued messages stay with them.
    fn "DestroyPollGroup", "destroyPollGroup" (poll_group: u32) -> bool, Local;
    /// Looks in the local cache for a relay ticket to a given server and virtual port and reports how long it stays
    /// valid.
    fn "FindRelayAuthTicketForServer", "findRelayAuthTicketForServer"
        (remote_steam_id: u64, virtual_port: i32)
        -> RelayAuthTicketSearch, Tickets;
    /// Sends anything still held back by the Nagle timer at the next chance. `INVALID_PARAM`, `INVALID_STATE`,
    /// `NO_CONNECTION` or IGNORED (not connected yet).
    fn "FlushMessagesOnConnection", "flushMessagesOnConnection" (connection_handle: u32) -> ResultCode, Local;
    /// Tells how ready the local certificate is; the C++ call can also fill a debug message that GodotSteam only
    /// delivers by signal.
    fn "GetAuthenticationStatus", "getAuthenticationStatus" () -> Availability, CertificateAuthority;
    /// Builds a signing request for the local identity and key that a certificate authority of the application can
    /// sign.
    fn "GetCertificateRequest", "getCertificateRequest" () -> CertificateRequest, CertificateAuthority;
    /// Snapshot of the remote peer, the state, the closing reason and flags.
    fn "GetConnectionInfo", "getConnectionInfo" (connection_handle: u32) -> ConnectionInfo, Local;
    /// Reads back the debug label of a connection.
    fn "GetConnectionName", "getConnectionName" (connection_handle: u32) -> String, Local;
    /// Ping, quality, rates and queue sizes of a connection and, on demand, of its lanes. `NO_CONNECTION` for a dead
    /// handle, `INVALID_PARAM` when more lanes are asked for than exist.
    fn "GetConnectionRealTimeStatus", "getConnectionRealTimeStatus"
        (connection_handle: u32, lanes: u32, get_status: bool = "true")
        -> RealTimeStatusAnswer, Local;
    /// Reads the 64-bit number attached to a connection.
    fn "GetConnectionUserData", "getConnectionUserData" (connection_handle: u32) -> i64, Local;
    /// Long human-readable diagnosis text of a connection; success is -1 for a bad handle, 0 when the text was
    /// complete, above 0 when a larger buffer would be needed.
    fn "GetDetailedConnectionStatus", "getDetailedConnectionStatus" (connection_handle: u32) -> DetailedStatus, Local;
    /// Reports the fake address given to us: BUSY while waiting, `NO_MATCH` if never asked, `INVALID_PARAM` for an
    /// index other than 0.
    fn "GetFakeIP", "getFakeIP" (first_port: i32 = "0") -> FakeIp, FakeIpAllocator;
    /// Produces a signed blob by which a hosted server proves to the matchmaking backend where it runs and who it is.
    fn "GetGameCoordinatorServerLogin", "getGameCoordinatorServerLogin"
        (app_data: String)
        -> GameCoordinatorLogin, HostedCertificate;
    /// Gives the opaque routing blob a backend puts into relay tickets for this server; `INVALID_STATE` when
    /// `SDR_LISTEN_PORT` is not set, PENDING while the certificate is still missing.
    fn "GetHostedDedicatedServerAddress", "getHostedDedicatedServerAddress"
        ()
        -> HostedServerAddress, HostedEnvironment;
    /// Data-centre id of this server; 0 when `SDR_LISTEN_PORT` is not set, the dev id outside production.
    fn "GetHostedDedicatedServerPOPID", "getHostedDedicatedServerPOPId" () -> u32, HostedEnvironment;
    /// UDP port this server was told to use through `SDR_LISTEN_PORT`.
    fn "GetHostedDedicatedServerPort", "getHostedDedicatedServerPort" () -> u16, HostedEnvironment;
    /// Local identity bound to this interface; false/empty when it is not known yet.
    fn "GetIdentity", "getIdentity" () -> String, Identity;
    /// Bound local address of an IP listen socket; fails for P2P listen sockets.
    fn "GetListenSocketAddress", "getListenSocketAddress" (socket: u32, with_port: bool = "true") -> String, Local;
    /// Older short form of the real-time status call, without lanes; empty or failed for unknown handles.
    fn "GetQuickConnectionStatus", "getQuickConnectionStatus" (connection_handle: u32) -> RealTimeStatus, Local;
    /// Fake address of the peer on a connection; a temporary local one is made up if the peer has none.
    /// `INVALID_PARAM` for a bad handle, `IP_NOT_FOUND` when it is not that kind of connection.
    fn "GetRemoteFakeIPForConnection", "getRemoteFakeIPForConnection"
        (connection: u32)
        -> RemoteFakeIp, FakeIpAllocator;
    /// Starts fetching a certificate early so that later connections do not wait; progress comes through
    /// network_authentication_status.
    fn "InitAuthentication", "initAuthentication" () -> Availability, CertificateAuthority;
    /// Feeds one rendezvous message that the application carried; for a new request a context object decides to
    /// accept (returns a signaling object), ignore or reject.
    fn "ReceivedP2PCustomSignal", "receivedP2PCustomSignal"
        (signal_data: Bytes, context: SignalingContext)
        -> bool, AppSignaling;
    /// Stores a ticket that a backend issued for a client to use a relay towards one server; false/empty when the
    /// ticket is malformed, expired or not for us.
    fn "ReceivedRelayAuthTicket", "receivedRelayAuthTicket" (ticket: Bytes) -> RelayAuthTicket, Tickets;
    /// Takes up to N waiting messages of a connection, reliable ones in order per lane.
    fn "ReceiveMessagesOnConnection", "receiveMessagesOnConnection"
        (connection_handle: u32, max_messages: u32)
        -> Vec<MessageRecord>, Local;
    /// Old way to read messages of all connections accepted on one listen socket.
    fn "ReceiveMessagesOnListenSocket", "receiveMessagesOnListenSocket"
        (socket: u32, max_messages: u32)
        -> Vec<MessageRecord>, Local;
    /// Takes up to N waiting messages from any connection in the group; order is kept per connection, roughly by
    /// arrival between connections.
    fn "ReceiveMessagesOnPollGroup", "receiveMessagesOnPollGroup"
        (poll_group: u32, max_messages: u32)
        -> Vec<MessageRecord>, Local;
    /// Changes or clears the local identity; closes every open connection and throws away certificates.
    fn "ResetIdentity", "resetIdentity" (remote_steam_id: u64) -> (), Identity;
    /// Delivers queued events of the sockets layer on the calling thread; in Steam builds the general callback pump
    /// does the same.
    fn "RunCallbacks", "runNetworkingCallbacks" () -> (), Local;
    /// Sends many messages with one call; failures are `INVALID_PARAM`, `INVALID_STATE`, `NO_CONNECTION`, IGNORED,
    /// `LIMIT_EXCEEDED` as negative values, and 0 marks a message skipped after an earlier failure on that
    /// connection.
    fn "SendMessages", "sendMessages"
        (connection_handle: u32, messages: Vec<Bytes>, flags: SendFlags)
        -> Vec<i64>, Local;
    /// Queues one message of at most 512 KiB; fails with `INVALID_PARAM`, `INVALID_STATE`, `NO_CONNECTION`, IGNORED
    /// (no-delay and not sendable), `LIMIT_EXCEEDED` (buffer full) or FAIL.
    fn "SendMessageToConnection", "sendMessageToConnection"
        (connection_handle: u32, message: Bytes, flags: SendFlags)
        -> SendAnswer, Local;
    /// Installs a signed certificate for the local identity; refused when key, identity or app id do not match.
    fn "SetCertificate", "setCertificate" (certificate: Bytes) -> CertificateAnswer, CertificateAuthority;
    /// Labels a connection for logs.
    fn "SetConnectionName", "setConnectionName" (connection_handle: u32, name: String) -> (), Local;
    /// Moves a connection into a poll group (0 takes it out), together with messages already waiting.
    fn "SetConnectionPollGroup", "setConnectionPollGroup" (connection_handle: u32, poll_group: u32) -> bool, Local;
    /// Attaches a 64-bit number that shows up in info, events and messages; queued events keep the old value, queued
    /// messages get the new one.
    fn "SetConnectionUserData", "setConnectionUserData" (connection_handle: u32, user_data: i64) -> bool, Local;
}
