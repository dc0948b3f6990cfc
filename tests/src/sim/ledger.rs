//! Every message of a run: what was sent, what arrived, and whether that is right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use bytes::Bytes;
use gamesockets_proto::{Message, SendError};
use gamesockets_schema::SendFlags;

use super::{ConnKey, Network, Rng};

/// Unreliable messages above this are sent reliably (spec section 11.1).
const UNRELIABLE_SIZE_MAX: usize = 16_500;
const MESSAGE_SIZE_MAX: usize = 524_288;

/// Random bytes that every payload is a window of, so that payloads cost nothing to make and compare.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| {
    let mut noise = vec![0; 2 * MESSAGE_SIZE_MAX];
    Rng::new(0x6e6f_6973_6500).fill(&mut noise);
    noise.into()
});

/// One direction of one connection, named by its sender's connection id, which is unique in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(u32);

/// What is known of one direction.
#[derive(Debug, Default)]
pub struct Stream {
    /// Index is message number - 1.
    sent: Vec<SentMessage>,
    /// Index into `sent` below which every reliable message has arrived.
    reliable_cursor: usize,
    unreliable_arrived: BTreeSet<u64>,
}

#[derive(Clone, Copy, Debug)]
struct SentMessage {
    size: usize,
    reliable: bool,
}

/// Sends and reads on behalf of applications, and panics when a message is not what it has to be.
#[derive(Debug, Default)]
pub struct Ledger {
    streams: BTreeMap<StreamId, Stream>,
    /// Messages read and found right.
    pub messages_read: u64,
}

impl Ledger {
    /// Sends `size` bytes on lane 0. A refusal for lack of buffer is passed on, and `Writable` owed.
    pub fn send(
        &mut self,
        network: &mut Network,
        key: ConnKey,
        size: usize,
        flags: SendFlags,
    ) -> Result<u64, SendError> {
        let id = stream_id(network, key, true).expect("a connection that is not dead");
        let stream = self.streams.entry(id).or_default();
        let number = stream.sent.len() as u64 + 1;
        let payload = payload(id, number, size);
        // The record comes first: the message may arrive, and be read, before the call returns.
        let result =
            network.call(key, |connection, now| connection.send(now, &payload, 0, flags)).expect("a live connection");
        match &result {
            Ok(assigned) => {
                assert_eq!(*assigned, number, "message numbers of {id:?} have a gap");
                let reliable = flags.contains(SendFlags::RELIABLE) || size > UNRELIABLE_SIZE_MAX;
                stream.sent.push(SentMessage { size, reliable });
            }
            Err(SendError::BufferFull { pending, limit }) => {
                assert!(pending + size > *limit, "{size} bytes refused with {pending} of {limit} pending");
                network.note_refused_send(key);
            }
            Err(SendError::ExceedsBuffer { limit, .. }) => assert!(size > *limit, "{size} bytes refused, {limit} fit"),
            Err(_) => {}
        }
        result
    }

    /// Reads and checks up to `count` messages; answers how many there were.
    pub fn read(&mut self, network: &mut Network, key: ConnKey, count: usize) -> usize {
        let Some(id) = stream_id(network, key, false) else {
            return 0;
        };
        for i in 0..count {
            let Some(message) = network.call(key, |connection, now| connection.receive(now)).flatten() else {
                return i;
            };
            network.trace.number(message.number);
            network.trace.bytes(&message.payload);
            assert!(message.time_received <= network.now(), "received in the future");
            self.streams.entry(id).or_default().check(id, &message);
            self.messages_read += 1;
        }
        count
    }

    /// Number of messages taken for sending from `key`.
    pub fn sent(&self, network: &Network, key: ConnKey) -> usize {
        stream_id(network, key, true).and_then(|id| self.streams.get(&id)).map_or(0, |s| s.sent.len())
    }

    /// The direction that `key` sends, to ask about it after the connection is gone.
    pub fn outgoing(&self, network: &Network, key: ConnKey) -> Option<StreamId> {
        stream_id(network, key, true)
    }

    /// Reliable messages of a direction that have been sent and not been read.
    pub fn reliable_missing(&self, id: StreamId) -> usize {
        let stream = self.streams.get(&id);
        stream.map_or(0, |s| s.sent[s.reliable_cursor..].iter().filter(|m| m.reliable).count())
    }

    /// Unreliable messages of a direction that have been read.
    pub fn unreliable_read(&self, id: StreamId) -> usize {
        self.streams.get(&id).map_or(0, |s| s.unreliable_arrived.len())
    }
}

impl Stream {
    fn check(&mut self, id: StreamId, message: &Message) {
        let number = message.number;
        assert_eq!(message.lane, 0, "{id:?} message {number} came on another lane");
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let sent = index.and_then(|i| self.sent.get(i)).copied();
        let sent = sent.unwrap_or_else(|| panic!("{id:?} message {number} was never sent"));
        assert_eq!(message.reliable, sent.reliable, "{id:?} message {number}: reliability");
        assert_eq!(message.payload.len(), sent.size, "{id:?} message {number}: size");
        assert!(message.payload == payload(id, number, sent.size), "{id:?} message {number} was changed");
        if sent.reliable {
            let rest = &self.sent[self.reliable_cursor..];
            let skipped = rest.iter().position(|m| m.reliable).expect("a reliable message arrived twice");
            let expected = self.reliable_cursor + skipped + 1;
            assert_eq!(number, expected as u64, "{id:?}: reliable messages out of order, lost or doubled");
            self.reliable_cursor = expected;
        } else {
            assert!(self.unreliable_arrived.insert(number), "{id:?} unreliable message {number} arrived twice");
        }
    }
}

/// The payload of a message: different for every connection, direction and number.
fn payload(id: StreamId, number: u64, size: usize) -> Bytes {
    let draw = Rng::new(u64::from(id.0) << 32 ^ number).next_u64();
    let start = draw as usize % MESSAGE_SIZE_MAX;
    // A message over the limit is refused whatever is in it.
    if size > MESSAGE_SIZE_MAX { Bytes::from(vec![0; size]) } else { NOISE.slice(start..start + size) }
}

fn stream_id(network: &Network, key: ConnKey, outgoing: bool) -> Option<StreamId> {
    let connection = network.connection(key)?;
    Some(StreamId(if outgoing { connection.local_connection_id() } else { connection.remote_connection_id() }))
}
