//! What the application sends, and on which lanes (spec sections 11.1, 11.5 and 11.6).

use core::time::Duration;

use gamesockets_schema::{ConnectionEnd, ConnectionState, ResultCode, SendFlags};

use super::establish::Role;
use super::types::{LaneConfigError, LaneStatus, SendOptions};
use super::{Connection, Event, SendError};
use crate::handshake::client::LANES_VERSION_MIN;
use crate::lanes::scheduler::LaneShare;
use crate::lanes::unreliable_queue::Delivery;
use crate::lanes::{MESSAGE_SIZE_MAX, UNRELIABLE_SIZE_MAX};
use crate::time::Timestamp;

impl Connection {
    /// Queues a message; answers its number. Never blocks. Checks and results: spec section 11.1.
    pub fn send(&mut self, now: Timestamp, payload: &[u8], lane: u16, flags: SendFlags) -> Result<u64, SendError> {
        self.send_with(now, payload, SendOptions { lane, flags, ..SendOptions::default() })
    }

    /// The same with everything that can be said about a message. One that replaces another has its number.
    pub fn send_with(&mut self, now: Timestamp, payload: &[u8], options: SendOptions) -> Result<u64, SendError> {
        let SendOptions { lane, flags, deadline, replace_key } = options;
        self.may_send(flags)?;
        let size = payload.len();
        if size > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge { size });
        }
        let count = self.send_lanes.count();
        let no_such_lane = SendError::NoSuchLane { lane, count };
        if lane >= count {
            return Err(no_such_lane);
        }
        let reliable = flags.contains(SendFlags::RELIABLE) || size > UNRELIABLE_SIZE_MAX;
        if reliable && (deadline.is_some() || replace_key.is_some()) {
            return Err(SendError::MustBeUnreliable { size });
        }
        self.send_lanes.expire(now);
        let replaced = replace_key.and_then(|key| self.send_lanes.replaceable_len(lane, key)).unwrap_or(0);
        let (pending, limit) = (self.send_lanes.pending() - replaced, self.config.send_buffer_size_bytes as usize);
        if size > limit {
            return Err(SendError::ExceedsBuffer { size, limit });
        }
        if pending + size > limit {
            self.refused_send = true;
            return Err(SendError::BufferFull { pending, limit });
        }
        if !self.send_lanes.has_sendable()
            && let Some(session) = self.session.as_deref_mut()
        {
            session.congestion.idle(now, session.sent.next_number());
        }
        let number = if reliable {
            self.send_lanes.queue_reliable(lane, payload)
        } else {
            let delivery = Delivery { deadline: deadline.map(|time| now + time), replace_key };
            self.send_lanes.queue_unreliable(lane, payload, delivery)
        };
        let patience = if flags.contains(SendFlags::NO_NAGLE) { Duration::ZERO } else { self.config.nagle_time };
        // A message must not miss its deadline for want of company.
        self.hold_back(now, deadline.map_or(patience, |deadline| patience.min(deadline / 2)));
        self.observe(now);
        number.ok_or(no_such_lane)
    }

    /// Sends what Nagle holds back. `Ignored` when not connected yet, `NoConnection` when closed.
    pub fn flush(&mut self, now: Timestamp) -> Result<(), ResultCode> {
        match self.state {
            _ if self.session.is_some() => {
                self.nagle_due = self.nagle_due.map(|_| now);
                Ok(())
            }
            ConnectionState::Connecting | ConnectionState::FindingRoute => Err(ResultCode::Ignored),
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => Err(ResultCode::NoConnection),
            _ => Err(ResultCode::InvalidState),
        }
    }

    /// Sets how many lanes there are to send on, 1 to 255, and how they share: the **lowest** priority number is sent first,
    /// strictly; lanes of equal priority share by weight. Can be called again at any time, with as many lanes or more
    /// (spec section 11.5).
    ///
    /// # Errors
    /// The connection goes on as it was, except after `PeerTooOld`, which ends it with 4006.
    pub fn configure_lanes(
        &mut self,
        now: Timestamp,
        priorities: &[i32],
        weights: &[u16],
    ) -> Result<(), LaneConfigError> {
        use ConnectionState::{Connected, Connecting, FindingRoute};
        if !matches!(self.state, Connecting | FindingRoute | Connected) {
            return Err(LaneConfigError::InvalidState);
        }
        LaneConfigError::check(priorities, weights, self.send_lanes.count())?;
        let count = priorities.len();
        if count > 1 {
            match self.peer_version() {
                Some(version) if version < LANES_VERSION_MIN => {
                    let error = LaneConfigError::PeerTooOld { version };
                    self.fail(now, ConnectionEnd::REMOTE_BAD_PROTOCOL_VERSION, &error.to_string());
                    return Err(error);
                }
                _ => self.demand_lanes(count as u16),
            }
        }
        let shares = priorities.iter().zip(weights).map(|(&priority, &weight)| LaneShare { priority, weight });
        self.send_lanes.configure(shares);
        Ok(())
    }

    /// How many lanes there are to send on.
    pub fn lane_count(&self) -> u16 {
        self.send_lanes.count()
    }

    /// What waits on a lane; `None` if there is no such lane.
    pub fn lane_status(&mut self, now: Timestamp, lane: u16) -> Option<LaneStatus> {
        self.send_lanes.expire(now);
        let bytes = self.send_lanes.lane_bytes(lane)?;
        let rate = self.current_rate();
        Some(LaneStatus {
            pending_unreliable_bytes: bytes.unreliable,
            pending_reliable_bytes: bytes.reliable,
            sent_unacknowledged_reliable_bytes: bytes.in_flight,
            queue_time: self.time_to_send(self.send_lanes.bytes_ahead(lane), rate),
        })
    }

    /// A message waits whose deadline passes while a sender waits for room.
    pub(super) fn next_expiry(&self) -> Option<Timestamp> {
        let deadline = if self.refused_send { self.send_lanes.next_deadline() } else { None };
        deadline.map(|deadline| deadline + Duration::from_micros(1))
    }

    /// Drops what is too late; a sender may wait for the room.
    pub(super) fn expire_messages(&mut self, now: Timestamp) {
        if self.send_lanes.expire(now) {
            self.report_writable();
        }
    }

    /// Tells a sender that was refused once half the buffer is free.
    pub(super) fn report_writable(&mut self) {
        if self.refused_send && self.send_lanes.pending() <= self.config.send_buffer_size_bytes as usize / 2 {
            self.refused_send = false;
            self.events.push_back(Event::Writable);
        }
    }

    fn may_send(&self, flags: SendFlags) -> Result<(), SendError> {
        match self.state {
            ConnectionState::Connecting | ConnectionState::FindingRoute
                if flags.contains(SendFlags::NO_DELAY) && self.session.is_none() =>
            {
                Err(SendError::NotConnectedYet)
            }
            ConnectionState::Connecting | ConnectionState::FindingRoute | ConnectionState::Connected => Ok(()),
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => Err(SendError::Closed),
            _ => Err(SendError::InvalidState),
        }
    }

    /// The peer's protocol version, as far as it is known.
    fn peer_version(&self) -> Option<u32> {
        match (self.session.as_deref(), &self.role) {
            (Some(session), _) => Some(session.peer_version),
            (None, Role::Server { handshake }) => Some(handshake.as_deref()?.peer_protocol_version()),
            (None, Role::Client { handshake, .. }) => handshake.as_deref()?.peer_version(),
        }
    }

    /// A handshake that is under way has to find a peer that understands so many.
    fn demand_lanes(&mut self, count: u16) {
        if let Role::Client { handshake: Some(handshake), .. } = &mut self.role {
            handshake.set_lane_count(count);
        }
    }
}
