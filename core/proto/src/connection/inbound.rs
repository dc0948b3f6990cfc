//! A datagram's way into the connection (spec sections 1.2 and 10.3 to 10.4).

use gamesockets_schema::{ConnectionEnd, ConnectionState};

use super::Connection;
use super::session::{Machines, Rejected, Violation};
use crate::time::Timestamp;
use crate::trace::TraceEvent;
use crate::wire::control::{ControlPacket, MIN_DATAGRAM, is_data};
use crate::wire::data_header::DataHeader;
use crate::wire::messages::NoConnection;

impl Connection {
    /// A datagram arrived from the peer's address. Decrypts in place. Bad input is counted and dropped.
    pub fn handle_datagram(&mut self, now: Timestamp, datagram: &mut [u8]) {
        let size = datagram.len();
        if size < MIN_DATAGRAM || self.state == ConnectionState::Dead {
            self.dropped.malformed += 1;
            return;
        }
        if let Some(unproven) = &mut self.unproven {
            unproven.note_received(size);
        }
        let dropped = self.dropped;
        if !self.awaits_accept() {
            self.stats.received(now, size);
        }
        if is_data(datagram) {
            self.handle_data(now, datagram);
        } else {
            match ControlPacket::decode(datagram) {
                Ok(packet) => {
                    self.observe_packet(now, TraceEvent::ControlReceived { size });
                    self.handle_control(now, packet);
                }
                Err(_) => self.dropped.malformed += 1,
            }
        }
        if self.dropped != dropped {
            tracing::trace!(target: "gamesockets::packets", id = self.local_id, size, "dropped a datagram");
            self.observe_packet(now, TraceEvent::PacketDropped { size });
        }
        self.observe(now);
    }

    fn handle_control(&mut self, now: Timestamp, packet: ControlPacket) {
        match packet {
            ControlPacket::ChallengeRequest(request) => {
                self.take_repeated_request(now, request.connection_id.unwrap_or(0));
            }
            ControlPacket::ConnectRequest(request) => {
                self.take_repeated_request(now, request.client_connection_id.unwrap_or(0));
            }
            ControlPacket::ChallengeReply(reply) => self.take_challenge_reply(now, &reply),
            ControlPacket::ConnectOk(ok) => self.take_connect_ok(now, &ok),
            ControlPacket::ConnectionClosed(closed) => self.take_connection_closed(now, &closed),
            ControlPacket::NoConnection(message) => self.take_no_connection(now, &message),
        }
    }

    fn handle_data(&mut self, now: Timestamp, datagram: &mut [u8]) {
        let Ok(header) = DataHeader::decode(datagram) else {
            self.dropped.malformed += 1;
            return;
        };
        if header.recipient != self.local_id {
            self.answer_wrong_connection(now, header.recipient);
            return;
        }
        let size = datagram.len();
        let lingering = self.state == ConnectionState::Linger;
        let Some(session) = self.session.as_deref_mut() else {
            self.dropped.unexpected += 1;
            self.answer_straggler(now);
            return;
        };
        let mut machines = Machines {
            config: &self.config,
            send_lanes: &mut self.send_lanes,
            queue: &mut self.queue,
            ping: &mut self.ping,
            stats: &mut self.stats,
            lingering,
        };
        match session.receive(now, datagram, &header, &mut machines) {
            Ok(number) => {
                self.take_proof(now);
                self.heard_on_route(now);
                tracing::trace!(target: "gamesockets::packets", id = self.local_id, number, size, "received");
                self.observe_packet(now, TraceEvent::PacketReceived { number, size });
            }
            Err(Rejected::Malformed) => self.dropped.undecryptable += 1,
            Err(Rejected::Stale) => self.dropped.stale += 1,
            Err(Rejected::Violation(violation)) => {
                let end = match violation {
                    Violation::Lurch { .. } => ConnectionEnd::MISC_GENERIC,
                    _ => ConnectionEnd::MISC_INTERNAL_ERROR,
                };
                self.fail(now, end, &violation.to_string());
            }
        }
        self.report_writable();
        // An end of the linger would take what was acknowledged along, untold.
        self.observe(now);
        self.finish_linger(now);
    }

    /// The peer sends to a connection that is not, or no longer, at this address.
    fn answer_wrong_connection(&mut self, now: Timestamp, recipient: u32) {
        self.dropped.wrong_connection += 1;
        if self.may_answer_stray(now) {
            let answer = NoConnection { from_connection_id: Some(recipient), to_connection_id: None };
            self.push_control(ControlPacket::NoConnection(answer));
        }
    }
}
