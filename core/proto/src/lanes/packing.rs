//! How the data of the lanes fills a packet (spec sections 11.3 and 11.5).

use smallvec::SmallVec;

use super::send_lane::NextSegment;
use super::send_lanes::SendLanes;
use crate::packets::sent::SentSegment;
use crate::wire::frame::encode::{self, reliable_header_len, select_lane_len, unreliable_header_len};
use crate::wire::frame::{MAX_EXPLICIT_SIZE, NumberEncoding, PositionEncoding, SegmentMark, SizeEncoding};

/// Receivers take note of the number of an unreliable segment this far into its message, and of nothing else (spec section
/// 7.4): that is how a number is shown to them.
const SHOWN_OFFSET: u32 = 26_001;
/// A segment is cut only if at least this many of its bytes fit.
const CUT_MIN: usize = 16;
/// Where a packet may be padded, its last bytes, as many as this, are not filled with a piece of an unreliable message:
/// in two packets it gets lost twice as often, and the receiver has to put it together.
const PADDED_MAX: usize = 128;

/// What the segments written so far are relative to. Mirrors what the receiver keeps.
#[derive(Default)]
struct PackingContext {
    pads: bool,
    lane: u16,
    number: Option<u64>,
    position: Option<u64>,
    last: Option<SegmentMark>,
}

impl SendLanes {
    /// Appends frames to `out` until it is `limit` bytes long or nothing is left; notes reliable segments in `segments`.
    ///
    /// Each lane sends again before it sends anew. Between lanes priorities come first, also for what is sent again: GNS sends
    /// all of that first, which keeps an urgent message waiting behind the losses of a bulk transfer.
    ///
    /// With `pads`, for peers that announced the extension, a packet that is followed by more has exactly `limit` bytes, as
    /// long as it wants only a few: so that many packets can leave with one system call.
    pub fn pack(&mut self, out: &mut Vec<u8>, limit: usize, pads: bool, segments: &mut SmallVec<[SentSegment; 1]>) {
        let mut context = PackingContext { pads, ..PackingContext::default() };
        while let Some(index) = self.scheduler.pick() {
            let lane = &self.lanes[index];
            let Some(next) = lane.next_retransmit().or_else(|| lane.next_new(self.window)) else {
                debug_assert!(false, "lane {index} is ready and has nothing to send");
                self.scheduler.set_ready(index, false);
                continue;
            };
            let Some(bytes) = self.write(index, next, out, limit, &mut context, segments) else {
                if pads && limit.saturating_sub(out.len()) <= PADDED_MAX {
                    encode::padding(out, limit);
                    return;
                }
                break;
            };
            self.scheduler.sent(index, bytes);
        }
        context.finish(out);
    }

    /// Writes one segment, or as much of it as fits; `None` if that is too little.
    fn write(
        &mut self,
        index: usize,
        next: NextSegment,
        out: &mut Vec<u8>,
        limit: usize,
        context: &mut PackingContext,
        segments: &mut SmallVec<[SentSegment; 1]>,
    ) -> Option<usize> {
        let lane = index as u16;
        let room = limit.checked_sub(out.len())?;
        let switch = if lane == context.lane { 0 } else { select_lane_len(lane) };
        let (number, position) = if switch == 0 { (context.number, context.position) } else { (None, None) };
        let room = room.checked_sub(switch)?;
        match next {
            NextSegment::Reliable { start, len } => {
                let encoding = position_encoding(position, start);
                let show = self.lanes[index].number_to_show().filter(|&show| number.is_none_or(|known| known < show));
                let show = show.map(|show| (show, shown_encoding(number, show)));
                let show_len = show.map_or(0, |(_, encoding)| shown_len(encoding));
                let room = room.checked_sub(show_len)?;
                let (len, size) = fit(len, room, |size| reliable_header_len(encoding, size))?;
                context.select(lane, out);
                if let Some((number, encoding)) = show {
                    encode::unreliable_header(out, encoding, SHOWN_OFFSET, false, SizeEncoding::Explicit, 0);
                    context.number = Some(number);
                }
                context.last = Some(encode::reliable_header(out, encoding, size, len));
                self.lanes[index].copy_stream(start, len, out);
                let begun = self.with(index, |lane| lane.reliable_sent(start, len)).unwrap_or_default();
                self.begun(begun);
                context.position = Some(start + len as u64);
                // The receiver counts a reliable segment as one message number (spec section 7.4).
                context.number = context.number.map(|number| number + 1);
                note(segments, SentSegment { lane, start, len: len as u32 });
                Some(len)
            }
            NextSegment::Unreliable { number: message, offset, len } => {
                let encoding = number_encoding(number, message)?;
                let offset_field = offset as u32;
                let (take, size) = fit(len, room, |size| {
                    let explicit = matches!(size, SizeEncoding::Explicit).then_some(len);
                    unreliable_header_len(encoding, offset_field, explicit)
                })?;
                if take < len && context.pads && room <= PADDED_MAX && offset == 0 {
                    return None;
                }
                context.select(lane, out);
                let last = take == len;
                context.last = Some(encode::unreliable_header(out, encoding, offset_field, last, size, take));
                self.with(index, |lane| lane.take_unreliable(take, out));
                context.number = Some(message);
                Some(take)
            }
        }
    }
}

impl PackingContext {
    fn select(&mut self, lane: u16, out: &mut Vec<u8>) {
        if lane != self.lane {
            encode::select_lane(out, lane);
            *self = Self { lane, pads: self.pads, ..Self::default() };
        }
    }

    fn finish(self, out: &mut Vec<u8>) {
        if let Some(mark) = self.last {
            mark.extend_to_end(out);
        }
    }
}

/// How many of `len` bytes fit into `room` behind their header, and how to write their size.
fn fit(len: usize, room: usize, header_len: impl Fn(SizeEncoding) -> usize) -> Option<(usize, SizeEncoding)> {
    if header_len(SizeEncoding::Explicit) + len <= room {
        // Of what a size byte cannot express, the rest follows in a segment of its own.
        return Some((len.min(MAX_EXPLICIT_SIZE), SizeEncoding::Explicit));
    }
    let take = len.min(room.checked_sub(header_len(SizeEncoding::ToEnd))?);
    (take >= len.min(CUT_MIN)).then_some((take, SizeEncoding::ToEnd))
}

fn position_encoding(previous_end: Option<u64>, start: u64) -> PositionEncoding {
    let gap = previous_end.and_then(|end| start.checked_sub(end)).and_then(|gap| u32::try_from(gap).ok());
    gap.map_or(PositionEncoding::Absolute48(start), PositionEncoding::Relative)
}

/// `None` if the number cannot be expressed in this packet.
fn number_encoding(previous: Option<u64>, number: u64) -> Option<NumberEncoding> {
    match previous {
        None => Some(NumberEncoding::Absolute32(number as u32)),
        Some(previous) => number.checked_sub(previous).map(NumberEncoding::Relative),
    }
}

/// How to write a number that is higher than the one before.
fn shown_encoding(previous: Option<u64>, number: u64) -> NumberEncoding {
    match previous {
        None => NumberEncoding::Absolute32(number as u32),
        Some(previous) => NumberEncoding::Relative(number.saturating_sub(previous)),
    }
}

/// Size in bytes of a segment that only shows its message number.
fn shown_len(encoding: NumberEncoding) -> usize {
    unreliable_header_len(encoding, SHOWN_OFFSET, Some(0))
}

/// Adjacent segments of a lane are one as far as acknowledgement goes.
fn note(segments: &mut SmallVec<[SentSegment; 1]>, segment: SentSegment) {
    if let Some(last) = segments.last_mut()
        && last.lane == segment.lane
        && last.start + u64::from(last.len) == segment.start
    {
        last.len += segment.len;
        return;
    }
    segments.push(segment);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::unreliable_queue::Delivery;

    fn pack(lanes: &mut SendLanes, limit: usize) -> (Vec<u8>, Vec<SentSegment>) {
        let (mut out, mut segments) = (Vec::new(), SmallVec::new());
        lanes.pack(&mut out, limit, false, &mut segments);
        (out, segments.to_vec())
    }

    #[test]
    fn a_mix_is_written_as_the_wire_wants_it() {
        let mut lanes = SendLanes::default();
        lanes.queue_unreliable(0, b"hi", Delivery::default());
        lanes.queue_reliable(0, b"rel");
        lanes.queue_unreliable(0, b"yo", Delivery::default());
        let (out, segments) = pack(&mut lanes, 1_200);
        // Unreliable 1 "hi"; reliable stream position 1: header 0x43 (gap 2), "rel"; unreliable 3 "yo" to the end.
        let expected = ["30", "01000000", "02", "6869", "50", "010000000000", "05", "430272656c", "27", "796f"];
        assert_eq!(hex::encode(out), expected.concat());
        assert_eq!(segments, [SentSegment { lane: 0, start: 1, len: 5 }]);
        assert!(!lanes.has_new());
    }

    #[test]
    fn adjacent_reliable_messages_share_a_segment() {
        let mut lanes = SendLanes::default();
        for _ in 0..3 {
            lanes.queue_reliable(0, b"x");
        }
        let (out, segments) = pack(&mut lanes, 1_200);
        assert_eq!(hex::encode(out), "57010000000000017801780178");
        assert_eq!(segments, [SentSegment { lane: 0, start: 1, len: 6 }]);
    }

    #[test]
    fn a_packet_is_padded_rather_than_given_a_piece_of_a_small_message() {
        let mut lanes = SendLanes::default();
        for _ in 0..2 {
            lanes.queue_unreliable(0, &[1; 60], Delivery::default());
        }
        let (mut padded, mut last, mut segments) = (Vec::new(), Vec::new(), SmallVec::new());
        lanes.pack(&mut padded, 100, true, &mut segments);
        assert_eq!(padded.len(), 100);
        assert!(padded.ends_with(&[0; 20]));
        lanes.pack(&mut last, 100, true, &mut segments);
        assert!(last.len() < 100 && last.ends_with(&[1; 60]), "nothing follows it");
        lanes.queue_unreliable(0, &[1; 600], Delivery::default());
        lanes.pack(&mut Vec::new(), 300, true, &mut segments);
        assert_eq!(lanes.bytes().unreliable, 600 - 295, "there was more room than is padded");
    }

    #[test]
    fn a_long_message_fills_packets_to_the_brim_and_lost_bytes_go_first() {
        let mut lanes = SendLanes::default();
        lanes.queue_reliable(0, &[1; 3_000]);
        let (first, segments) = pack(&mut lanes, 1_000);
        assert_eq!((first.len(), segments[0].len), (1_000, 993));
        let (second, _) = pack(&mut lanes, 1_000);
        assert_eq!(second.len(), 1_000);
        lanes.lost(segments[0]);
        assert!(lanes.has_retransmit());
        let (third, again) = pack(&mut lanes, 500);
        assert_eq!((third.len(), again[0].start, again[0].len), (500, 1, 493));
        let (_, rest) = pack(&mut lanes, 1_232);
        assert_eq!((rest[0].start, rest[0].len), (494, 500), "the rest of what was lost, then new data");
        assert_eq!(rest[1].start, 1_987);
    }

    #[test]
    fn nothing_is_written_where_nothing_fits() {
        let mut lanes = SendLanes::default();
        lanes.queue_reliable(0, &[1; 100]);
        for limit in 0..(7 + CUT_MIN) {
            assert_eq!(pack(&mut lanes, limit), (vec![], vec![]));
        }
        assert_eq!(pack(&mut lanes, 7 + CUT_MIN).0.len(), 7 + CUT_MIN);
    }
}
