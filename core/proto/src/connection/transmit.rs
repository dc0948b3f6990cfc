//! What leaves: when a packet is due, and what goes into it (spec sections 1.5, 8.2, 9.2, 11.2 and 11.3).

use core::time::Duration;

use gamesockets_schema::ConnectionState;
use prost::Message as _;

use super::exchange::{StatsKind, Traffic};
use super::liveness::{FLAG_ACK_IMMEDIATE, FLAG_ACK_REQUEST, FLAG_NOT_PRIMARY};
use super::session::{GAP_SHIFT, Session};
use super::{Connection, Transmit};
use crate::lanes::window::Need;
use crate::packets::sent::SentPacket;
use crate::routes::RouteId;
use crate::time::Timestamp;
use crate::trace::TraceEvent;
use crate::wire::control::DATA_HEADER_LEN;
use crate::wire::data_header::encode_data_header;
use crate::wire::frame::encode::{self, RECEIVE_WINDOW_LEN_MAX};
use crate::wire::messages::{ConnectionQuality, InlineStats};
use crate::wire::{Extensions, TAG_LEN};

/// What GNS leaves free of each datagram for headers: plaintext, tag and this make `MTU_PacketSize` (spec section 11.3).
/// A peer of ours gets datagrams that are full, whatever their headers take.
const RESERVED: usize = 52;
/// The shortest headers.
const HEADERS: usize = DATA_HEADER_LEN;
/// More datagrams follow in the same batch only if the first is at least this large: all of a batch have its size.
const BATCH_SIZE_MIN: usize = 600;
/// At most so many holes are named in one packet, however small it is.
const BLOCKS_MIN: usize = 3;
const BLOCKS_MAX: usize = 60;
/// Longest an ack block can be.
const BLOCK_LEN_MAX: usize = 7;
/// Gaps longer than this are not worth telling (spec section 1.5).
const GAP_MAX_MICROS: u64 = 250_000;

/// Why a packet leaves.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    data: bool,
    ack: bool,
    /// Flags of a probe.
    probe: Option<u32>,
    stats: bool,
    /// The peer has to know how much more we take.
    window: bool,
    /// It is a probe of the path's MTU, this large.
    pad_to: Option<usize>,
    /// It is to show whether a route works that is not in use.
    beside: bool,
}

impl Due {
    fn anything(self) -> bool {
        self.data || self.ack || self.stats || self.window || self.probe.is_some()
    }
}

/// Statistics in the header of a packet.
struct Inline {
    bytes: Vec<u8>,
    kind: Option<StatsKind>,
    flags: u32,
}

impl Connection {
    pub(super) fn transmit(&mut self, now: Timestamp, out: &mut Vec<u8>, max_datagrams: usize) -> Option<Transmit> {
        let route = self.route_in_use();
        if self.rendezvous.is_some() && route.is_none() {
            // Nowhere to go.
            self.control.clear();
            return None;
        }
        while let Some(packet) = self.control.pop_front() {
            let start = out.len();
            packet.encode(out);
            let len = out.len() - start;
            if self.unproven.is_some_and(|unproven| unproven.allowance() < len as u64) {
                out.truncate(start);
                continue;
            }
            self.note_sent(now, len);
            self.observe_packet(now, TraceEvent::ControlSent { size: len });
            self.observe(now);
            return Some(Transmit { destination: self.remote, route, len, segment_size: len });
        }
        use ConnectionState::{Connected, FindingRoute, Linger};
        if !matches!(self.state, FindingRoute | Connected | Linger) && self.unproven.is_none() {
            return None;
        }
        let aside = self.transmit_route_probe(now, out).or_else(|| self.transmit_answer(now, out));
        let sent = aside.or_else(|| self.transmit_data(now, out, max_datagrams));
        self.observe(now);
        sent
    }

    /// Data packets of equal size; the last may be shorter.
    fn transmit_data(&mut self, now: Timestamp, out: &mut Vec<u8>, max_datagrams: usize) -> Option<Transmit> {
        self.expire_messages(now);
        if self.unproven.is_none()
            && let Some(probe) = self.transmit_mtu_probe(now, out)
        {
            return Some(probe);
        }
        let start = out.len();
        let mut segment_size = self.mtu();
        let max_datagrams = if let Some(unproven) = self.unproven {
            segment_size = segment_size.min(unproven.data_len_max().unwrap_or(usize::MAX));
            1
        } else {
            max_datagrams
        };
        for index in 0..max_datagrams {
            let due = self.due(now);
            if !due.anything() {
                break;
            }
            let packet_start = out.len();
            self.write_packet(now, due, segment_size, out);
            let len = out.len() - packet_start;
            if index == 0 {
                segment_size = len;
            }
            if len < segment_size || segment_size < BATCH_SIZE_MIN {
                break;
            }
        }
        let len = out.len() - start;
        (len > 0).then_some(Transmit { destination: self.remote, route: self.route_in_use(), len, segment_size })
    }

    /// A packet of nothing but its size, to find out whether the path carries it. It costs a packet's time, so it leaves
    /// only where larger packets would help: when there is more to send than fits into one.
    fn transmit_mtu_probe(&mut self, now: Timestamp, out: &mut Vec<u8>) -> Option<Transmit> {
        let session = self.session.as_deref()?;
        let size = usize::from(session.mtu.probe_size(now)?);
        if !self.fills_a_packet() || self.data_due(session).is_none_or(|at| at > now) {
            return None;
        }
        let flags = Some(FLAG_ACK_REQUEST | FLAG_ACK_IMMEDIATE);
        let start = out.len();
        self.write_packet(now, Due { probe: flags, pad_to: Some(size), ..Due::default() }, size, out);
        let len = out.len() - start;
        (len > 0).then_some(Transmit { destination: self.remote, route: self.route_in_use(), len, segment_size: len })
    }

    /// A packet that asks for an answer, by a route that has to show whether it works.
    fn transmit_route_probe(&mut self, now: Timestamp, out: &mut Vec<u8>) -> Option<Transmit> {
        let routes = &self.rendezvous.as_deref()?.routes;
        let (route, current) = (routes.probe(now)?, routes.current());
        let flags = FLAG_ACK_REQUEST | FLAG_ACK_IMMEDIATE;
        let flags = if current == Some(route) { flags } else { flags | FLAG_NOT_PRIMARY };
        let due = Due { probe: Some(flags), beside: true, ..Due::default() };
        let sent = self.transmit_beside(now, due, route, out);
        self.rendezvous.as_deref_mut()?.routes.probe_sent(now, route);
        sent
    }

    /// An acknowledgement, by the route that the peer's packets come by, where it is not ours: were that one dead, the
    /// peer would take its own for dead as well.
    fn transmit_answer(&mut self, now: Timestamp, out: &mut Vec<u8>) -> Option<Transmit> {
        let route = self.rendezvous.as_deref()?.answers_by()?;
        let due = self.session.as_deref()?.received.next_ack().is_some_and(|at| at <= now);
        if !due {
            return None;
        }
        self.transmit_beside(now, Due { ack: true, beside: true, ..Due::default() }, route, out)
    }

    /// A packet by another route than the one in use.
    fn transmit_beside(&mut self, now: Timestamp, due: Due, route: RouteId, out: &mut Vec<u8>) -> Option<Transmit> {
        let (start, size) = (out.len(), self.mtu());
        self.write_packet(now, due, size, out);
        let len = out.len() - start;
        (len > 0).then_some(Transmit { destination: self.remote, route: Some(route), len, segment_size: len })
    }

    fn route_in_use(&self) -> Option<RouteId> {
        self.rendezvous.as_deref()?.routes.current()
    }

    /// The largest datagram to send now.
    fn mtu(&self) -> usize {
        let known = self.session.as_deref().map(|session| session.mtu.current());
        known.unwrap_or(self.config.mtu_packet_size).into()
    }

    /// When the next packet leaves if nothing happens before.
    pub(super) fn next_packet(&self) -> Option<Timestamp> {
        let session = self.session.as_deref()?;
        let window = (self.window_need() == Need::Now).then(Timestamp::default);
        [self.data_due(session), session.received.next_ack(), session.exchange.next_due(), window]
            .into_iter()
            .flatten()
            .min()
    }

    /// When data may leave: the pacer lets it, and it is not held back for company.
    fn data_due(&self, session: &Session) -> Option<Timestamp> {
        if self.unproven.is_some_and(|unproven| unproven.data_len_max().is_none()) {
            return None;
        }
        let wanted = if !self.send_lanes.has_sendable() || self.state == ConnectionState::FindingRoute {
            None
        } else if self.send_lanes.has_retransmit() || self.fills_a_packet() {
            Some(Timestamp::default())
        } else {
            Some(self.nagle_due.unwrap_or_default())
        };
        wanted.map(|at| at.max(session.congestion.next_send(session.in_flight())))
    }

    /// Whether the peer may be asked for a sign of life.
    pub(super) fn may_probe(&self) -> bool {
        self.unproven.is_none_or(|unproven| unproven.allows_probe())
    }

    fn note_sent(&mut self, now: Timestamp, len: usize) {
        if let Some(unproven) = &mut self.unproven {
            unproven.note_sent(len);
        }
        self.stats.sent(now, len);
    }

    fn window_need(&self) -> Need {
        self.queue.window_need()
    }

    /// What is left free of a datagram besides the tag.
    fn reserved(&self) -> usize {
        let full = self.session.as_deref().is_some_and(|session| session.extensions.contains(Extensions::PATH_MTU));
        if full { HEADERS } else { RESERVED }
    }

    fn fills_a_packet(&self) -> bool {
        self.send_lanes.pending() >= self.mtu().saturating_sub(self.reserved() + TAG_LEN)
    }

    fn due(&mut self, now: Timestamp) -> Due {
        let traffic = Traffic::of(&self.stats);
        let Some(session) = self.session.as_deref() else {
            return Due::default();
        };
        let mut due = Due {
            data: self.data_due(session).is_some_and(|at| at <= now),
            ack: session.received.next_ack().is_some_and(|at| at <= now),
            probe: session.liveness.probe(now).filter(|_| self.may_probe()),
            stats: false,
            window: self.window_need() == Need::Now,
            pad_to: None,
            beside: false,
        };
        if !due.anything()
            && let Some(session) = self.session.as_deref_mut()
        {
            due.stats = session.exchange.due(now, traffic).is_some();
        }
        due
    }

    /// Appends one data packet of at most `size_max` bytes.
    fn write_packet(&mut self, now: Timestamp, due: Due, size_max: usize, out: &mut Vec<u8>) {
        let (inline, window_need, reserved) = (self.inline_stats(now, due), self.window_need(), self.reserved());
        let Some(session) = self.session.as_deref_mut() else {
            return;
        };
        let (overhead, pads) = (session.send_key.overhead(), session.extensions.contains(Extensions::PATH_MTU));
        let plaintext_max = usize::from(session.mtu.current()).saturating_sub(reserved + overhead);
        let start = out.len();
        let number = session.sent.next_number();
        let gap = (self.config.send_time_since_previous_packet == 1 && session.peer_version >= 12)
            .then(|| session.last_sent.map(|at| now.micros_since(at)))
            .flatten()
            .filter(|&gap| gap <= GAP_MAX_MICROS)
            .map(|gap| (gap >> GAP_SHIFT) as u16);
        encode_data_header(out, self.remote_id, number, inline.as_ref().map(|inline| &inline.bytes[..]), gap);
        let plaintext_start = out.len();
        let limit = (start + size_max).saturating_sub(overhead).min(plaintext_start + plaintext_max);

        encode::stop_waiting(out, (number - 1).saturating_sub(session.sent.stop_waiting()));
        let blocks_max = (limit.saturating_sub(out.len()) / 2 / BLOCK_LEN_MAX).clamp(BLOCKS_MIN, BLOCKS_MAX);
        let report = session.received.report(now, blocks_max, &mut session.ack_blocks);
        encode::ack(out, report.latest as u16, report.delay, &session.ack_blocks);

        let mut packet = SentPacket::new(now);
        if window_need > Need::None
            && out.len() + RECEIVE_WINDOW_LEN_MAX <= limit
            && let Some(credit) = self.queue.promise()
        {
            encode::receive_window(out, credit);
            packet.carries_window = true;
        }
        if due.data {
            self.send_lanes.pack(out, limit, pads, &mut packet.segments);
        }
        if let Some(size) = due.pad_to {
            encode::padding(out, start + size - overhead);
            packet.is_mtu_probe = true;
            session.mtu.probe_sent(now);
        }
        let in_flight = session.in_flight();
        let expects_ack = !packet.segments.is_empty() || packet.carries_window;
        session.send_key.seal_in_place(number, out, plaintext_start);

        let size = out.len() - start;
        packet.size = size as u32;
        session.congestion.sent(now, size, in_flight, expects_ack || inline.is_some(), inline.is_some());
        session.last_sent = Some(now);
        if let Some(unproven) = &mut self.unproven {
            unproven.note_sent(size);
        }
        self.stats.sent(now, size);
        if let Some(inline) = inline {
            if let Some(kind) = inline.kind {
                packet.carries_stats = true;
                session.exchange.sent(kind);
            }
            if !due.beside {
                session.liveness.requested(now, inline.flags, &self.ping);
            }
        } else if expects_ack {
            session.liveness.reply_expected(now, &self.ping, true);
        }
        session.sent.push(packet);
        tracing::trace!(target: "gamesockets::packets", id = self.local_id, number, size, "sent");
        self.observe_packet(now, TraceEvent::PacketSent { number, size });
        self.after_data(now);
    }

    /// Statistics and requests for the header of a packet that leaves now.
    fn inline_stats(&mut self, now: Timestamp, due: Due) -> Option<Inline> {
        let traffic = Traffic::of(&self.stats);
        let session = self.session.as_deref_mut()?;
        let kind = session.exchange.piggyback(now, traffic);
        let mut flags = due.probe.or_else(|| session.liveness.piggyback(now, &self.ping)).unwrap_or(0);
        if due.data && session.congestion.wants_ack(now, session.in_flight()) {
            flags |= FLAG_ACK_REQUEST | FLAG_ACK_IMMEDIATE;
        }
        if kind.is_none() && flags == 0 {
            return None;
        }
        let stats = kind.map(|kind| match kind {
            StatsKind::Instantaneous => ConnectionQuality {
                instantaneous: Some(self.stats.instantaneous(now, self.ping.smoothed_ms())),
                ..ConnectionQuality::default()
            },
            StatsKind::Lifetime => {
                ConnectionQuality { lifetime: Some(self.stats.lifetime(now)), ..ConnectionQuality::default() }
            }
        });
        // With statistics the plain request is implied; more than that has to be said in full (spec section 2.12).
        let told = (stats.is_none() || flags & !FLAG_ACK_REQUEST != 0).then_some(flags | FLAG_ACK_REQUEST);
        let message = InlineStats { stats, flags: told };
        Some(Inline { bytes: message.encode_to_vec(), kind, flags: flags | FLAG_ACK_REQUEST })
    }

    /// Data may have left: is anything still waiting, and has a lingering connection delivered everything?
    fn after_data(&mut self, now: Timestamp) {
        if !self.send_lanes.has_new() {
            self.nagle_due = None;
        }
        if !self.send_lanes.has_sendable()
            && let Some(session) = self.session.as_deref_mut()
        {
            session.congestion.idle(now, session.sent.next_number());
        }
        self.report_writable();
    }

    /// A new message waits; it may do so this long for company (spec section 11.2).
    pub(super) fn hold_back(&mut self, now: Timestamp, patience: Duration) {
        let due = now + patience;
        self.nagle_due = Some(self.nagle_due.map_or(due, |earlier| earlier.min(due)));
    }

    /// How long so many bytes take to leave at `rate` bytes per second, in whole packets (spec section 11.6).
    pub(super) fn time_to_send(&self, pending: usize, rate: u32) -> Duration {
        let whole = self.mtu().saturating_sub(RESERVED + 116).max(1);
        let bytes = pending / whole * whole;
        Duration::from_secs_f64(bytes as f64 / f64::from(rate.max(1)))
    }
}
