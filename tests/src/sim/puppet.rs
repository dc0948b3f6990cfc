//! A client played by hand: it completes a real handshake, and then says whatever a test wants to be said.

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use gamesockets_proto::crypto::{Cipher, LocalCertificate, TrustStore};
use gamesockets_proto::handshake::{ClientHandshake, Established, LocalHandshake};
use gamesockets_proto::wire::ControlPacket;
use gamesockets_proto::wire::data_header::{DataHeader, encode_data_header};
use gamesockets_proto::wire::frame::encode;
use gamesockets_proto::{ConnectionConfig, Identity};
use gamesockets_schema::ConnectionState;

use super::node::Notice;
use super::{ConnKey, Network};

const TICK: Duration = Duration::from_millis(1);

/// A client whose every packet is written by the test. Like GNS, it announces no extensions.
pub struct Puppet {
    /// Where it sends from.
    pub address: SocketAddr,
    /// Its connection id.
    pub connection_id: u32,
    server: SocketAddr,
    handshake: ClientHandshake,
    session: Option<Established>,
    next_number: u64,
    highest_received: u64,
}

impl Puppet {
    /// A client that has said nothing yet.
    pub fn new(network: &mut Network, address: SocketAddr, server: SocketAddr, connection_id: u32) -> Self {
        network.open_mailbox(address);
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&connection_id.to_le_bytes());
        let (config, trust) = (ConnectionConfig::default(), Arc::new(TrustStore::default()));
        let identity = Identity::localhost();
        let certificate = LocalCertificate::unsigned(&identity, 0, seed);
        let local = LocalHandshake::with_secrets(certificate, seed.map(|byte| !byte), 5);
        let offer = vec![Cipher::Aes256Gcm];
        let handshake = ClientHandshake::with_local(identity, local, offer, &config, connection_id, trust);
        Self { address, connection_id, server, handshake, session: None, next_number: 2, highest_received: 1 }
    }

    /// A client that is connected, and has acknowledged the server's first packet with its own; answers the server's end
    /// too.
    pub fn connected(network: &mut Network, address: SocketAddr, server: SocketAddr) -> (Self, ConnKey) {
        let mut puppet = Self::new(network, address, server, 0x1234_5678 ^ u32::from(address.port()));
        let key = puppet.accepted(network);
        let mut acknowledgement = Vec::new();
        encode::ack(&mut acknowledgement, 2, None, &[]);
        puppet.send(network, &acknowledgement);
        assert_eq!(network.state(key), ConnectionState::Connected);
        (puppet, key)
    }

    /// A client that was accepted, has the keys, and has not used them yet; answers the server's end too.
    pub fn accepted(&mut self, network: &mut Network) -> ConnKey {
        let key = self.request(network);
        assert_eq!(network.call(key, |c, now| c.accept(now)), Some(Ok(())));
        network.run_for(TICK);
        assert!(self.take_connect_ok(network), "a ConnectOk after accept");
        key
    }

    /// Says everything up to ConnectRequest; answers the server's end, which waits to be accepted.
    pub fn request(&mut self, network: &mut Network) -> ConnKey {
        let request = self.connect_request(network);
        network.take_notices();
        network.inject(self.address, self.server, request);
        network.run_for(TICK);
        let incoming = network.take_notices().into_iter().find(|(_, _, notice)| *notice == Notice::Incoming);
        incoming.expect("an incoming connection").1
    }

    /// Asks for a challenge and answers the ConnectRequest that would follow, without sending it.
    pub fn connect_request(&mut self, network: &mut Network) -> Vec<u8> {
        network.take_mail(self.address);
        let request = self.challenge_request(network);
        network.inject(self.address, self.server, request);
        network.run_for(TICK);
        let mail = network.take_mail(self.address);
        let reply = mail.iter().find_map(|datagram| match ControlPacket::decode(datagram) {
            Ok(ControlPacket::ChallengeReply(reply)) => Some(reply),
            _ => None,
        });
        let reply = reply.expect("a ChallengeReply");
        let (request, _) = self.handshake.on_challenge_reply(&reply, network.now(), None).expect("a good challenge");
        encode(&request)
    }

    /// The ChallengeRequest, not sent.
    pub fn challenge_request(&self, network: &Network) -> Vec<u8> {
        encode(&self.handshake.challenge_request(network.now()))
    }

    /// Looks for a ConnectOk in what has arrived; whether there was one.
    pub fn take_connect_ok(&mut self, network: &mut Network) -> bool {
        for datagram in network.take_mail(self.address) {
            if let Ok(ControlPacket::ConnectOk(ok)) = ControlPacket::decode(&datagram) {
                let now = network.now();
                let session = self.handshake.on_connect_ok(&ok, now, self.server, 1_700_000_000);
                self.session = Some(session.expect("a good ConnectOk"));
                return true;
            }
        }
        false
    }

    /// The server's connection id.
    pub fn remote_id(&self) -> u32 {
        self.session.as_ref().expect("connected").remote_connection_id
    }

    /// The number of the next packet.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Sends frames in the next packet; answers the datagram.
    pub fn send(&mut self, network: &mut Network, frames: &[u8]) -> Vec<u8> {
        let number = self.next_number;
        self.send_numbered(network, number, None, frames)
    }

    /// Sends frames in a packet of any number, with any inline stats; answers the datagram.
    pub fn send_numbered(
        &mut self,
        network: &mut Network,
        number: u64,
        stats: Option<&[u8]>,
        frames: &[u8],
    ) -> Vec<u8> {
        let datagram = self.seal(number, stats, frames);
        self.next_number = self.next_number.max(number + 1);
        network.inject(self.address, self.server, datagram.clone());
        network.run_for(TICK);
        datagram
    }

    /// The next packet, not sent by the simulation.
    pub fn next_sealed(&mut self, stats: Option<&[u8]>, frames: &[u8]) -> Vec<u8> {
        let number = self.next_number;
        self.next_number += 1;
        self.seal(number, stats, frames)
    }

    /// A data packet, not sent.
    pub fn seal(&self, number: u64, stats: Option<&[u8]>, frames: &[u8]) -> Vec<u8> {
        let session = self.session.as_ref().expect("connected");
        let mut datagram = Vec::new();
        encode_data_header(&mut datagram, session.remote_connection_id, number, stats, None);
        let start = datagram.len();
        datagram.extend_from_slice(frames);
        session.send_key.seal_in_place(number, &mut datagram, start);
        datagram
    }

    /// What the server has sent: the decrypted frames of data packets, in order of arrival.
    pub fn received(&mut self, network: &mut Network) -> Vec<Vec<u8>> {
        let mail = network.take_mail(self.address);
        mail.into_iter().filter_map(|datagram| self.open(datagram)).collect()
    }

    fn open(&mut self, mut datagram: Vec<u8>) -> Option<Vec<u8>> {
        let header = DataHeader::decode(&datagram).ok()?;
        let session = self.session.as_ref()?;
        let difference = header.packet_number_low.wrapping_sub(self.highest_received as u16) as i16;
        let number = self.highest_received.checked_add_signed(i64::from(difference))?;
        let plaintext = session.recv_key.open_in_place(number, &mut datagram[header.chunk_offset..])?.to_vec();
        self.highest_received = self.highest_received.max(number);
        Some(plaintext)
    }
}

fn encode(packet: &ControlPacket) -> Vec<u8> {
    let mut datagram = Vec::new();
    packet.encode(&mut datagram);
    datagram
}
