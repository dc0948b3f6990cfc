//! All outgoing lanes together (spec sections 11.5 and 11.6). What a packet costs does not depend on how many lanes are idle:
//! sums are kept, and the scheduler knows only the lanes that have something to send.

use core::cmp::Ordering;

use super::scheduler::{LaneShare, Scheduler};
use super::send_lane::{LaneBytes, SendLane};
use super::unreliable_queue::Delivery;
use super::window::SendWindow;
use crate::packets::sent::SentSegment;
use crate::time::Timestamp;
use crate::wire::frame::Credit;

/// The sending side of all lanes of a connection.
#[derive(Debug)]
pub struct SendLanes {
    pub(super) lanes: Vec<SendLane>,
    pub(super) scheduler: Scheduler,
    /// What the peer takes, where it tells.
    pub(super) window: Option<SendWindow>,
    /// Of all lanes.
    total: LaneBytes,
    /// How many lanes have something that was never sent.
    lanes_with_new: usize,
    /// Of all lanes the earliest, or one that has been met.
    deadline: Option<Timestamp>,
    /// A message was queued of late.
    used: bool,
}

impl Default for SendLanes {
    fn default() -> Self {
        let mut lanes = Self {
            lanes: Vec::new(),
            scheduler: Scheduler::default(),
            window: None,
            total: LaneBytes::default(),
            lanes_with_new: 0,
            deadline: None,
            used: false,
        };
        lanes.configure([LaneShare::default()]);
        lanes
    }
}

impl SendLanes {
    /// Sets how the lanes share, and adds lanes if there are more shares. Never fewer than there are, at most 255.
    pub fn configure(&mut self, shares: impl IntoIterator<Item = LaneShare>) {
        self.scheduler.configure(shares);
        let count = self.scheduler.shares().count().max(self.lanes.len());
        // Exactly: nearly every connection has one lane, and there may be ten thousand connections.
        self.lanes.reserve_exact(count - self.lanes.len());
        self.lanes.resize_with(count, SendLane::default);
    }

    /// How many lanes messages can be sent on.
    pub fn count(&self) -> u16 {
        self.lanes.len() as u16
    }

    /// Queues a reliable message; answers its number, or `None` if there is no such lane.
    pub fn queue_reliable(&mut self, lane: u16, payload: &[u8]) -> Option<u64> {
        self.used = true;
        self.with(lane.into(), |lane| lane.queue_reliable(payload))
    }

    /// Queues an unreliable message, or replaces one; answers its number, or `None` if there is no such lane.
    pub fn queue_unreliable(&mut self, lane: u16, payload: &[u8], delivery: Delivery) -> Option<u64> {
        self.used = true;
        let number = self.with(lane.into(), |lane| lane.queue_unreliable(payload, delivery))?;
        self.deadline = self.deadline.into_iter().chain(delivery.deadline).min();
        Some(number)
    }

    /// Size of the unreliable message that one with this key would replace on a lane.
    pub fn replaceable_len(&self, lane: u16, key: u64) -> Option<usize> {
        self.lanes.get(usize::from(lane))?.replaceable_len(key)
    }

    /// Drops the unreliable messages that have not begun before their deadline; answers whether there were any.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        if self.deadline.is_none_or(|deadline| deadline >= now) {
            return false;
        }
        let mut expired = false;
        for index in 0..self.lanes.len() {
            expired |= self.with(index, |lane| lane.expire(now)) == Some(true);
        }
        self.deadline = self.lanes.iter().filter_map(SendLane::next_deadline).min();
        expired
    }

    /// No message expires before this.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// What waits and what is on its way, on all lanes.
    pub fn bytes(&self) -> LaneBytes {
        self.total
    }

    /// The same for one lane.
    pub fn lane_bytes(&self, lane: u16) -> Option<LaneBytes> {
        self.lanes.get(usize::from(lane)).map(SendLane::bytes)
    }

    /// Bytes not sent yet, or to be sent again.
    pub fn pending(&self) -> usize {
        self.total.pending()
    }

    /// Bytes that leave before a message that is queued on this lane now: its own, those of more urgent lanes, and what
    /// lanes of the same priority get in the meantime (spec section 11.6).
    pub fn bytes_ahead(&self, lane: u16) -> usize {
        let index = usize::from(lane);
        let Some((own, share)) = self.lanes.get(index).zip(self.scheduler.shares().nth(index)) else {
            return 0;
        };
        let own = own.bytes().pending();
        let others = self.scheduler.shares().zip(&self.lanes).enumerate().filter(|&(other, _)| other != index);
        let ahead = others.map(|(_, (other, lane))| match other.priority.cmp(&share.priority) {
            Ordering::Less => lane.bytes().pending(),
            Ordering::Equal => {
                let meanwhile = own as u64 * u64::from(other.weight) / u64::from(share.weight.max(1));
                lane.bytes().pending().min(usize::try_from(meanwhile).unwrap_or(usize::MAX))
            }
            Ordering::Greater => 0,
        });
        own + ahead.sum::<usize>()
    }

    /// Whether something waits to be sent again.
    pub fn has_retransmit(&self) -> bool {
        self.total.retransmit > 0
    }

    /// Whether something waits that was never sent.
    pub fn has_new(&self) -> bool {
        self.lanes_with_new > 0
    }

    /// Whether something waits that may be sent: not only what the peer has no room for.
    pub fn has_sendable(&self) -> bool {
        !self.scheduler.is_idle()
    }

    /// Whether the peer has acknowledged every reliable byte.
    pub fn is_delivered(&self) -> bool {
        self.total.reliable == 0 && self.total.in_flight == 0
    }

    /// From now on only as much leaves as the peer takes: this much to begin with. Nothing has left yet.
    pub fn limit_to_window(&mut self, limit: Credit) {
        self.window = Some(SendWindow::new(limit));
        self.refresh();
    }

    /// The peer takes this much in all.
    pub fn grant(&mut self, limit: Credit) {
        let Some(window) = &mut self.window else {
            return;
        };
        let was_open = window.is_open();
        window.grant(limit);
        if window.is_open() != was_open {
            self.refresh();
        }
    }

    /// The peer has this segment.
    pub fn acknowledged(&mut self, segment: SentSegment) {
        let range = segment.start..segment.start + u64::from(segment.len);
        self.with(segment.lane.into(), |lane| lane.acknowledged(range));
    }

    /// The packet with this segment is lost.
    pub fn lost(&mut self, segment: SentSegment) {
        let range = segment.start..segment.start + u64::from(segment.len);
        self.with(segment.lane.into(), |lane| lane.lost(range));
    }

    /// To be called now and then: gives back memory that only a burst needed, if nothing was queued since the last time.
    pub fn release_idle(&mut self) {
        if !core::mem::take(&mut self.used) {
            self.lanes.iter_mut().for_each(SendLane::release);
        }
    }

    /// Forgets everything that waits.
    pub fn clear(&mut self) {
        for index in 0..self.lanes.len() {
            self.with(index, SendLane::clear);
        }
    }

    /// Messages have begun; the window may have closed with them.
    pub(super) fn begun(&mut self, messages: Credit) {
        if messages.messages == 0 {
            return;
        }
        if let Some(window) = &mut self.window {
            window.begin(messages);
            if !window.is_open() {
                self.refresh();
            }
        }
    }

    /// Changes a lane and keeps the books.
    pub(super) fn with<T>(&mut self, index: usize, change: impl FnOnce(&mut SendLane) -> T) -> Option<T> {
        let may_begin = self.may_begin();
        let lane = self.lanes.get_mut(index)?;
        let (bytes, had_new) = (lane.bytes(), lane.has_new());
        let result = change(lane);
        self.total.replace(bytes, lane.bytes());
        self.lanes_with_new = self.lanes_with_new + usize::from(lane.has_new()) - usize::from(had_new);
        self.scheduler.set_ready(index, lane.is_sendable(may_begin));
        Some(result)
    }

    /// Looks at every lane anew: the window has opened or closed.
    fn refresh(&mut self) {
        let may_begin = self.may_begin();
        for (index, lane) in self.lanes.iter().enumerate() {
            self.scheduler.set_ready(index, lane.is_sendable(may_begin));
        }
    }

    fn may_begin(&self) -> bool {
        self.window.is_none_or(|window| window.is_open())
    }
}
