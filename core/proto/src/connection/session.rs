//! An established connection's machines, and how a received packet passes through them.

use core::time::Duration;

use super::exchange::{StatsExchange, Traffic};
use super::liveness::{FLAG_ACK_IMMEDIATE, FLAG_ACK_REQUEST, Liveness};
use super::report::PeerReport;
use crate::ConnectionConfig;
use crate::congestion::controller::Controller;
use crate::congestion::delivery::Ack;
use crate::congestion::{InFlight, RateBounds};
use crate::crypto::PacketKey;
use crate::lanes::LANE_MAX;
use crate::lanes::budget::{Allowance, StreamLimits};
use crate::lanes::payload::Plaintext;
use crate::lanes::receive_lane::{Intake, LaneError, ReceiveLanes, SegmentContext};
use crate::lanes::receive_queue::ReceiveQueue;
use crate::lanes::send_lanes::SendLanes;
use crate::lanes::stream::Taken;
use crate::packets::mtu::MtuSearch;
use crate::packets::numbers::{Freshness, LURCH_MAX, ReplayWindow};
use crate::packets::ping::PingTracker;
use crate::packets::received::ReceivedPackets;
use crate::packets::sent::{SentPacket, SentPackets};
use crate::stats::{Arrival, LinkStats};
use crate::time::Timestamp;
use crate::wire::Extensions;
use crate::wire::control::{MAX_PLAINTEXT_ACCEPTED, MAX_UDP_PAYLOAD, MAX_UDP_PAYLOAD_SEARCHED};
use crate::wire::data_header::DataHeader;
use crate::wire::frame::{AckBlock, AckFrame, AckLatest, Credit, Frame, FrameDecoder, FrameError};
use crate::wire::messages::InlineStats;

/// Reliable data and requests are acknowledged within this.
const ACK_DELAY: Duration = Duration::from_millis(50);
/// An ack with k blocks is answered within this divided by k: the peer then knows it need not repeat them.
const BLOCKS_ACK_DELAY: Duration = Duration::from_millis(250);
/// A packet may be given up by so much earlier if another one is.
const TIMEOUT_BATCH: Duration = Duration::from_millis(5);
/// Gaps between packets longer than this say nothing about jitter.
const JITTER_GAP_MAX_MICROS: u64 = 250_000;
/// Units of the time-since-previous-packet field, microseconds, as a shift.
pub(super) const GAP_SHIFT: u32 = 4;
/// Ack frames of a packet beyond so many are ignored: one is usual, and each may make us look at all packets on their way.
const ACK_FRAMES_MAX: u32 = 8;
/// Of the ranges in the ack frames of a packet, so many are looked at. Honest ends name at most 60.
const ACK_RANGES_MAX: usize = 64;
/// Units of an ack's delay field, microseconds.
const ACK_DELAY_UNIT_MICROS: u64 = 32;

/// The machines of an established connection. The connection lends the parts that outlive it as [`Machines`].
pub(super) struct Session {
    pub(super) send_key: PacketKey,
    recv_key: PacketKey,
    pub(super) peer_version: u32,
    /// What both ends announced.
    pub(super) extensions: Extensions,
    window: ReplayWindow,
    pub(super) received: ReceivedPackets,
    pub(super) sent: SentPackets,
    lanes: ReceiveLanes,
    pub(super) mtu: MtuSearch,
    pub(super) congestion: Controller,
    pub(super) liveness: Liveness,
    pub(super) exchange: StatsExchange,
    /// What the peer says of the link.
    pub(super) peer_report: PeerReport,
    pub(super) last_sent: Option<Timestamp>,
    last_received: Option<Timestamp>,
    /// Reused for every ack frame.
    pub(super) ack_blocks: Vec<AckBlock>,
}

/// The keys and facts a handshake ends with.
pub(super) struct SessionStart {
    pub(super) send_key: PacketKey,
    pub(super) recv_key: PacketKey,
    pub(super) peer_version: u32,
    pub(super) extensions: Extensions,
    pub(super) rate: RateBounds,
    /// `MTU_PacketSize`, bytes.
    pub(super) mtu: u16,
    pub(super) ping: Option<Duration>,
}

/// What a received packet may change outside the session.
pub(super) struct Machines<'a> {
    pub(super) config: &'a ConnectionConfig,
    pub(super) send_lanes: &'a mut SendLanes,
    pub(super) queue: &'a mut ReceiveQueue,
    pub(super) ping: &'a mut PingTracker,
    pub(super) stats: &'a mut LinkStats,
    /// The application has closed: reliable data is acknowledged and thrown away (spec section 10.2).
    pub(super) lingering: bool,
}

/// Why a data packet was not taken in.
#[derive(Debug)]
pub(super) enum Rejected {
    /// Did not decode, or not authenticate: counted, nothing else changes.
    Malformed,
    /// Seen before, or too old to know.
    Stale,
    /// The peer broke the protocol: the connection ends with this code and text.
    Violation(Violation),
}

/// What the peer did wrong in a packet that authenticated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("packet number lurched from {from} to {to}")]
    Lurch { from: u64, to: u64 },
    #[error("a packet does not decode: {0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Lane(#[from] LaneError),
    #[error("lane {0} was selected; the highest is {LANE_MAX}")]
    LaneNumber(u32),
    #[error("a stop-waiting frame makes no sense")]
    StopWaiting,
    #[error("an ack frame reaches below packet 0")]
    AckUnderflow,
}

/// What became of a packet's frames.
struct FramesTaken {
    /// Something was refused: the packet must not be acknowledged.
    refused: bool,
    /// It carried what the sender keeps until it hears that it arrived.
    wants_ack: bool,
}

impl Session {
    pub(super) fn new(now: Timestamp, start: SessionStart) -> Self {
        // The handshake stands for packet 1 from version 10 on (spec section 6.7).
        let implicit = u64::from(start.peer_version >= 10);
        Self {
            send_key: start.send_key,
            recv_key: start.recv_key,
            peer_version: start.peer_version,
            extensions: start.extensions,
            window: ReplayWindow::new(implicit),
            received: ReceivedPackets::new(implicit),
            sent: SentPackets::new(implicit + 1),
            lanes: ReceiveLanes::default(),
            mtu: MtuSearch::new(
                now,
                start.mtu.min(MAX_UDP_PAYLOAD as u16),
                mtu_max(start.mtu, start.extensions),
                start.extensions.contains(Extensions::PATH_MTU),
            ),
            congestion: Controller::new(now, start.rate, start.ping),
            liveness: Liveness::new(now),
            exchange: StatsExchange::new(now),
            peer_report: PeerReport::default(),
            last_sent: None,
            last_received: None,
            ack_blocks: Vec::new(),
        }
    }

    pub(super) fn in_flight(&self) -> InFlight {
        InFlight { bytes: self.sent.in_flight(), numbers: self.sent.unreported() }
    }

    /// A data packet for this connection arrived. Decrypts in place; answers its number.
    pub(super) fn receive(
        &mut self,
        now: Timestamp,
        datagram: &mut [u8],
        header: &DataHeader,
        machines: &mut Machines<'_>,
    ) -> Result<u64, Rejected> {
        let number = self.window.expand(header.packet_number_low).ok_or(Rejected::Stale)?;
        match self.window.check(number) {
            Freshness::New => {}
            Freshness::Duplicate => {
                machines.stats.sequenced(now, Arrival::Duplicate);
                return Err(Rejected::Stale);
            }
            Freshness::TooOld => {
                machines.stats.sequenced(now, Arrival::Lurch);
                return Err(Rejected::Stale);
            }
        }
        let chunk = datagram.get_mut(header.chunk_offset..).ok_or(Rejected::Malformed)?;
        let plaintext = self.recv_key.open_in_place(number, chunk).ok_or(Rejected::Malformed)?;
        let searched = self.extensions.contains(Extensions::PATH_MTU);
        if plaintext.len() > if searched { MAX_UDP_PAYLOAD_SEARCHED } else { MAX_PLAINTEXT_ACCEPTED } {
            return Err(Rejected::Malformed);
        }
        let previous_max = self.window.max();
        if number > previous_max + LURCH_MAX {
            return Err(Rejected::Violation(Violation::Lurch { from: previous_max, to: number }));
        }
        self.liveness.heard(now);
        let mut allowance = Allowance::default();
        let taken = self.take_frames(now, number, plaintext, machines, &mut allowance);
        self.lanes.end_datagram(&allowance);
        let taken = taken.map_err(Rejected::Violation)?;
        self.window.insert(number);
        self.count_arrival(now, number, previous_max, header, machines.stats);
        if taken.refused {
            let retry_ms = machines.ping.smoothed_ms().map_or(100, |ms| ms.min(100)) + 5;
            self.received.request_ack(now, Duration::from_millis(2 * u64::from(retry_ms)));
        } else {
            self.received.record(now, number);
            if taken.wants_ack {
                self.received.request_data_ack(now, ACK_DELAY);
            }
        }
        if let Some(stats) = &header.stats {
            self.take_stats(now, stats);
        }
        Ok(number)
    }

    /// The application read messages: goes on where a full queue stopped.
    pub(super) fn pump(
        &mut self,
        now: Timestamp,
        config: &ConnectionConfig,
        queue: &mut ReceiveQueue,
    ) -> Result<(), Violation> {
        Ok(pump(&mut self.lanes, now, stream_limits(config), queue)?)
    }

    /// Whether some of what arrived was left over, to be taken in by [`take_deferred`](Self::take_deferred) soon.
    pub(super) fn has_deferred(&self) -> bool {
        self.lanes.is_deferred()
    }

    /// Takes in more of what packets have left over, as much as one packet may bring.
    pub(super) fn take_deferred(
        &mut self,
        now: Timestamp,
        config: &ConnectionConfig,
        queue: &mut ReceiveQueue,
    ) -> Result<(), Violation> {
        Ok(self.lanes.pump(stream_limits(config), queue, now)?)
    }

    /// Entries of tables that datagrams made it touch so far.
    pub(super) fn steps(&self) -> u64 {
        self.lanes.steps() + self.sent.steps()
    }

    /// Bytes that are held of what has arrived.
    pub(super) fn held_bytes(&self, queue: &ReceiveQueue) -> usize {
        self.lanes.held(queue)
    }

    /// The lanes, if a full queue holds back what arrived.
    pub(super) fn take_stalled(&mut self) -> Option<Box<ReceiveLanes>> {
        self.lanes.is_stalled().then(|| Box::new(core::mem::take(&mut self.lanes)))
    }

    /// Packets that were not acknowledged in time are lost; what is decided is forgotten (spec section 8.5).
    pub(super) fn expire_sent(
        &mut self,
        now: Timestamp,
        ping: &PingTracker,
        send_lanes: &mut SendLanes,
        queue: &mut ReceiveQueue,
    ) {
        let timeout = ping.retransmission_timeout();
        let (mut fate, mtu) = (Fate::default(), &mut self.mtu);
        // Packets that left together are given up together: at high rates a timer for each would be a storm of them.
        let due = self.sent.oldest_outstanding().is_some_and(|sent_at| sent_at + timeout <= now);
        let sent_before = if due { now + TIMEOUT_BATCH - timeout } else { now - timeout };
        self.sent.time_out(sent_before, |packet| {
            fate.lose(now, packet, send_lanes, mtu);
        });
        if fate.stats_lost {
            self.exchange.lost();
        }
        if fate.window_lost {
            queue.promise_lost();
        }
        self.congestion.timed_out(now);
        let sample_age = ping.last_sample().map(|at| now.since(at).min(Duration::from_secs(3)));
        let keep = match sample_age {
            Some(age) => (2 * timeout).max(age),
            None => 2 * timeout + Duration::from_secs(1),
        };
        self.sent.expire(now, keep);
    }

    fn take_frames(
        &mut self,
        now: Timestamp,
        number: u64,
        plaintext: &[u8],
        machines: &mut Machines<'_>,
        allowance: &mut Allowance,
    ) -> Result<FramesTaken, Violation> {
        let mut taken = FramesTaken { refused: false, wants_ack: false };
        let mut context = SegmentContext::default();
        let (mut segments, mut acks, mut ranges) = (0, 0, 0);
        let (packet, limits) = (Plaintext::new(plaintext), stream_limits(machines.config));
        let mut decoder = FrameDecoder::with_extensions(plaintext, self.extensions);
        while let Some(frame) = decoder.next_frame()? {
            allowance.count(1);
            if matches!(frame, Frame::Unreliable { .. } | Frame::Reliable { .. }) {
                segments += 1;
                if segments > machines.config.recv_max_segments_per_packet {
                    taken.refused = true;
                    return Ok(taken);
                }
            }
            let segment = match frame {
                Frame::StopWaiting { offset } => {
                    self.received.stop_waiting(number, offset).map_err(|_| Violation::StopWaiting)?;
                    continue;
                }
                Frame::SelectLane(field) => {
                    let lane = u16::try_from(field).ok().filter(|&lane| lane <= LANE_MAX);
                    context = SegmentContext::select(lane.ok_or(Violation::LaneNumber(field))?);
                    continue;
                }
                Frame::Ack(ack) => {
                    acks += 1;
                    if acks > ACK_FRAMES_MAX || ranges >= ACK_RANGES_MAX {
                        continue;
                    }
                    ranges += ack.blocks().count();
                    if !self.take_ack(now, &ack, machines)? {
                        // It acknowledges what was never sent: nothing after it can be trusted (spec section 7.8).
                        taken.refused = true;
                        return Ok(taken);
                    }
                    continue;
                }
                Frame::Padding => continue,
                Frame::ReceiveWindow(limit) => {
                    taken.wants_ack = true;
                    self.take_window(now, limit, machines.send_lanes);
                    continue;
                }
                Frame::Unreliable { .. } if machines.lingering => Taken::Refused,
                Frame::Unreliable { number, offset, last, data } => {
                    let mut intake = Intake { packet: &packet, queue: machines.queue, limits, now, allowance };
                    self.lanes.unreliable(&mut context, number, offset, last, data, &mut intake)?
                }
                Frame::Reliable { position, data } => {
                    taken.wants_ack = true;
                    if machines.lingering {
                        Taken::Yes
                    } else {
                        let mut intake = Intake { packet: &packet, queue: machines.queue, limits, now, allowance };
                        self.lanes.reliable(&mut context, position, data, &mut intake)?
                    }
                }
            };
            taken.refused |= segment == Taken::Refused;
        }
        Ok(taken)
    }

    /// The peer takes this much.
    fn take_window(&mut self, now: Timestamp, limit: Credit, send_lanes: &mut SendLanes) {
        if !send_lanes.has_sendable() {
            self.congestion.idle(now, self.sent.next_number());
        }
        send_lanes.grant(limit);
    }

    /// An ack frame; `false` if it acknowledges what was never sent.
    fn take_ack(&mut self, now: Timestamp, ack: &AckFrame<'_>, machines: &mut Machines<'_>) -> Result<bool, Violation> {
        let next = self.sent.next_number();
        let distance = match ack.latest {
            AckLatest::Low16(low) => i64::from(low.wrapping_sub(next as u16) as i16),
            AckLatest::Low32(low) => i64::from(low.wrapping_sub(next as u32) as i32),
        };
        let latest = next.checked_add_signed(distance).ok_or(Violation::AckUnderflow)?;
        if latest >= next {
            return Ok(false);
        }
        self.sample_ping(now, latest, ack.delay, machines);
        let latest_sent = self.sent.sent_at(latest).zip(self.sent.size(latest));
        let (mut fate, mtu) = (Fate::default(), &mut self.mtu);
        let mut end = latest + 1;
        let mut blocks = 0;
        let send_lanes = &mut *machines.send_lanes;
        for block in ack.blocks().take(ACK_RANGES_MAX) {
            blocks += 1;
            let acked_from = end.checked_sub(block.acks.into()).ok_or(Violation::AckUnderflow)?;
            let lost_from = acked_from.checked_sub(block.nacks.into()).ok_or(Violation::AckUnderflow)?;
            self.sent.acknowledge(acked_from, end, |packet| {
                fate.acknowledge(now, &packet, send_lanes, mtu);
            });
            self.sent.declare_lost(lost_from, acked_from, |packet| {
                fate.lose(now, packet, send_lanes, mtu);
            });
            end = lost_from;
        }
        // What is below the last range has arrived, if it is the last: of more, nothing is known.
        if ack.blocks().count() <= ACK_RANGES_MAX {
            let floor = self.sent.stop_waiting();
            self.sent.acknowledge(floor, end, |packet| {
                fate.acknowledge(now, &packet, send_lanes, mtu);
            });
            self.sent.advance_stop_waiting(latest);
        }
        self.congestion.acknowledged(
            now,
            &Ack {
                latest,
                latest_sent,
                delay: ack.delay.map(|units| Duration::from_micros(u64::from(units) * ACK_DELAY_UNIT_MICROS)),
                acked_bytes: fate.acked_bytes,
                lost_bytes: fate.lost_bytes,
                next_number: next,
            },
        );
        if fate.window_lost {
            machines.queue.promise_lost();
        }
        if fate.stats_acked {
            let traffic = Traffic::of(machines.stats);
            self.exchange.acknowledged(now, traffic);
        } else if fate.stats_lost {
            self.exchange.lost();
        }
        if blocks > 0 {
            self.received.request_ack(now, BLOCKS_ACK_DELAY / blocks);
        }
        Ok(true)
    }

    fn sample_ping(&mut self, now: Timestamp, latest: u64, delay: Option<u16>, machines: &mut Machines<'_>) {
        let (Some(sent_at), Some(delay)) = (self.sent.sent_at(latest), delay) else {
            return;
        };
        let round_trip = i64::try_from(now.micros_since(sent_at)).unwrap_or(i64::MAX)
            - i64::from(delay) * ACK_DELAY_UNIT_MICROS as i64;
        let sample_ms = round_trip / 1_000;
        if sample_ms >= -1
            && let Ok(sample_ms) = u32::try_from(sample_ms.max(0))
        {
            machines.ping.record(now, sample_ms);
            machines.stats.ping(sample_ms);
        }
    }

    fn take_stats(&mut self, now: Timestamp, stats: &InlineStats) {
        let flags = stats.flags.unwrap_or(0);
        if stats.stats.is_some() || flags & FLAG_ACK_REQUEST != 0 {
            let immediate = flags & FLAG_ACK_IMMEDIATE != 0;
            self.received.request_ack(now, if immediate { Duration::ZERO } else { ACK_DELAY });
        }
        if let Some(told) = &stats.stats {
            self.peer_report.take(now, told);
        }
    }

    fn count_arrival(
        &mut self,
        now: Timestamp,
        number: u64,
        previous_max: u64,
        header: &DataHeader,
        stats: &mut LinkStats,
    ) {
        let Some(skipped) = number.checked_sub(previous_max + 1) else {
            stats.sequenced(now, Arrival::OutOfOrder);
            return;
        };
        stats.sequenced(now, Arrival::Newer { skipped });
        let gap = self.last_received.map(|at| now.micros_since(at));
        self.last_received = Some(now);
        let sender_gap = header.time_since_previous.map(|units| u64::from(units) << GAP_SHIFT);
        if let (0, Some(gap), Some(sender_gap)) = (skipped, gap, sender_gap)
            && gap < JITTER_GAP_MAX_MICROS
            && sender_gap < JITTER_GAP_MAX_MICROS
        {
            stats.jitter(gap.abs_diff(sender_gap) as u32);
        }
    }
}

/// What became of our packets besides their segments.
#[derive(Default)]
struct Fate {
    acked_bytes: u64,
    lost_bytes: u64,
    stats_acked: bool,
    stats_lost: bool,
    window_lost: bool,
}

impl Fate {
    fn acknowledge(&mut self, now: Timestamp, packet: &SentPacket, lanes: &mut SendLanes, mtu: &mut MtuSearch) {
        packet.segments.iter().for_each(|&segment| lanes.acknowledged(segment));
        mtu.acknowledged(now, packet.size as u16, packet.is_mtu_probe);
        self.acked_bytes += u64::from(packet.size);
        self.stats_acked |= packet.carries_stats;
    }

    fn lose(&mut self, now: Timestamp, packet: &SentPacket, lanes: &mut SendLanes, mtu: &mut MtuSearch) {
        packet.segments.iter().for_each(|&segment| lanes.lost(segment));
        mtu.lost(now, packet.size as u16, packet.is_mtu_probe);
        // That a probe is lost says nothing about congestion.
        self.lost_bytes += if packet.is_mtu_probe { 0 } else { u64::from(packet.size) };
        self.stats_lost |= packet.carries_stats;
        self.window_lost |= packet.carries_window;
    }
}

/// Goes on where a full queue stopped the lanes.
pub(super) fn pump(
    lanes: &mut ReceiveLanes,
    now: Timestamp,
    limits: StreamLimits,
    queue: &mut ReceiveQueue,
) -> Result<(), LaneError> {
    // With nothing to be read, nobody would come back for what an allowance leaves over.
    while lanes.is_stalled() {
        lanes.pump(limits, queue, now)?;
        if !lanes.is_deferred() || !queue.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The bounds once nothing more arrives: what has been taken is within them, and no message that is incomplete now may
/// keep others out.
pub(super) fn final_limits(config: &ConnectionConfig) -> StreamLimits {
    StreamLimits { buffer_bytes: usize::MAX, ..stream_limits(config) }
}

/// The largest datagram to search for: a peer that cannot be probed gets none larger than GNS's.
pub(super) fn mtu_max(configured: u16, extensions: Extensions) -> u16 {
    let searched = extensions.contains(Extensions::PATH_MTU);
    configured.min(if searched { MAX_UDP_PAYLOAD_SEARCHED } else { MAX_UDP_PAYLOAD } as u16)
}

fn stream_limits(config: &ConnectionConfig) -> StreamLimits {
    StreamLimits {
        buffer_bytes: config.recv_buffer_size_bytes as usize,
        unreliable_bytes: config.recv_max_message_size_bytes as usize,
        message_bytes: config.recv_max_message_size_bytes.min(config.recv_buffer_size_bytes) as usize,
    }
}
