//! Two connections in this process, joined without a network: what one end sends, the other finds in its receive queue.
//!
//! Limits and results are those of a connection over UDP (spec sections 11.1 and 12); but nothing takes time, nothing is
//! encrypted and nothing gets lost on the way. A payload is copied once, when it is sent.
//!
//! Each end stands behind the lock of its own connection. What one has for the other lies in a [`Wire`]: the sender puts
//! it there under its lock, lets go of that, and has the other end fetch it ([`PipeEnd::fetch`]) under its own. So no
//! thread ever holds the locks of both ends, and messages stay in the order in which they were sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gamesockets_proto::connection::application_end;
use gamesockets_proto::lanes::receive_queue::{ReceiveQueue, take_up_to};
use gamesockets_proto::lanes::{MESSAGE_SIZE_MAX, UNRELIABLE_SIZE_MAX};
use gamesockets_proto::stats::{Lifetime, LinkStats};
use gamesockets_proto::{
    ConnectionConfig, Event, Identity, LaneConfigError, LaneStatus, Message, SendError, SendOptions, Status, Timestamp,
};
use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode, SendFlags};
use parking_lot::Mutex;

/// What the status of a pipe gives for a send rate: the most a connection may have, as GNS does.
const RATE_MAX: u32 = 100 << 20;

/// One end of a pipe.
pub(crate) struct PipeEnd {
    id: u32,
    remote_identity: Identity,
    config: ConnectionConfig,
    state: ConnectionState,
    end_reason: ConnectionEnd,
    end_debug: String,
    /// The number of the last message sent, by lane.
    sent_numbers: Vec<u64>,
    queue: ReceiveQueue,
    /// Reliable messages that a full queue holds back.
    stalled: VecDeque<Message>,
    incoming: Arc<Wire>,
    outgoing: Arc<Wire>,
    stats: LinkStats,
    events: VecDeque<Event>,
    peer_has_news: bool,
}

/// What one end of a pipe has for the other. Its lock is taken last, and held for moments.
#[derive(Default)]
struct Wire(Mutex<Transit>);

#[derive(Default)]
struct Transit {
    messages: VecDeque<Message>,
    /// By lane, as far as messages were sent on it.
    lanes: Vec<LaneBytes>,
    /// A message was refused: the sender is told when no more bytes than this are left.
    writable_below: Option<usize>,
    /// It is time to tell the sender.
    writable: bool,
    /// The sender has gone, and why.
    end: Option<(ConnectionEnd, String)>,
}

#[derive(Clone, Copy, Default)]
struct LaneBytes {
    /// Of reliable messages that the receiver has not taken into its queue.
    reliable: usize,
    /// Of unreliable messages that the receiver has not looked at.
    unreliable: usize,
}

/// What one end starts with.
pub(crate) struct PipeParams {
    /// Its connection id, for descriptions.
    pub(crate) id: u32,
    /// Who it takes the other end for.
    pub(crate) remote_identity: Identity,
    pub(crate) config: ConnectionConfig,
}

impl PipeEnd {
    /// Both ends of a new pipe, connected.
    pub(crate) fn pair(now: Timestamp, first: PipeParams, second: PipeParams) -> [Self; 2] {
        let (there, back) = (Arc::<Wire>::default(), Arc::<Wire>::default());
        [Self::new(now, first, Arc::clone(&back), Arc::clone(&there)), Self::new(now, second, there, back)]
    }

    fn new(now: Timestamp, params: PipeParams, incoming: Arc<Wire>, outgoing: Arc<Wire>) -> Self {
        let mut stats = LinkStats::new(now);
        stats.connected(now);
        let mut end = Self {
            id: params.id,
            remote_identity: params.remote_identity,
            config: params.config,
            state: ConnectionState::Connected,
            end_reason: ConnectionEnd::INVALID,
            end_debug: String::new(),
            sent_numbers: vec![0],
            queue: ReceiveQueue::default(),
            stalled: VecDeque::new(),
            incoming,
            outgoing,
            stats,
            events: VecDeque::new(),
            peer_has_news: false,
        };
        end.apply_limits();
        end
    }

    /// Puts a message on the way; answers its number (spec section 11.1). It leaves at once: it cannot miss a deadline,
    /// and there is nothing waiting that it could replace.
    pub(crate) fn send_with(&mut self, now: Timestamp, payload: &[u8], options: SendOptions) -> Result<u64, SendError> {
        let SendOptions { lane, flags, deadline, replace_key } = options;
        match self.state {
            ConnectionState::Connected => {}
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => return Err(SendError::Closed),
            _ => return Err(SendError::InvalidState),
        }
        if payload.len() > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge { size: payload.len() });
        }
        let count = self.sent_numbers.len() as u16;
        let number = self.sent_numbers.get_mut(usize::from(lane)).ok_or(SendError::NoSuchLane { lane, count })?;
        let reliable = flags.contains(SendFlags::RELIABLE) || payload.len() > UNRELIABLE_SIZE_MAX;
        if reliable && (deadline.is_some() || replace_key.is_some()) {
            return Err(SendError::MustBeUnreliable { size: payload.len() });
        }
        let mut transit = self.outgoing.0.lock();
        let (pending, limit) = (transit.pending(), self.config.send_buffer_size_bytes as usize);
        if payload.len() > limit {
            return Err(SendError::ExceedsBuffer { size: payload.len(), limit });
        }
        if pending + payload.len() > limit {
            transit.writable_below = Some(limit / 2);
            return Err(SendError::BufferFull { pending, limit });
        }
        *number += 1;
        let payload = Bytes::copy_from_slice(payload);
        self.stats.sent(now, payload.len());
        *transit.bytes(lane, reliable) += payload.len();
        transit.messages.push_back(Message { payload, number: *number, lane, reliable, time_received: now });
        self.peer_has_news = true;
        Ok(*number)
    }

    /// Lanes keep their own numbers; there is nothing to share, since every message leaves at once.
    pub(crate) fn configure_lanes(&mut self, priorities: &[i32], weights: &[u16]) -> Result<(), LaneConfigError> {
        if self.state != ConnectionState::Connected {
            return Err(LaneConfigError::InvalidState);
        }
        LaneConfigError::check(priorities, weights, self.lane_count())?;
        self.sent_numbers.resize(priorities.len(), 0);
        Ok(())
    }

    pub(crate) const fn lane_count(&self) -> u16 {
        self.sent_numbers.len() as u16
    }

    /// What waits on a lane for the other end to take it.
    pub(crate) fn lane_status(&self, lane: u16) -> Option<LaneStatus> {
        if lane >= self.lane_count() {
            return None;
        }
        let bytes = self.outgoing.0.lock().lanes.get(usize::from(lane)).copied().unwrap_or_default();
        Some(LaneStatus {
            pending_unreliable_bytes: bytes.unreliable,
            pending_reliable_bytes: bytes.reliable,
            sent_unacknowledged_reliable_bytes: 0,
            queue_time: Duration::ZERO,
        })
    }

    /// Nothing is ever held back.
    pub(crate) const fn flush(&self) -> Result<(), ResultCode> {
        match self.state {
            ConnectionState::Connected => Ok(()),
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => Err(ResultCode::NoConnection),
            _ => Err(ResultCode::InvalidState),
        }
    }

    /// Hands the next messages to `each`, at most `max`; answers how many.
    pub(crate) fn receive_many(&mut self, max: usize, mut each: impl FnMut(Message)) -> usize {
        take_up_to(max, |wanted| {
            let taken = self.queue.pop_many(wanted, &mut each);
            if taken > 0 && !self.stalled.is_empty() {
                let incoming = Arc::clone(&self.incoming);
                self.release_stalled(&mut incoming.0.lock());
            }
            taken
        })
    }

    /// Takes in what the other end has put on the way, and hears what has become of it.
    pub(crate) fn fetch(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.outgoing.0.lock().writable) && self.state == ConnectionState::Connected {
            self.events.push_back(Event::Writable);
        }
        if self.state != ConnectionState::Connected {
            return;
        }
        let incoming = Arc::clone(&self.incoming);
        let mut transit = incoming.0.lock();
        while let Some(message) = transit.messages.pop_front() {
            if let Err(text) = self.take(now, message, &mut transit) {
                drop(transit);
                return self.fail(&text);
            }
        }
        if let Some((reason, debug)) = transit.end.take() {
            // They are in memory already, and no more will come.
            self.queue.set_limits(usize::MAX, usize::MAX);
            self.release_stalled(&mut transit);
            (self.end_reason, self.end_debug) = (reason, debug);
            self.set_state(ConnectionState::ClosedByPeer);
        } else {
            self.report_room(&mut transit);
        }
    }

    /// Closes at once: what was sent is with the other end already. Unread messages are thrown away.
    pub(crate) fn close(&mut self, reason: i32, debug: &str) {
        self.queue.clear();
        self.stalled = VecDeque::new();
        if self.state == ConnectionState::Connected {
            self.end(application_end(reason, debug));
        }
        if self.state != ConnectionState::Dead {
            self.set_state(ConnectionState::Dead);
        }
    }

    /// Whether the other end should [`fetch`](Self::fetch).
    pub(crate) fn take_news_for_peer(&mut self) -> bool {
        std::mem::take(&mut self.peer_has_news)
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn take_newly_readable(&mut self) -> usize {
        self.queue.take_newly_readable()
    }

    pub(crate) fn readable_messages(&self) -> usize {
        self.queue.len()
    }

    pub(crate) const fn state(&self) -> ConnectionState {
        self.state
    }

    pub(crate) const fn end_reason(&self) -> ConnectionEnd {
        self.end_reason
    }

    pub(crate) fn end_debug(&self) -> &str {
        &self.end_debug
    }

    pub(crate) const fn local_connection_id(&self) -> u32 {
        self.id
    }

    pub(crate) const fn remote_identity(&self) -> Option<&Identity> {
        Some(&self.remote_identity)
    }

    pub(crate) const fn config(&self) -> &ConnectionConfig {
        &self.config
    }

    pub(crate) fn set_config(&mut self, config: ConnectionConfig) {
        self.config = config;
        if self.state == ConnectionState::Connected {
            self.apply_limits();
            let incoming = Arc::clone(&self.incoming);
            self.release_stalled(&mut incoming.0.lock());
        }
    }

    /// Live figures. The round trip takes no time; quality is not measured where nothing can get lost.
    pub(crate) fn status(&mut self, now: Timestamp) -> Status {
        let (out_rate, in_rate) = (self.stats.out_rate(now), self.stats.in_rate(now));
        let waiting = self.outgoing.0.lock().total();
        Status {
            ping_ms: Some(0),
            local_quality: None,
            remote_quality: None,
            remote_quality_is_estimate: false,
            out_packets_per_second: out_rate.packets_per_second,
            out_bytes_per_second: out_rate.bytes_per_second,
            in_packets_per_second: in_rate.packets_per_second,
            in_bytes_per_second: in_rate.bytes_per_second,
            send_rate_bytes_per_second: RATE_MAX,
            pending_unreliable_bytes: waiting.unreliable,
            pending_reliable_bytes: waiting.reliable,
            sent_unacknowledged_reliable_bytes: 0,
            queue_time: Duration::ZERO,
            max_jitter_micros: None,
        }
    }

    /// The figures of its whole life, counting messages for packets.
    pub(crate) fn lifetime(&mut self, now: Timestamp) -> Lifetime {
        Lifetime::of(&mut self.stats, now)
    }

    /// A message came. Err: it breaks a limit of ours that ends the connection.
    fn take(&mut self, now: Timestamp, mut message: Message, transit: &mut Transit) -> Result<(), String> {
        let size = message.payload.len();
        let limit = self.config.recv_max_message_size_bytes.min(self.config.recv_buffer_size_bytes) as usize;
        if size > limit {
            return Err(format!("a message of {size} bytes exceeds the limit of {limit}"));
        }
        self.stats.received(now, size);
        message.time_received = now;
        if message.reliable && (self.queue.is_full() || !self.stalled.is_empty()) {
            self.stalled.push_back(message);
            return Ok(());
        }
        *transit.bytes(message.lane, message.reliable) -= size;
        // An unreliable message that there is no room for is lost, as it would be on a network.
        if !self.queue.is_full() {
            self.queue.push(message);
        }
        Ok(())
    }

    fn release_stalled(&mut self, transit: &mut Transit) {
        while !self.queue.is_full()
            && let Some(message) = self.stalled.pop_front()
        {
            *transit.bytes(message.lane, true) -= message.payload.len();
            self.queue.push(message);
        }
        self.report_room(transit);
    }

    /// Tells a sender that was refused once half of its buffer is free.
    fn report_room(&mut self, transit: &mut Transit) {
        if transit.writable_below.is_some_and(|bytes| transit.pending() <= bytes) {
            transit.writable_below = None;
            transit.writable = true;
            self.peer_has_news = true;
        }
    }

    fn fail(&mut self, text: &str) {
        self.end((ConnectionEnd::MISC_INTERNAL_ERROR, text.to_owned()));
        self.set_state(ConnectionState::ProblemDetectedLocally);
    }

    /// It is over: the other end hears why.
    fn end(&mut self, (reason, debug): (ConnectionEnd, String)) {
        self.outgoing.0.lock().end = Some((reason, debug.clone()));
        (self.end_reason, self.end_debug) = (reason, debug);
        self.peer_has_news = true;
    }

    fn set_state(&mut self, new: ConnectionState) {
        let old = std::mem::replace(&mut self.state, new);
        self.events.push_back(Event::StateChanged { old, new });
    }

    fn apply_limits(&mut self) {
        let (messages, bytes) = (self.config.recv_buffer_messages, self.config.recv_buffer_size_bytes);
        self.queue.set_limits(messages as usize, bytes as usize);
    }
}

impl Transit {
    fn total(&self) -> LaneBytes {
        self.lanes.iter().fold(LaneBytes::default(), |sum, lane| LaneBytes {
            reliable: sum.reliable + lane.reliable,
            unreliable: sum.unreliable + lane.unreliable,
        })
    }

    fn pending(&self) -> usize {
        let LaneBytes { reliable, unreliable } = self.total();
        reliable + unreliable
    }

    fn bytes(&mut self, lane: u16, reliable: bool) -> &mut usize {
        let index = usize::from(lane);
        if index >= self.lanes.len() {
            self.lanes.resize(index + 1, LaneBytes::default());
        }
        let bytes = &mut self.lanes[index];
        if reliable { &mut bytes.reliable } else { &mut bytes.unreliable }
    }
}
