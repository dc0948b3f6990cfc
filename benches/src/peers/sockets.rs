//! UDP sockets as all peers that take one get it, and waiting for them.

use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

/// What the system is asked to buffer for a socket, each way. It may give less.
pub(crate) const BUFFER_BYTES: usize = 4 << 20;

/// A socket on a free port of this machine that does not block.
pub(crate) fn bound() -> Result<UdpSocket, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| format!("no UDP socket: {error}"))?;
    let options = socket2::SockRef::from(&socket);
    // Best effort: the system's own limits stand.
    let _ = options.set_recv_buffer_size(BUFFER_BYTES);
    let _ = options.set_send_buffer_size(BUFFER_BYTES);
    socket.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(socket)
}

/// Waits until something can be read, or the time is over.
pub(crate) fn wait_readable(socket: impl AsFd, timeout: Duration) {
    let mut sockets = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    // Interrupted or not: the caller looks anyway.
    let _ = ppoll(&mut sockets, Some(TimeSpec::from_duration(timeout)), None);
}
