//! A host and clients on loopback.

mod common;

use common::{End, client, connected, host, host_with, settings, wait_for};
use gamesockets::{ConfigEntry, ConfigValue, Identity, SendFlags};
use gamesockets_multiplayer::{CHANNELS, Error, HOST, Mode, Notice, Remote, Session, Settings, Status, reasons};

const NOTHING: SendFlags = SendFlags::UNRELIABLE;

#[test]
fn clients_get_the_numbers_they_like_and_both_ends_are_told() {
    let (mut host, mut clients) = connected([5, 5, 0]);
    wait_for(&mut [&mut host], |ends| ends[0].notices.len() == 3);
    assert_eq!(host.notices, [5, 6, 2].map(Notice::Connected));
    for (client, id) in clients.iter_mut().zip([5, 6, 2]) {
        assert_eq!(client.notices, [Notice::Connected(HOST)]);
        assert_eq!((client.session.id(), client.session.is_host()), (id, false));
    }
    assert_eq!((host.session.id(), host.session.status()), (HOST, Status::Connected));
    assert_eq!(host.session.peers().collect::<Vec<_>>(), [2, 5, 6]);
}

#[test]
fn packets_reach_their_targets_with_channel_and_mode() {
    let (mut host, [mut a, mut b, mut c]) = connected([11, 12, 13]);
    for (target, text) in [(0, "all"), (12, "one"), (-12, "all but one")] {
        host.session.send(target, 0, Mode::Reliable, text.as_bytes(), NOTHING).unwrap();
    }
    wait_for(&mut [&mut host, &mut a, &mut b, &mut c], |ends| ends[1..].iter().all(|end| end.packets.len() == 2));
    assert_eq!(a.payloads(), [&b"all"[..], b"all but one"]);
    assert_eq!(b.payloads(), [&b"all"[..], b"one"]);
    assert_eq!(c.payloads(), [&b"all"[..], b"all but one"]);
    let streams = [(0, Mode::Reliable), (1, Mode::Unreliable), (7, Mode::UnreliableOrdered), (83, Mode::Reliable)];
    for (index, (channel, mode)) in streams.into_iter().enumerate() {
        a.session.send(HOST, channel, mode, &[], SendFlags::NO_NAGLE).unwrap();
        wait_for(&mut [&mut host, &mut a], |ends| ends[0].packets.len() == index + 1);
        let packet = &host.packets[index];
        assert_eq!((packet.peer, i32::from(packet.channel), packet.mode), (11, channel, mode));
        assert!(packet.payload.is_empty());
    }
    // To all, and to all but ourselves, is to the host; to all but the host is to nobody.
    for target in [0, -11, -1] {
        a.session.send(target, 0, Mode::Reliable, &[target as u8], NOTHING).unwrap();
    }
    a.session.send(HOST, 0, Mode::Reliable, b"end", NOTHING).unwrap();
    wait_for(&mut [&mut host, &mut a], |ends| ends[0].payloads().last() == Some(&&b"end"[..]));
    assert_eq!(host.payloads()[4..], [&[0][..], &[245], b"end"]);
}

#[test]
fn the_largest_packet_arrives_and_a_larger_one_is_refused() {
    let (mut host, [mut client]) = connected([2]);
    let large: Vec<u8> = (0..512 * 1024).map(|index| (index / 7) as u8).collect();
    client.session.send(HOST, 0, Mode::Unreliable, &large, NOTHING).unwrap();
    wait_for(&mut [&mut host, &mut client], |ends| ends[0].packets.len() == 1);
    assert!(host.packets[0].payload == large && host.packets[0].mode == Mode::Unreliable);
    let larger = client.session.send(HOST, 0, Mode::Reliable, &[&large[..], &[0]].concat(), NOTHING);
    assert!(matches!(larger, Err(Error::Sockets(gamesockets::Error::Send(_)))), "{larger:?}");
    assert_eq!(client.session.counters().unsent, 1);
}

#[test]
fn what_has_no_target_or_channel_is_refused_by_name() {
    let (mut host, [mut client]) = connected([2]);
    assert_eq!(client.session.send(3, 0, Mode::Reliable, b"", NOTHING), Err(Error::UnknownPeer { id: 3 }));
    assert_eq!(host.session.send(3, 0, Mode::Reliable, b"", NOTHING), Err(Error::UnknownPeer { id: 3 }));
    assert_eq!(host.session.send(i32::MIN, 0, Mode::Reliable, b"", NOTHING), Ok(()));
    for channel in [-1, CHANNELS.into(), i32::MAX] {
        let refused = client.session.send(HOST, channel, Mode::Reliable, b"", NOTHING);
        assert_eq!(refused, Err(Error::UnknownChannel { channel }));
    }
    let mut early = client_of(&host);
    assert_eq!(early.session.send(HOST, 0, Mode::Reliable, b"", NOTHING), Err(Error::NotConnected));
    wait_for(&mut [&mut host, &mut early], |ends| ends[1].session.status() == Status::Connected);
}

fn client_of(host: &End) -> End {
    client(host.session.local_address().unwrap(), 0)
}

#[test]
fn order_holds_under_reordering_and_loss() {
    let (mut host, address) = host();
    let mut rough = settings();
    rough.options.extend([
        ConfigEntry::new(ConfigValue::FAKE_PACKET_REORDER_SEND, 40.0),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_REORDER_TIME, 20),
        ConfigEntry::new(ConfigValue::FAKE_PACKET_LOSS_SEND, 5.0),
    ]);
    let mut client = End::new(Session::client(address, 2, rough).unwrap());
    wait_for(&mut [&mut host, &mut client], |ends| ends[1].session.status() == Status::Connected);
    let mut sent = 0;
    while sent < 300 || host.session.counters().late == 0 {
        assert!(sent < 20_000, "nothing was overtaken: the test proves nothing");
        let bytes = u32::to_le_bytes(sent);
        for mode in [Mode::Reliable, Mode::UnreliableOrdered] {
            client.session.send(HOST, 3, mode, &bytes, SendFlags::NO_NAGLE).unwrap();
        }
        sent += 1;
        std::thread::sleep(std::time::Duration::from_millis(1));
        host.poll();
        client.poll();
    }
    let numbers = |end: &End, mode| -> Vec<u32> {
        let of_mode = end.packets.iter().filter(|packet| packet.mode == mode);
        of_mode.map(|packet| u32::from_le_bytes(packet.payload[..].try_into().unwrap())).collect()
    };
    wait_for(&mut [&mut host, &mut client], |ends| numbers(ends[0], Mode::Reliable).len() == sent as usize);
    assert_eq!(numbers(&host, Mode::Reliable), (0..sent).collect::<Vec<_>>());
    let ordered = numbers(&host, Mode::UnreliableOrdered);
    assert!(ordered.is_sorted_by(|a, b| a < b), "{ordered:?}");
    assert!(!ordered.is_empty());
}

#[test]
fn a_kicked_client_gets_the_last_words_and_the_reason() {
    let (mut host, [mut client, mut other]) = connected([2, 3]);
    host.session.send(2, 0, Mode::Reliable, b"farewell", NOTHING).unwrap();
    assert!(host.session.disconnect(2, false));
    assert!(!host.session.disconnect(2, false), "it is gone already");
    assert_eq!(host.session.send(2, 0, Mode::Reliable, b"lost", NOTHING), Ok(()), "nobody was told yet");
    wait_for(&mut [&mut host, &mut client, &mut other], |ends| ends[1].session.status() == Status::Disconnected);
    assert_eq!(host.notices.last(), Some(&Notice::Disconnected(2)));
    assert_eq!(host.session.send(2, 0, Mode::Reliable, b"lost", NOTHING), Err(Error::UnknownPeer { id: 2 }));
    assert_eq!(client.payloads(), [b"farewell"]);
    assert_eq!(client.notices, [Notice::Connected(HOST), Notice::Disconnected(HOST)]);
    assert_eq!(client.session.last_parting().unwrap().reason, reasons::KICKED);
    assert_eq!(other.session.status(), Status::Connected);
}

#[test]
fn with_force_nobody_here_is_told() {
    let (mut host, [mut client]) = connected([2]);
    assert!(host.session.disconnect(2, true));
    wait_for(&mut [&mut host, &mut client], |ends| ends[1].session.status() == Status::Disconnected);
    assert_eq!(host.notices, [Notice::Connected(2)]);
    assert_eq!(host.session.peers().count(), 0);
    let mut again = client_of(&host);
    wait_for(&mut [&mut host, &mut again], |ends| ends[1].session.status() == Status::Connected);
    assert!(again.session.disconnect(HOST, false));
    assert_eq!(again.session.status(), Status::Disconnected);
    wait_for(&mut [&mut host, &mut again], |ends| ends[0].notices.len() == 3);
    assert_eq!(again.notices, [Notice::Connected(HOST), Notice::Disconnected(HOST)]);
}

#[test]
fn the_last_packets_of_one_who_leaves_come_before_the_notice() {
    let (mut host, [mut client]) = connected([2]);
    for number in 0..100_u8 {
        client.session.send(HOST, 0, Mode::Reliable, &[number], NOTHING).unwrap();
    }
    assert!(client.session.disconnect(HOST, false));
    let start = host.notices.len();
    wait_for(&mut [&mut host, &mut client], |ends| {
        let has_left = ends[0].notices[start..].contains(&Notice::Disconnected(2));
        assert!(!has_left || ends[0].packets.len() == 100, "the notice came first");
        has_left
    });
    assert_eq!(host.session.last_parting().unwrap().reason, reasons::LEFT);
}

#[test]
fn a_host_that_closes_is_lost_to_its_clients() {
    let (host, [mut a, mut b]) = connected([2, 3]);
    drop(host);
    wait_for(&mut [&mut a, &mut b], |ends| ends.iter().all(|end| end.session.status() == Status::Disconnected));
    for client in [a, b] {
        assert_eq!(client.notices, [Notice::Connected(HOST), Notice::Disconnected(HOST)]);
        assert_eq!(client.session.last_parting().unwrap().reason, reasons::LEFT);
    }
}

#[test]
fn a_host_that_is_full_or_refuses_says_so() {
    let (mut host, address) = host_with(Settings { max_clients: 1, ..settings() });
    let mut first = client(address, 0);
    wait_for(&mut [&mut host, &mut first], |ends| ends[1].session.status() == Status::Connected);
    for (refuses, reason) in [(false, reasons::FULL), (true, reasons::REFUSED)] {
        host.session.set_refuses_new(refuses);
        let mut second = client(address, 0);
        wait_for(&mut [&mut host, &mut second], |ends| ends[1].session.status() == Status::Disconnected);
        assert_eq!(second.session.last_parting().unwrap().reason, reason);
        assert!(second.notices.is_empty(), "it never was connected");
    }
    assert_eq!((host.session.counters().refused, host.session.peers().count()), (2, 1));
}

#[test]
fn where_nobody_listens_the_client_gives_up() {
    let (host, address) = host();
    drop(host);
    let options = vec![ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 200)];
    let mut client = End::new(Session::client(address, 0, Settings { options, ..settings() }).unwrap());
    wait_for(&mut [&mut client], |ends| ends[0].session.status() == Status::Disconnected);
    assert!(client.notices.is_empty());
    assert!(client.session.last_parting().unwrap().reason >= 3000);
}

#[test]
fn figures_and_identities_are_those_of_the_peer() {
    let (mut host, address) = host();
    let identity = Some(Identity::from_steam_id(76_561_197_960_265_729).unwrap());
    let mut client = End::new(Session::client(address, 9, Settings { identity, ..settings() }).unwrap());
    wait_for(&mut [&mut host, &mut client], |ends| {
        ends[0].session.peers().count() == 1 && ends[1].session.status() == Status::Connected
    });
    let connection = host.session.connection(9).unwrap();
    let info = host.session.sockets().connection_info(connection).unwrap();
    assert_eq!(info.identity, 76_561_197_960_265_729);
    let (status, lanes) = host.session.figures(9).unwrap();
    assert_eq!((status.state, lanes.len()), (gamesockets::ConnectionState::Connected, 7));
    client.session.send(HOST, 20, Mode::Reliable, b"", NOTHING).unwrap();
    assert_eq!(client.session.figures(HOST).unwrap().1.len(), 1 + 3 * 32);
}

#[test]
fn fifty_sessions_live_in_one_process() {
    let (mut host, address) = host();
    let mut clients: Vec<End> = (0..50).map(|_| client(address, 0)).collect();
    let mut ends: Vec<&mut End> = std::iter::once(&mut host).chain(&mut clients).collect();
    wait_for(&mut ends, |ends| ends[1..].iter().all(|end| end.session.status() == Status::Connected));
    ends[0].session.send(0, 0, Mode::Reliable, b"hello", NOTHING).unwrap();
    wait_for(&mut ends, |ends| ends[1..].iter().all(|end| end.packets.len() == 1));
    assert_eq!(ends[0].session.peers().count(), 50);
}

#[test]
fn packets_for_a_peer_that_was_put_out_by_force_are_dropped_without_a_word() {
    let (mut host, [mut client, mut other]) = connected([5, 6]);
    assert!(host.session.disconnect(5, true));
    for _ in 0..3 {
        // Whoever sends was not told that it is gone.
        assert_eq!(host.session.send(5, 0, Mode::Reliable, b"for nobody", NOTHING), Ok(()));
        host.poll();
    }
    assert_eq!(host.session.send(7, 0, Mode::Reliable, b"", NOTHING), Err(Error::UnknownPeer { id: 7 }));
    wait_for(&mut [&mut client, &mut other], |ends| ends[0].session.status() == Status::Disconnected);
    assert_eq!(client.payloads(), [b""; 0]);
    // Its number may be somebody else's one day.
    let mut again = common::client(host.session.local_address().unwrap(), 5);
    wait_for(&mut [&mut host, &mut again], |ends| ends[1].session.status() == Status::Connected);
    host.session.send(5, 0, Mode::Reliable, b"welcome", NOTHING).unwrap();
    wait_for(&mut [&mut host, &mut again], |ends| ends[1].payloads() == [b"welcome"]);
}

#[test]
fn a_host_is_found_by_the_name_of_its_computer() {
    let (mut host, address) = host();
    let remote = Remote::parse("localhost", address.port()).unwrap();
    let mut client = End::new(Session::client(remote, 5, settings()).unwrap());
    assert_eq!(client.session.status(), Status::Connecting);
    wait_for(&mut [&mut host, &mut client], |ends| ends[1].session.status() == Status::Connected);
    let unknown = Remote::Name("no-such-computer.invalid".into(), 4242);
    let mut lost = End::new(Session::client(unknown, 5, settings()).unwrap());
    wait_for(&mut [&mut lost], |ends| ends[0].session.status() == Status::Disconnected);
    let parting = lost.session.last_parting().unwrap();
    assert_eq!(parting.reason, reasons::UNKNOWN_NAME);
    assert!(parting.text.contains("no-such-computer.invalid"), "{}", parting.text);
}
