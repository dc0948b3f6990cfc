//! Simulated conditions: they really happen, and reliable data arrives all the same.

mod common;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use common::{Pair, connect, eventually, payload, receive, wait_for, wait_for_connection};
use gamesockets::{
    ConfigData, ConfigEntry, ConfigTarget, ConfigValue, ConnectionState, DebugOutputType, Event, ReceivedMessage,
    SendFlags, Sockets,
};

/// So few that the socket's buffer holds them all, even if nobody reads meanwhile.
const MESSAGES: usize = 160;

fn set(sockets: &Sockets, options: &[(ConfigValue, ConfigData)]) {
    for (option, value) in options {
        sockets.set_config_value(ConfigTarget::Global, *option, value.clone()).unwrap();
    }
}

/// A connected pair that is fast enough not to queue.
fn fast_pair() -> Pair {
    let rate = 8 << 20;
    Pair::with_options(
        "127.0.0.1:0",
        &[
            ConfigEntry::new(ConfigValue::SEND_RATE_MIN, rate),
            ConfigEntry::new(ConfigValue::SEND_RATE_MAX, rate),
            ConfigEntry::new(ConfigValue::NAGLE_TIME, 0),
        ],
    )
}

/// Sends unreliable messages, one datagram each, and answers the numbers of those that came, in order of arrival.
fn send_through(pair: &Pair, conditions: &[(ConfigValue, ConfigData)]) -> Vec<usize> {
    send_numbered(pair, conditions);
    // A mark behind them, sent once the conditions are over.
    for (option, _) in conditions {
        pair.client.clear_config_value(ConfigTarget::Global, *option).unwrap();
    }
    pair.client.send_message_to_connection(pair.connected, b"", SendFlags::RELIABLE_NO_NAGLE).unwrap();
    let mut arrived = Vec::new();
    loop {
        let message = receive(&pair.server, pair.accepted, 1).remove(0);
        match number_of(&message) {
            Some(number) => arrived.push(number),
            None => return arrived,
        }
    }
}

/// As [`send_through`], for conditions that delay but lose nothing.
fn send_all_through(pair: &Pair, conditions: &[(ConfigValue, ConfigData)]) -> Vec<usize> {
    send_numbered(pair, conditions);
    let mut messages = receive(&pair.server, pair.accepted, MESSAGES);
    // Messages that wait to be read stand in the order of their numbers.
    messages.sort_by_key(|message| message.time_received);
    messages.iter().filter_map(number_of).collect()
}

fn send_numbered(pair: &Pair, conditions: &[(ConfigValue, ConfigData)]) {
    set(&pair.client, conditions);
    for number in 0..MESSAGES {
        let message = u32::try_from(number).unwrap().to_le_bytes();
        pair.client.send_message_to_connection(pair.connected, &message, SendFlags::UNRELIABLE_NO_NAGLE).unwrap();
        // What waits for the pacer would share a datagram with the next.
        eventually("it has left the queue", || {
            pair.client.connection_real_time_status(pair.connected).unwrap().pending_unreliable == 0
        });
    }
}

fn number_of(message: &ReceivedMessage) -> Option<usize> {
    message.payload.first_chunk().map(|&bytes| u32::from_le_bytes(bytes) as usize)
}

#[test]
fn what_is_lost_is_the_share_that_was_asked_for() {
    let numbers = send_through(&fast_pair(), &[(ConfigValue::FAKE_PACKET_LOSS_SEND, 25.0.into())]);
    // Six standard deviations around 120.
    assert!((87..=153).contains(&numbers.len()), "{} of {MESSAGES} came", numbers.len());
    assert!(numbers.is_sorted());
}

#[test]
fn everything_may_be_lost() {
    let numbers = send_through(&fast_pair(), &[(ConfigValue::FAKE_PACKET_LOSS_SEND, 100.0.into())]);
    assert!(numbers.is_empty());
}

#[test]
fn reordered_datagrams_are_overtaken() {
    let conditions =
        [(ConfigValue::FAKE_PACKET_REORDER_SEND, 20.0.into()), (ConfigValue::FAKE_PACKET_REORDER_TIME, 20.into())];
    let numbers = send_all_through(&fast_pair(), &conditions);
    let inversions = numbers.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(inversions > 0, "none was overtaken");
}

#[test]
fn jitter_delays_and_keeps_the_order() {
    let conditions = [
        (ConfigValue::FAKE_PACKET_JITTER_SEND_AVG, 2.0.into()),
        (ConfigValue::FAKE_PACKET_JITTER_SEND_MAX, 20.0.into()),
        (ConfigValue::FAKE_PACKET_JITTER_SEND_PCT, 100.0.into()),
    ];
    let numbers = send_all_through(&fast_pair(), &conditions);
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn a_rate_limit_limits() {
    let conditions =
        [(ConfigValue::FAKE_RATE_LIMIT_SEND_RATE, 1.into()), (ConfigValue::FAKE_RATE_LIMIT_SEND_BURST, 2000.into())];
    let numbers = send_through(&fast_pair(), &conditions);
    // Each datagram has at least 30 bytes.
    assert!((1..=2000 / 30).contains(&numbers.len()), "{} came", numbers.len());
    assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "the burst passes, and nothing after it");
}

#[test]
fn copies_are_sent_and_counted_once() {
    let observer = UdpSocket::bind("127.0.0.1:0").unwrap();
    observer.set_read_timeout(Some(common::LIMIT)).unwrap();
    let options = [
        ConfigEntry::new(ConfigValue::FAKE_PACKET_DUP_SEND, 100.0),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_DUP_TIME_MAX, 0),
    ];
    let sockets = options.into_iter().fold(Sockets::builder(), |builder, option| builder.option(option));
    let sockets = sockets.build().unwrap();
    sockets.connect_by_ip_address(observer.local_addr().unwrap(), &[]).unwrap();
    let mut datagrams = [vec![0; 2000], vec![0; 2000]];
    for datagram in &mut datagrams {
        let length = observer.recv(datagram).unwrap();
        datagram.truncate(length);
    }
    assert_eq!(datagrams[0], datagrams[1]);
    let pair = fast_pair();
    set(&pair.server, &[(ConfigValue::FAKE_PACKET_DUP_RECV, 100.0.into())]);
    let numbers = send_through(&pair, &[(ConfigValue::FAKE_PACKET_DUP_SEND, 100.0.into())]);
    assert_eq!(numbers, (0..MESSAGES).collect::<Vec<_>>());
}

#[test]
fn lag_is_seen_as_ping_in_either_direction() {
    for option in [ConfigValue::FAKE_PACKET_LAG_SEND, ConfigValue::FAKE_PACKET_LAG_RECV] {
        let server = Sockets::anonymous().unwrap();
        let client = Sockets::builder().option(ConfigEntry::new(option, 60)).build().unwrap();
        let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        let address = server.listen_socket_address(listen).unwrap();
        let start = Instant::now();
        let (_, connected) = connect(&server, &client, address, &[]);
        assert!(start.elapsed() >= Duration::from_millis(120), "two round trips");
        let ping = client.connection_real_time_status(connected).unwrap().ping;
        assert!((60..1000).contains(&ping), "{ping}");
    }
}

#[test]
fn reliable_data_arrives_through_everything_at_once() {
    let pair = fast_pair();
    for sockets in [&pair.client, &pair.server] {
        set(
            sockets,
            &[
                (ConfigValue::FAKE_PACKET_LOSS_SEND, 15.0.into()),
                (ConfigValue::FAKE_PACKET_LOSS_RECV, 10.0.into()),
                (ConfigValue::FAKE_PACKET_LAG_SEND, 2.into()),
                (ConfigValue::FAKE_PACKET_LAG_RECV, 3.into()),
                (ConfigValue::FAKE_PACKET_DUP_SEND, 20.0.into()),
                (ConfigValue::FAKE_PACKET_DUP_RECV, 20.0.into()),
                (ConfigValue::FAKE_PACKET_REORDER_SEND, 10.0.into()),
                (ConfigValue::FAKE_PACKET_REORDER_RECV, 10.0.into()),
                (ConfigValue::FAKE_PACKET_REORDER_TIME, 5.into()),
                (ConfigValue::FAKE_PACKET_JITTER_SEND_AVG, 1.0.into()),
                (ConfigValue::FAKE_PACKET_JITTER_RECV_AVG, 1.0.into()),
            ],
        );
    }
    let sent: Vec<_> = (0..60).map(|number| payload(number * 50, number)).collect();
    for message in &sent {
        pair.client.send_message_to_connection(pair.connected, message, SendFlags::RELIABLE).unwrap();
        pair.server.send_message_to_connection(pair.accepted, message, SendFlags::RELIABLE).unwrap();
    }
    for (sockets, connection) in [(&pair.server, pair.accepted), (&pair.client, pair.connected)] {
        let received = receive(sockets, connection, sent.len());
        assert!(received.iter().zip(&sent).all(|(got, sent)| got.payload == sent[..]));
    }
}

#[test]
fn a_connection_under_a_real_rate_limit_delivers_slowly() {
    let pair = fast_pair();
    set(
        &pair.client,
        &[
            (ConfigValue::FAKE_RATE_LIMIT_SEND_RATE, 100_000.into()),
            (ConfigValue::FAKE_RATE_LIMIT_SEND_BURST, 5_000.into()),
            (ConfigValue::SEND_RATE_MIN, 90_000.into()),
            (ConfigValue::SEND_RATE_MAX, 90_000.into()),
        ],
    );
    for option in [ConfigValue::SEND_RATE_MIN, ConfigValue::SEND_RATE_MAX] {
        pair.client.clear_config_value(pair.connected, option).unwrap();
    }
    let sent = payload(40_000, 1);
    let start = Instant::now();
    pair.client.send_message_to_connection(pair.connected, &sent, SendFlags::RELIABLE).unwrap();
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, sent[..]);
    assert!(start.elapsed() >= Duration::from_millis(300), "40 kB at 100 kB/s took {:?}", start.elapsed());
}

#[test]
fn instances_have_conditions_of_their_own() {
    let pair = fast_pair();
    let other = Sockets::anonymous().unwrap();
    set(&other, &[(ConfigValue::FAKE_PACKET_LOSS_SEND, 100.0.into())]);
    assert_eq!(send_through(&pair, &[]).len(), MESSAGES);
    let lost = other.connect_by_ip_address(pair.address, &[ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 50)]);
    wait_for_connection(&other, lost.unwrap(), ConnectionState::ProblemDetectedLocally);
}

#[test]
fn what_is_held_back_outlives_the_conditions_and_the_instance() {
    let pair = fast_pair();
    set(&pair.client, &[(ConfigValue::FAKE_PACKET_LAG_SEND, 100.into())]);
    pair.client.send_message_to_connection(pair.connected, b"late", SendFlags::UNRELIABLE_NO_NAGLE).unwrap();
    set(&pair.client, &[(ConfigValue::FAKE_PACKET_LAG_SEND, 0.into())]);
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, b"late"[..]);
    set(&pair.client, &[(ConfigValue::FAKE_PACKET_LAG_SEND, 5000.into())]);
    pair.client.send_message_to_connection(pair.connected, b"soon", SendFlags::UNRELIABLE_NO_NAGLE).unwrap();
    let start = Instant::now();
    drop(pair.client);
    assert!(start.elapsed() < Duration::from_secs(2), "nobody waits for what is held back");
    assert_eq!(receive(&pair.server, pair.accepted, 1)[0].payload, b"soon"[..]);
}

#[test]
fn packets_are_traced_as_far_as_was_asked_for() {
    let pair = fast_pair();
    pair.client.set_debug_output_level(DebugOutputType::Message);
    set(&pair.client, &[(ConfigValue::PACKET_TRACE_MAX_BYTES, 2.into())]);
    pair.client.send_message_to_connection(pair.connected, b"hello", SendFlags::RELIABLE_NO_NAGLE).unwrap();
    let (mut sent, mut received) = (None, None);
    eventually("a datagram each way is traced", || {
        pair.client.run_callbacks(|event| {
            let Event::DebugOutput { message, .. } = event else { return };
            if message.starts_with("[Trace Send]") {
                sent = Some(message);
            } else if message.starts_with("[Trace Recv]") {
                received = Some(message);
            }
        });
        sent.is_some() && received.is_some()
    });
    let line = sent.unwrap();
    assert!(line.contains(&pair.address.to_string()), "{line}");
    let shown = line.rsplit('|').next().unwrap();
    assert_eq!(shown.split_whitespace().count(), 2, "{line}");
}

#[test]
fn incoming_conditions_hold_for_a_listen_socket_from_the_first_datagram_on() {
    let server =
        Sockets::builder().option(ConfigEntry::new(ConfigValue::FAKE_PACKET_LOSS_RECV, 100.0)).build().unwrap();
    let client = Sockets::anonymous().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    client.connect_by_ip_address(address, &[]).unwrap();
    assert_eq!(server.wait_event(Duration::from_millis(50)), None);
    server.clear_config_value(ConfigTarget::Global, ConfigValue::FAKE_PACKET_LOSS_RECV).unwrap();
    wait_for(&server, ConnectionState::Connecting);
}
