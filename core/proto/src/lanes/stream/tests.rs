//! Streams in pieces of any order, and what a peer can make them keep and do.

use super::*;

/// A receiver, and a queue that takes so many messages.
struct Bench {
    receiver: StreamReceiver,
    queue: ReceiveQueue,
    books: Books,
    highest: u64,
    limits: StreamLimits,
    touched: u64,
}

impl Bench {
    fn new(room: usize) -> Self {
        let mut queue = ReceiveQueue::default();
        queue.set_limits(room, 1 << 20);
        let (receiver, books) = (StreamReceiver::default(), Books::default());
        Self { receiver, queue, books, highest: 0, limits: LIMITS, touched: 0 }
    }

    fn run<T>(&mut self, change: impl FnOnce(&mut StreamReceiver, &mut u64, &mut Outlet<'_>) -> T) -> T {
        let Self { receiver, queue, books, highest, limits, touched } = self;
        books.queued = queue.bytes();
        let (allowance, now) = (&mut Allowance::default(), Timestamp::default());
        let mut outlet = Outlet { lane: 0, now, limits: *limits, books, queue, allowance };
        let answer = change(receiver, highest, &mut outlet);
        *touched = allowance.touched();
        let runs = receiver.ahead.values();
        let held = Books { ahead: runs.clone().map(Vec::len).sum(), runs: runs.count(), ..*books };
        assert_eq!(held, *books);
        assert!(books.held() <= limits.held_max());
        answer
    }

    fn insert(&mut self, position: u64, data: &[u8]) -> Result<Taken, StreamError> {
        let segment = Segment { position, data, packet: &Copied };
        self.run(|receiver, highest, outlet| receiver.insert(segment, highest, outlet))
    }

    fn pump(&mut self) {
        self.run(|receiver, highest, outlet| receiver.pump(highest, outlet)).unwrap();
    }

    fn read(&mut self) -> Vec<(u64, Vec<u8>)> {
        core::iter::from_fn(|| self.queue.pop()).map(|m| (m.number, m.payload.to_vec())).collect()
    }
}

const LIMITS: StreamLimits = StreamLimits { buffer_bytes: 10_000, message_bytes: 1_000, unreliable_bytes: 1_000 };

struct Copied;

impl Arrived for Copied {
    fn keep(&self, part: &[u8]) -> Payload {
        Payload::own(Bytes::copy_from_slice(part))
    }

    fn memory(&self) -> usize {
        0
    }
}

fn stream() -> Vec<u8> {
    let mut bytes = vec![3, b'a', b'b', b'c', 0];
    bytes.extend([0x60, 5, 2]); // number += 5, size 2 << 5
    bytes.extend([9; 64]);
    bytes.extend([1, b'z']);
    bytes
}

fn expected() -> Vec<(u64, Vec<u8>)> {
    vec![(1, b"abc".to_vec()), (2, vec![]), (7, vec![9; 64]), (8, b"z".to_vec())]
}

#[test]
fn any_cut_in_any_order_gives_the_same_messages() {
    let bytes = stream();
    for cut in 1..bytes.len() {
        for reversed in [false, true] {
            let mut parts: Vec<_> = bytes.chunks(cut).enumerate().collect();
            if reversed {
                parts.reverse();
            }
            let mut bench = Bench::new(99);
            for (index, part) in parts {
                for _ in 0..2 {
                    assert_eq!(bench.insert(1 + (index * cut) as u64, part), Ok(Taken::Yes));
                }
            }
            assert_eq!(bench.read(), expected(), "cut {cut}, reversed {reversed}");
            assert_eq!((bench.highest, bench.receiver.expected()), (8, 1 + bytes.len() as u64));
            assert_eq!(bench.books.held() - bench.books.queued, 0);
        }
    }
}

#[test]
fn overlapping_pieces_in_any_order_give_the_same_messages() {
    let bytes = stream();
    let mut state = 3_u64;
    for round in 0..2_000 {
        let mut bench = Bench::new(99);
        while bench.queue.len() < 4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let from = (state >> 33) as usize % bytes.len();
            let to = bytes.len().min(from + 1 + (state >> 50) as usize % 40);
            assert_eq!(bench.insert(1 + from as u64, &bytes[from..to]), Ok(Taken::Yes), "round {round}");
        }
        assert_eq!(bench.read(), expected(), "round {round}");
    }
}

#[test]
fn the_longest_header_can_come_in_any_two_pieces() {
    // Gap 1 and size 32, with every integer as long as it may be.
    let mut bytes = vec![0x60, 0x81];
    bytes.extend([0x80; 8]);
    bytes.extend([0, 0x81]);
    bytes.extend([0x80; 8]);
    bytes.push(0);
    assert_eq!(bytes.len(), MAX_MESSAGE_HEADER_LEN);
    bytes.extend([7; 32]);
    for cut in 1..bytes.len() {
        let mut bench = Bench::new(9);
        let (first, second) = bytes.split_at(cut);
        for (position, part) in [(1, first), (1 + cut as u64, second)] {
            assert_eq!(bench.insert(position, part), Ok(Taken::Yes));
        }
        assert_eq!(bench.read(), [(1, vec![7; 32])], "cut at {cut}");
    }
}

#[test]
fn a_full_queue_refuses_and_later_goes_on() {
    let bytes = stream();
    let mut bench = Bench::new(1);
    assert_eq!(bench.insert(1, &bytes), Ok(Taken::Yes));
    assert_eq!(bench.queue.len(), 1);
    assert!(bench.receiver.is_stalled());
    assert_eq!(bench.insert(1, &[0; 100]), Ok(Taken::Refused));
    let mut got = bench.read();
    for _ in 0..3 {
        bench.pump();
        got.extend(bench.read());
    }
    assert_eq!(got, expected());
    assert!(!bench.receiver.is_stalled());
}

#[test]
fn bounds_what_a_peer_may_make_us_keep() {
    let mut bench = Bench::new(9);
    assert_eq!(bench.insert(1 + 10_000, b"x"), Ok(Taken::Refused));
    for i in 0..1_024 {
        assert_eq!(bench.insert(3 + 2 * i, b"x"), Ok(Taken::Yes));
    }
    assert_eq!(bench.insert(9_000, b"x"), Ok(Taken::Refused), "too many pieces");
    assert_eq!(bench.insert(3 + 2 * 1_024 - 1, b"x"), Ok(Taken::Yes), "it joins another");
    assert_eq!(bench.insert(u64::MAX, b"x"), Ok(Taken::Refused));
    // One segment takes the place of many, but not of all at once.
    let mut rounds = 0;
    while bench.insert(3, &[b'x'; 1_000]) == Ok(Taken::Refused) && rounds < 99 {
        assert!(bench.touched <= 2 * COVERED_MAX as u64, "{}", bench.touched);
        rounds += 1;
    }
    assert_eq!((rounds, bench.books.runs), (500 / COVERED_MAX, 1_024 - 500 + 1));
}

#[test]
fn what_fills_the_last_hole_is_done_a_little_at_a_time() {
    let limits = StreamLimits { buffer_bytes: 1 << 20, message_bytes: 1 << 19, unreliable_bytes: 1 << 19 };
    // Empty messages; and one large message.
    let large = [&[0x20, 0x80, 0x80, 0x01][..], &[7; 1 << 19]].concat();
    for (stream, expected) in [(vec![0; 100_000], 100_000), (large, 1)] {
        let mut bench = Bench { limits, ..Bench::new(usize::MAX) };
        for (index, piece) in stream.chunks(1_200).enumerate().skip(1) {
            assert_eq!(bench.insert(1 + index as u64 * 1_200, piece), Ok(Taken::Yes));
        }
        assert_eq!(bench.insert(1, &stream[..1_200]), Ok(Taken::Yes));
        let mut rounds = 0;
        while bench.receiver.is_stalled() {
            assert!(bench.touched < 600, "{}", bench.touched);
            bench.pump();
            rounds += 1;
            assert!(rounds < 1_000);
        }
        assert!(rounds > 1 && bench.queue.len() == expected, "{rounds} rounds, {} messages", bench.queue.len());
    }
}

#[test]
fn a_message_that_is_alone_may_always_begin() {
    let mut bench = Bench::new(usize::MAX);
    let message = [&[0x20 | 8, 31][..], &[7; 1_000]].concat();
    // Everything but the first piece, as much as the buffer takes.
    let all = message.repeat(10);
    let kept = (1..10).filter(|&i| bench.insert(1 + i * 1_000, &all[i as usize * 1_000..][..1_000]) == Ok(Taken::Yes));
    assert_eq!(kept.count(), 9, "all but a little of the buffer");
    assert_eq!(bench.insert(1, &all[..1_000]), Ok(Taken::Yes));
    let mut got = bench.read().len();
    for _ in 0..9 {
        bench.pump();
        got += bench.read().len();
    }
    assert_eq!((got, bench.receiver.is_stalled()), (9, false));
}

#[test]
fn refuses_large_messages_and_lurching_numbers() {
    let feed = |bytes: &[u8]| Bench::new(9).insert(1, bytes);
    assert!(matches!(feed(&[0x20 | 9, 31]), Err(StreamError::MessageTooLarge { size: 1_001, .. })));
    assert!(matches!(feed(&[0x40, 0x91, 0x4E]), Err(StreamError::NumberLurch { number: 10_001, .. })));
    assert_eq!(feed(&[0x40, 0x90, 0x4E]), Ok(Taken::Yes));
    assert!(matches!(feed(&[0x80]), Err(StreamError::Framing(_))));
}
