//! Requests with certificates as fat as a datagram carries, to a server that does not answer them.

use std::time::Duration;

use bytes::Bytes;
use gamesockets_proto::crypto::PrivateKey;
use gamesockets_proto::wire::{Certificate, CertificateSigned, ControlPacket, SessionCryptInfoSigned};
use prost::Message as _;

use super::replay::text;
use super::{Attack, Outcome, Terms, loopback, wait_until};
use crate::hand::Hand;
use crate::process::Victim;
use crate::server;

pub(super) const ATTACK: Attack = Attack {
    row: 4,
    name: "half-open connections with fat certificates",
    wanted: "at most 2 kB for each before the application accepts",
    run,
};

const CLIENTS: u64 = 2_000;
const EACH_MAX: i64 = 2_048;

fn run(_: Terms) -> Result<Outcome, String> {
    let mut victim = Victim::start(&server::Options { hold: true, ..server::Options::default() })?;
    let before = victim.heap()?;
    let mut sent = 0;
    for (fat, texts) in [(false, 0), (true, 12), (true, 30), (true, 60)] {
        for n in 0..CLIENTS / 4 {
            let id = ((texts as u32 + 1) << 16) | (n as u32 + 1);
            let mut hand = Hand::new(loopback(n), 0, victim.address, id, Some("fat")).map_err(text)?;
            let mut request = hand.request()?.ok_or("no challenge")?;
            if fat {
                let key = PrivateKey::from_seed([n as u8; 32]);
                let certificate = Certificate {
                    key_type: Some(1),
                    key_data: Some(Bytes::copy_from_slice(&key.public_key().to_bytes())),
                    app_ids: vec![0],
                    identity_string: Some("str:fat".into()),
                    ip_addresses: vec![Bytes::from(vec![b'9'; 28]); texts],
                    ..Certificate::default()
                };
                let info = request.crypt.as_ref().and_then(|crypt| crypt.info.clone()).ok_or("no crypt info")?;
                let signature = Bytes::copy_from_slice(&key.sign(&info));
                request.crypt = Some(SessionCryptInfoSigned { info: Some(info), signature: Some(signature) });
                request.cert =
                    Some(CertificateSigned { cert: Some(certificate.encode_to_vec().into()), ..Default::default() });
            }
            let mut datagram = Vec::new();
            ControlPacket::ConnectRequest(Box::new(request)).encode(&mut datagram);
            hand.send(&datagram)?;
            sent += hand.sent.1;
        }
    }
    // The thin ones at least come in.
    let came = wait_until(Duration::from_secs(5), || Ok(victim.events()?.connecting >= CLIENTS / 4))?;
    let open = victim.events()?.connecting;
    let each = (victim.heap()? - before) / open.max(1) as i64;
    Ok(Outcome {
        attacker: format!("{:.1} kB each", sent as f64 / CLIENTS as f64 / 1e3),
        server: format!("{:.1} kB each, {open} of {CLIENTS} half open", each as f64 / 1e3),
        honest: None,
        held: came && each <= EACH_MAX,
        in_time: true,
    })
}
