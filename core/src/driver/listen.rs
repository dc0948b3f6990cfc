//! A listen socket as the driver keeps it.

use std::sync::Arc;

use parking_lot::Mutex;

use super::socket::UdpSocket;
use crate::config::Overrides;
use crate::handles::ListenSocket;

/// A listen socket. Its connections are known to the I/O thread only.
pub(crate) struct ListenCell {
    pub(crate) handle: ListenSocket,
    pub(crate) socket: Arc<UdpSocket>,
    pub(crate) token: mio::Token,
    /// What was set for it, and for the connections that come in by it.
    pub(crate) options: Mutex<Overrides>,
}
