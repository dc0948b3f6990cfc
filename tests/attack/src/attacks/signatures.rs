//! Requests that look right up to their signature, from addresses that answered a challenge.

use bytes::Bytes;
use gamesockets_proto::wire::{ConnectRequest, ControlPacket};

use super::replay::text;
use super::{Attack, Outcome, Scene, Terms, is_served, loopback};
use crate::hand::Hand;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 5,
    name: "requests that each cost a check of signatures",
    wanted: "honest p50 under 10 ms at 50,000 requests/s",
    run,
};

/// A request of this client's, all right but for its signature.
fn forged(hand: &mut Hand) -> Result<Option<Vec<u8>>, String> {
    Ok(hand.request()?.map(forge))
}

fn forge(mut request: ConnectRequest) -> Vec<u8> {
    if let Some(crypt) = &mut request.crypt {
        crypt.signature = Some(Bytes::from_static(&[5; 64]));
    }
    let mut datagram = Vec::new();
    ControlPacket::ConnectRequest(Box::new(request)).encode(&mut datagram);
    datagram
}

const ADDRESSES: u64 = 64;
const P50_MAX_US: u64 = 10_000;

fn run(terms: Terms) -> Result<Outcome, String> {
    let mut scene = Scene::new(terms, &server::Options::default())?;
    let mut hands = Vec::new();
    for n in 0..ADDRESSES {
        let mut hand = Hand::new(loopback(n), 0, scene.victim.address, 0x0505_0001 + n as u32, None).map_err(text)?;
        let request = forged(&mut hand)?.ok_or("no challenge")?;
        hand.hurry()?;
        hands.push((hand, request));
    }
    let rate = if terms.outcomes { 2_000 } else { 50_000 };
    let flood = scene.flood(terms, rate, |count| {
        let at = (count % ADDRESSES) as usize;
        let (hand, request) = &mut hands[at];
        // A challenge holds for some seconds.
        if count / ADDRESSES % u64::from(rate / 40) == u64::from(rate / 50) {
            hand.ask_for_challenge()?;
        }
        if let Some(fresh) = hand.take_request() {
            *request = forge(fresh);
        }
        hand.send(request)
    })?;
    let fast = flood.meanwhile.p50_us < P50_MAX_US;
    Ok(Outcome {
        attacker: format!("{:.0} requests/s", flood.per_second),
        server: format!("{:.1} us a request", flood.cost_us),
        honest: Some((scene.quiet, flood.meanwhile)),
        held: is_served(flood.meanwhile) && flood.count > 0,
        in_time: fast,
    })
}
