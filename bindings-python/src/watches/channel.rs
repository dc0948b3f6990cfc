//! A byte from the I/O thread to an event loop: two joined sockets that never block.

use std::io::{self, Read as _, Write as _};

#[cfg(unix)]
use std::os::unix::net::UnixStream as Stream;

#[cfg(windows)]
use std::net::TcpStream as Stream;

pub(super) struct Sender(Stream);

pub(super) struct Receiver(Stream);

/// The two ends.
pub(super) fn channel() -> io::Result<(Sender, Receiver)> {
    let (sender, receiver) = pair()?;
    sender.set_nonblocking(true)?;
    receiver.set_nonblocking(true)?;
    Ok((Sender(sender), Receiver(receiver)))
}

impl Sender {
    /// Makes the other end readable.
    pub(super) fn signal(&self) {
        // If the other end is gone, nobody waits; and one byte always has room.
        let _ = (&self.0).write(&[1]);
    }
}

impl Receiver {
    /// Takes what was signalled.
    pub(super) fn clear(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }

    #[cfg(unix)]
    pub(super) fn fileno(&self) -> i64 {
        i64::from(std::os::fd::AsRawFd::as_raw_fd(&self.0))
    }

    #[cfg(windows)]
    pub(super) fn fileno(&self) -> i64 {
        std::os::windows::io::AsRawSocket::as_raw_socket(&self.0) as i64
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Stream, Stream)> {
    Stream::pair()
}

/// Windows waits for sockets only, and joins none itself.
#[cfg(windows)]
fn pair() -> io::Result<(Stream, Stream)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let sender = Stream::connect(listener.local_addr()?)?;
    loop {
        let (receiver, from) = listener.accept()?;
        // Anybody may connect to a port.
        if from == sender.local_addr()? {
            sender.set_nodelay(true)?;
            return Ok((sender, receiver));
        }
    }
}
