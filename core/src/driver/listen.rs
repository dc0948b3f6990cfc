//! A listen socket as the driver keeps it.

use std::sync::Arc;

use super::socket::UdpSocket;
use crate::handles::ListenSocket;

/// A listen socket. Its connections are known to the I/O thread only.
pub(crate) struct ListenCell {
    pub(crate) handle: ListenSocket,
    pub(crate) socket: Arc<UdpSocket>,
    pub(crate) token: mio::Token,
    /// What connections accepted here start with.
    pub(crate) user_data: i64,
}
