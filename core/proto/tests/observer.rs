//! An observer hears of every packet and its fate, and of what changes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gamesockets_proto::connection::Connection;
use gamesockets_proto::endpoint::{PairEnd, connected_pair};
use gamesockets_proto::{ConnectionConfig, Observer, Timestamp, TraceEvent};
use gamesockets_schema::{ConnectionState, SendFlags};

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<TraceEvent>>>);

impl Observer for Notes {
    fn record(&mut self, _at: Timestamp, event: &TraceEvent) {
        self.0.lock().expect("not poisoned").push(*event);
    }
}

impl Notes {
    fn numbers(&self, number: impl Fn(&TraceEvent) -> Option<u64>) -> Vec<u64> {
        self.0.lock().expect("not poisoned").iter().filter_map(number).collect()
    }
}

fn pair(now: Timestamp) -> [Connection; 2] {
    let end = |port: u16| PairEnd {
        address: ([127, 0, 0, 1], port).into(),
        remote_identity: gamesockets_proto::Identity::localhost(),
        config: ConnectionConfig::default(),
        seed: [port as u8; 32],
        connection_id: 0x0001_0000 | u32::from(port),
    };
    connected_pair(now, 0, [end(1), end(2)]).expect("a pair")
}

/// Hands over what `from` has to send, but for the packets of these numbers (counted from 0).
fn carry(now: Timestamp, from: &mut Connection, to: &mut Connection, lost: &[usize]) {
    let mut datagram = Vec::new();
    for index in 0.. {
        datagram.clear();
        if from.poll_transmit(now, &mut datagram, 1).is_none() {
            return;
        }
        if !lost.contains(&index) {
            to.handle_datagram(now, &mut datagram);
        }
    }
}

#[test]
fn every_packet_its_fate_and_every_change_is_told() {
    let mut now = Timestamp::from_micros(1_000_000);
    let [mut one, mut two] = pair(now);
    let notes = Notes::default();
    one.set_observer(now, Box::new(notes.clone()));
    for number in 0..3 {
        one.send(now, &[number; 1000], 0, SendFlags::RELIABLE_NO_NAGLE).expect("taken");
        carry(now, &mut one, &mut two, if number == 1 { &[0] } else { &[] });
        now += Duration::from_millis(10);
    }
    for _ in 0..200 {
        now += Duration::from_millis(10);
        one.handle_timeout(now);
        two.handle_timeout(now);
        carry(now, &mut two, &mut one, &[]);
        carry(now, &mut one, &mut two, &[]);
    }
    let got: Vec<u8> = std::iter::from_fn(|| two.receive(now)).map(|message| message.payload[0]).collect();
    assert_eq!(got, [0, 1, 2]);
    one.close(now, 1001, "", false);

    let sent = notes.numbers(|event| match event {
        TraceEvent::PacketSent { number, .. } => Some(*number),
        _ => None,
    });
    let lost = notes.numbers(|event| match event {
        TraceEvent::PacketLost { number } => Some(*number),
        _ => None,
    });
    let acknowledged = notes.numbers(|event| match event {
        TraceEvent::PacketAcknowledged { number } => Some(*number),
        _ => None,
    });
    assert!(sent.len() >= 4 && sent.is_sorted(), "{sent:?}");
    assert_eq!(lost, [sent[1]], "the packet that was not handed over");
    for number in [sent[0], sent[2]] {
        assert!(acknowledged.contains(&number), "{number} in {acknowledged:?}");
    }
    assert!(!acknowledged.contains(&sent[1]));
    let events = notes.0.lock().expect("not poisoned");
    let in_flight = events.iter().filter_map(|event| match event {
        TraceEvent::Metrics(metrics) => Some(metrics.in_flight),
        _ => None,
    });
    assert!(in_flight.max().is_some_and(|most| most >= 2_000), "{events:?}");
    let ended = TraceEvent::StateChanged { old: ConnectionState::Connected, new: ConnectionState::FinWait };
    assert!(events.contains(&ended), "{events:?}");
}
