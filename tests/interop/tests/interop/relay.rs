//! A stretch of network between two peers that a scenario can cut: one UDP socket facing each.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Larger than any datagram of the protocol (1300 bytes).
const DATAGRAM: usize = 2048;
/// How soon the threads notice that the relay is dropped.
const WAKE_UP: Duration = Duration::from_millis(50);

/// Forwards datagrams between one client and a server.
pub(crate) struct Relay {
    /// Where the client has to connect to.
    pub(crate) address: SocketAddr,
    cut: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Relay {
    pub(crate) fn to(server: SocketAddr) -> std::io::Result<Self> {
        let facing_client = Arc::new(UdpSocket::bind("127.0.0.1:0")?);
        let facing_server = Arc::new(UdpSocket::bind("127.0.0.1:0")?);
        facing_server.connect(server)?;
        let address = facing_client.local_addr()?;
        let (cut, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut threads = Vec::new();
        // A connected socket drops what comes from elsewhere; the client's side connects with the first datagram.
        for (from, to) in [(&facing_client, &facing_server), (&facing_server, &facing_client)] {
            from.set_read_timeout(Some(WAKE_UP))?;
            let (from, to) = (Arc::clone(from), Arc::clone(to));
            let (cut, ended) = (Arc::clone(&cut), Arc::clone(&ended));
            threads.push(std::thread::spawn(move || forward(&from, &to, &cut, &ended)));
        }
        Ok(Self { address, cut, ended, threads })
    }

    /// Drops every datagram from now on.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that panicked has already said why.
            let _ = thread.join();
        }
    }
}

fn forward(from: &UdpSocket, to: &UdpSocket, cut: &AtomicBool, ended: &AtomicBool) {
    let mut datagram = [0; DATAGRAM];
    while !ended.load(Ordering::Relaxed) {
        // Timeouts and refusals by the other side (ICMP) are ordinary here.
        let Ok((len, sender)) = from.recv_from(&mut datagram) else { continue };
        if from.peer_addr().is_err() && from.connect(sender).is_err() {
            continue;
        }
        if !cut.load(Ordering::Relaxed) {
            // The socket towards a client that has not spoken yet has nowhere to send to.
            let _ = to.send(&datagram[..len]);
        }
    }
}
