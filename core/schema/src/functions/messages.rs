//! The functions of the messages group.

use alloc::vec::Vec;

use crate::enums::ResultCode;
use crate::field::Bytes;
use crate::flags::SendFlags;
use crate::records::{ChannelMessageRecord, SessionConnectionInfo};

functions! {
    Messages:
    /// Agrees to talk to a user after network_messages_session_request; sending to the user also counts as
    /// acceptance.
    fn "AcceptSessionWithUser", "acceptSessionWithUser" (remote_steam_id: u64) -> bool, Signaling;
    /// Stops one channel with a user; when the last channel closes, the session ends.
    fn "CloseChannelWithUser", "closeChannelWithUser" (remote_steam_id: u64, channel: i32) -> bool, Signaling;
    /// Drops the session and frees queued data; later traffic from that user raises a new request.
    fn "CloseSessionWithUser", "closeSessionWithUser" (remote_steam_id: u64) -> bool, Signaling;
    /// State of the hidden connection behind a session, optionally with the full info and live statistics.
    fn "GetSessionConnectionInfo", "getSessionConnectionInfo"
        (remote_steam_id: u64, get_connection: bool, get_status: bool)
        -> SessionConnectionInfo, Signaling;
    /// Takes up to N messages from all sessions on one channel.
    fn "ReceiveMessagesOnChannel", "receiveMessagesOnChannel"
        (channel: i32, max_messages: u32)
        -> Vec<ChannelMessageRecord>, Signaling;
    /// Sends to a user and opens a session if needed; `NO_CONNECTION` or `CONNECT_FAILED` once a session broke
    /// (unless the auto-restart flag is set), `INVALID_PARAM`, `LIMIT_EXCEEDED`, FAIL without signaling.
    fn "SendMessageToUser", "sendMessageToUser"
        (remote_steam_id: u64, data: Bytes, flags: SendFlags, channel: i32)
        -> ResultCode, Signaling;
}
