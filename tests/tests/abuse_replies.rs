//! Nobody can use a server to hit somebody else: no reply to an unverified address is larger than the request, and whoever
//! has not shown to have the keys gets three bytes for each of theirs, whatever the application does.

use core::time::Duration;
use std::net::SocketAddr;

use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::{ConnectionConfig, Endpoint, Identity, Incoming, Timestamp};
use gamesockets_schema::{ConnectionState, SendFlags};
use gamesockets_tests::sim::pair::{CLIENT, SERVER};
use gamesockets_tests::sim::{ConnKey, LinkConfig, Network, Puppet};
use proptest::prelude::*;

fn endpoint() -> Endpoint<usize> {
    let (identity, config) = (Identity::localhost(), ConnectionConfig::default());
    Endpoint::listen(ListenParams { identity, config, seed: [3; 32], unix_seconds_at_zero: 1_700_000_000 })
}

/// The length of the reply; panics if it is larger than the datagram.
fn reply_len(endpoint: &mut Endpoint<usize>, datagram: &[u8]) -> Option<usize> {
    let mut reply = vec![0xaa; 100];
    let answer = endpoint.handle_datagram(Timestamp::from_micros(5), CLIENT, datagram, &mut reply, || 0x1001_1001);
    match answer {
        Incoming::Reply => {
            assert!(reply.len() <= datagram.len(), "{} bytes answered with {}", datagram.len(), reply.len());
            Some(reply.len())
        }
        Incoming::Dropped => None,
        Incoming::New(_) => panic!("a connection without a challenge"),
        Incoming::Connection(_) => panic!("a connection that was never inserted"),
    }
}

/// Real packets of a handshake, to be damaged.
fn real_packets() -> Vec<Vec<u8>> {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let mut puppet = Puppet::new(&mut network, CLIENT, SERVER, 0x1111_2222);
    let challenge = puppet.challenge_request(&network);
    let request = puppet.connect_request(&mut network);
    let mut closed = Vec::new();
    gamesockets_proto::wire::ControlPacket::ConnectionClosed(gamesockets_proto::wire::ConnectionClosed {
        debug: None,
        reason_code: Some(1000),
        to_connection_id: Some(1),
        from_connection_id: Some(2),
    })
    .encode(&mut closed);
    vec![challenge, request, closed]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_datagrams(lead in prop_oneof![0x20u8..=0x26, any::<u8>()], body in prop::collection::vec(any::<u8>(), 0..1_500)) {
        let mut datagram = vec![lead];
        datagram.extend(body);
        reply_len(&mut endpoint(), &datagram);
    }

    #[test]
    fn damaged_packets(which in 0usize..3, cut in 0usize..1_400, changes in prop::collection::vec((0usize..600, any::<u8>()), 0..4)) {
        let mut datagram = real_packets().swap_remove(which);
        for (position, value) in changes {
            if let Some(byte) = datagram.get_mut(position) {
                *byte = value;
            }
        }
        datagram.resize(cut, 0);
        reply_len(&mut endpoint(), &datagram);
    }
}

#[test]
fn replies_have_their_documented_sizes() {
    let packets = real_packets();
    assert_eq!(reply_len(&mut endpoint(), &packets[0]), Some(26), "ChallengeReply");
    assert_eq!(reply_len(&mut endpoint(), &packets[2]), Some(11), "NoConnection");
    assert_eq!(reply_len(&mut endpoint(), &[0xff; 4]), None);
    assert_eq!(reply_len(&mut endpoint(), &[]), None);
}

/// A spoofed source may make the server send at most as much as the attacker sent, over the whole exchange.
#[test]
fn unverified_addresses_get_less_than_they_send() {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let victim = SocketAddr::from(([10, 9, 9, 9], 9));
    network.open_mailbox(victim);
    let mut spent = 0;
    for _ in 0..50 {
        for packet in real_packets() {
            spent += packet.len();
            network.inject(victim, SERVER, packet);
        }
        network.run_for(Duration::from_millis(100));
    }
    let hit: usize = network.take_mail(victim).iter().map(Vec::len).sum();
    assert!(hit * 10 < spent, "{spent} bytes made the server send {hit}");
    assert_eq!(network.live(), []);
}

/// What the application does with the connection, and what its peer sends; every 100 ms.
type Act<'a> = dyn Fn(&mut Network, ConnKey, u32) + 'a;
type Noise<'a> = dyn Fn(&mut Network, ConnKey) -> Option<Vec<u8>> + 'a;

/// An address that has returned its challenge and says nothing sensible after that. Answers the bytes that it sent and got.
fn hit(act: &Act<'_>, noise: &Noise<'_>) -> (usize, usize) {
    let mut network = Network::new(1, LinkConfig::default());
    network.listen(SERVER, ConnectionConfig::default());
    let mut puppet = Puppet::new(&mut network, CLIENT, SERVER, 0x1111_2222);
    network.recording = Some(Vec::new());
    let server = puppet.request(&mut network);
    for step in 0..300 {
        act(&mut network, server, step);
        if let Some(datagram) = noise(&mut network, server) {
            network.inject(CLIENT, SERVER, datagram);
        }
        network.run_for(Duration::from_millis(100));
    }
    assert!(network.live().is_empty() || network.state(server) == ConnectionState::ProblemDetectedLocally);
    let bytes =
        |from| network.recording.iter().flatten().filter(|sent| sent.from == from).map(|sent| sent.bytes.len()).sum();
    (bytes(CLIENT), bytes(SERVER))
}

#[test]
fn an_accepted_address_that_stays_silent_gets_three_bytes_for_one() {
    let accept = |network: &mut Network, server, step| {
        if step == 0 {
            network.call(server, |c, now| c.accept(now)).unwrap().unwrap();
        }
    };
    let busy = |network: &mut Network, server, step| {
        accept(network, server, step);
        let flags = if step % 2 == 0 { SendFlags::RELIABLE_NO_NAGLE } else { SendFlags::UNRELIABLE_NO_NAGLE };
        network.call(server, |c, now| c.send(now, &[1; 3_000], 0, flags));
    };
    let lingering = |network: &mut Network, server, step| {
        busy(network, server, step);
        if step == 3 {
            network.call(server, |c, now| c.close(now, 0, "", true));
        }
    };
    let closing = |network: &mut Network, server, step| {
        if step == 3 {
            network.call(server, |c, now| c.close(now, 0, &"x".repeat(127), false));
        }
    };
    let acts: [&Act<'_>; 5] = [&|_, _, _| {}, &accept, &busy, &lingering, &closing];
    for (number, act) in acts.into_iter().enumerate() {
        // Nothing; small packets for no connection; small packets for this one; requests of a challenge.
        let id = |network: &Network, server| network.connection(server).map_or(0, |c| c.local_connection_id());
        let data = |id: u32| [&[0x80], &id.to_le_bytes()[..], &[0; 4]].concat();
        let noises: [&Noise<'_>; 3] =
            [&|_, _| None, &|_, _| Some(data(7)), &|network, server| Some(data(id(network, server)))];
        for (noise_number, noise) in noises.into_iter().enumerate() {
            let (sent, got) = hit(act, noise);
            assert!(got <= 3 * sent, "act {number}, noise {noise_number}: {sent} bytes made the server send {got}");
            println!("act {number}, noise {noise_number}: {sent} bytes made the server send {got}");
        }
    }
}
