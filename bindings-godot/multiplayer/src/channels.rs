//! Channels and modes, and the lanes they travel on.
//!
//! Lane 0 is for the handshake. Channel `c` has the lanes `1 + 3c` (unreliable), `2 + 3c` (unreliable, in order) and
//! `3 + 3c` (reliable). A lane numbers its messages, which is all that order needs.

/// How many channels there are: as many as there are lanes for.
pub const CHANNELS: u16 = 84;
/// The lane of the handshake.
pub(crate) const CONTROL_LANE: u16 = 0;
/// How many channels have lanes from the start; others get them when they are first used.
pub(crate) const FIRST_CHANNELS: u16 = 2;

const MODES: u16 = 3;
/// Lanes of the lowest number go first: the handshake before everything.
const CONTROL_PRIORITY: i32 = 0;
const PRIORITY: i32 = 1;
/// While there is too much to send, state that is soon outdated gets four times the share of what can wait.
const UNRELIABLE_WEIGHT: u16 = 4;
const RELIABLE_WEIGHT: u16 = 1;

/// How a packet travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// May be lost, and may be overtaken.
    Unreliable,
    /// May be lost; one that was overtaken is dropped.
    UnreliableOrdered,
    /// Arrives, and in order.
    #[default]
    Reliable,
}

/// One mode of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) channel: u16,
    pub(crate) mode: Mode,
}

impl Stream {
    /// The lane it travels on; `None` when there is no such channel.
    pub(crate) fn lane(self) -> Option<u16> {
        let Self { channel, mode } = self;
        (channel < CHANNELS).then(|| 1 + MODES * channel + mode as u16)
    }

    /// What a lane carries; `None` for the lane of the handshake, and for those that carry nothing.
    pub(crate) fn of_lane(lane: u16) -> Option<Self> {
        let index = lane.checked_sub(1)?;
        let mode = match index % MODES {
            0 => Mode::Unreliable,
            1 => Mode::UnreliableOrdered,
            _ => Mode::Reliable,
        };
        let channel = index / MODES;
        (channel < CHANNELS).then_some(Self { channel, mode })
    }
}

/// Priorities and weights of the lanes that so many channels need.
pub(crate) fn lane_shares(channels: u16) -> (Vec<i32>, Vec<u16>) {
    let mut priorities = vec![CONTROL_PRIORITY];
    let mut weights = vec![RELIABLE_WEIGHT];
    for _ in 0..channels {
        priorities.extend([PRIORITY; MODES as usize]);
        weights.extend([UNRELIABLE_WEIGHT, UNRELIABLE_WEIGHT, RELIABLE_WEIGHT]);
    }
    (priorities, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_has_a_lane_of_its_own_and_comes_back_from_it() {
        let mut lanes = vec![CONTROL_LANE];
        for channel in 0..CHANNELS {
            for mode in [Mode::Unreliable, Mode::UnreliableOrdered, Mode::Reliable] {
                let stream = Stream { channel, mode };
                let lane = stream.lane().unwrap();
                assert_eq!(Stream::of_lane(lane), Some(stream));
                lanes.push(lane);
            }
        }
        lanes.sort_unstable();
        assert_eq!(lanes, (0..=3 * CHANNELS).collect::<Vec<_>>());
        assert_eq!(lane_shares(CHANNELS).0.len(), lanes.len());
        assert!(lanes.len() <= 255, "more lanes than there can be");
    }

    #[test]
    fn lanes_beyond_the_last_channel_carry_nothing() {
        assert_eq!(Stream::of_lane(CONTROL_LANE), None);
        assert_eq!(Stream::of_lane(3 * CHANNELS + 1), None);
        assert_eq!(Stream::of_lane(u16::MAX), None);
        assert_eq!(Stream { channel: CHANNELS, mode: Mode::Reliable }.lane(), None);
    }
}
