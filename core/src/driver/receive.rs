//! Datagrams in: out of the socket in batches, one after the other to whoever wants them.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use gamesockets_proto::Timestamp;
use gamesockets_schema::ConnectionState;
use quinn_udp::{BATCH_SIZE, RecvMeta};

use super::Driver;
use super::connection::ConnectionCell;
use super::socket::{UdpSocket, normalise};

/// Room for everything the system merges into one receive.
const BUFFER_BYTES: usize = 1 << 16;
/// How many batches one socket may have before the others get their turn.
const BATCHES_IN_A_ROW: usize = 16;
/// Longer datagrams are cut, as GNS does (spec section 1.1); no valid one is.
const MAX_DATAGRAM_BYTES: usize = 2_324;

/// The receive buffers of the I/O thread.
pub(super) struct Receiver {
    /// The system touches only the pages that it needs.
    bytes: Vec<u8>,
    pub(super) fed: Vec<Arc<ConnectionCell>>,
    /// How many came so far.
    pub(super) datagrams: u64,
}

/// How far a socket has been read. Only one that is empty is announced again by every system (Windows arms it anew when a
/// read finds nothing, and never after an error), so the others must be read again without being announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// Its next datagram is announced.
    Empty,
    /// There may be more to read.
    Partly,
    /// It gave nothing but errors: more may be behind them.
    Failing,
}

/// A datagram, and the address of ours that it was sent to.
pub(super) struct Datagram<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: &'a mut [u8],
}

impl Receiver {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; BATCH_SIZE * BUFFER_BYTES], fed: Vec::new(), datagrams: 0 }
    }

    /// Reads a socket, and settles each connection that was fed once per batch, so that it answers many datagrams with
    /// few. An error counts as a read.
    pub(super) fn drain(
        &mut self,
        driver: &Driver,
        token: mio::Token,
        socket: &UdpSocket,
        mut feed: impl FnMut(Timestamp, Datagram<'_>, &mut Vec<Arc<ConnectionCell>>),
    ) -> Drained {
        let conditions = &driver.conditions;
        let mut drained = Drained::Failing;
        for _ in 0..BATCHES_IN_A_ROW {
            let mut metas = [RecvMeta::default(); BATCH_SIZE];
            match receive_batch(socket, &mut self.bytes, &mut metas) {
                Ok(count) => {
                    drained = Drained::Partly;
                    let now = driver.now();
                    for (buffer, meta) in self.bytes.chunks_mut(BUFFER_BYTES).zip(metas.iter().take(count)) {
                        for_each_datagram(buffer, meta, |datagram| {
                            self.datagrams += 1;
                            if !conditions.are_on() || conditions.receive(token, socket, now, &datagram) {
                                feed(now, datagram, &mut self.fed);
                            }
                        });
                    }
                    self.settle(driver, now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Drained::Empty,
                // An ICMP error of an earlier send, or the like: the next read goes on.
                Err(_) => {}
            }
        }
        drained
    }

    /// Settles every connection that was fed.
    pub(super) fn settle(&mut self, driver: &Driver, now: Timestamp) {
        for cell in self.fed.drain(..) {
            cell.settle(driver, now, cell.lock());
        }
    }
}

/// Feeds a connection. It is settled when the batch is through.
pub(super) fn feed(
    driver: &Driver,
    cell: &Arc<ConnectionCell>,
    now: Timestamp,
    datagram: &mut [u8],
    fed: &mut Vec<Arc<ConnectionCell>>,
) {
    let mut guarded = cell.lock();
    let Some(connection) = guarded.engine.udp_mut() else { return };
    if connection.state() == ConnectionState::Connecting {
        connection.set_unix_seconds_at_zero(driver.unix_seconds_at_zero());
    }
    connection.handle_datagram(now, datagram);
    // The next datagram may change what there is to tell.
    cell.tell_meanwhile(driver, &mut guarded);
    if guarded.touch() {
        fed.push(Arc::clone(cell));
    }
}

fn receive_batch(socket: &UdpSocket, bytes: &mut [u8], metas: &mut [RecvMeta; BATCH_SIZE]) -> io::Result<usize> {
    let mut chunks = bytes.chunks_mut(BUFFER_BYTES);
    let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
        std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
    socket.receive(&mut buffers, metas)
}

fn for_each_datagram(buffer: &mut [u8], meta: &RecvMeta, mut each: impl FnMut(Datagram<'_>)) {
    let from = normalise(meta.addr);
    let to = meta.dst_ip.map(|ip| ip.to_canonical());
    let filled = buffer.len().min(meta.len);
    for bytes in buffer[..filled].chunks_mut(meta.stride.max(1)) {
        let length = bytes.len().min(MAX_DATAGRAM_BYTES);
        each(Datagram { from, to, bytes: &mut bytes[..length] });
    }
}
