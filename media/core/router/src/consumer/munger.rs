//! Numbers that go on: how packets of several layers become one stream without a seam.
//!
//! A *span* is an unbroken time on one layer. Within it every packet keeps its distance from the others, so a
//! late one still finds its number, and one that was lost upstream leaves a hole that says so. Packets that
//! are not sent at all (padding, layers beyond the limit) close up: from there on a new *segment* of the span
//! counts one less. A segment also remembers the limit of its time, so that what is late, or is sent again, is
//! measured with that.

use crate::codec::{Picture, PictureShift};
use crate::layers::Limit;
use std::collections::VecDeque;

/// Segments remembered: of a stream that leaves out a layer of each picture, those of the last two seconds at 60
/// pictures a second. What came before the oldest can be neither sent late nor sent again.
const MAX_SEGMENTS: usize = 128;

/// Segments there is room for from the start: most streams leave out nothing but some padding.
const FIRST_SEGMENTS: usize = 16;

/// How far a subscriber's timestamps and picture numbers are from the publisher's; wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shift {
    pub(crate) timestamp: u32,
    pub(crate) picture: PictureShift,
}

/// Where a packet of the publisher comes in the subscriber's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Wide sequence number: the SRTP index.
    pub(crate) index: u64,
    pub(crate) shift: Shift,
    /// The layers that were sent at that time.
    pub(crate) limit: Limit,
}

/// A packet that was sent: where it can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) layer: u8,
    pub(crate) sequence: u64,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Which span it belongs to.
    span: u32,
    layer: u8,
    /// Packets from this number on …
    from: u64,
    /// … are numbered from here.
    index_from: u64,
    shift: Shift,
    limit: Limit,
}

impl Segment {
    fn place(&self, sequence: u64) -> Place {
        Place {
            index: self.index_from + (sequence - self.from),
            shift: self.shift,
            limit: self.limit,
        }
    }
}

/// The newest packet sent, in the subscriber's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newest {
    pub(crate) timestamp: u32,
    pub(crate) picture: Option<Picture>,
    /// When it was sent, in [`crate::moment::Moment::millis`].
    pub(crate) sent: u32,
}

/// Numbers one subscriber's stream.
#[derive(Debug)]
pub(crate) struct Munger {
    current: Option<Segment>,
    /// Oldest first; never more than [`MAX_SEGMENTS`].
    past: VecDeque<Segment>,
    /// The lowest index above all that were given out.
    next_index: u64,
    newest: Option<Newest>,
}

impl Munger {
    /// Numbers begin at `first_index`.
    pub(crate) fn new(first_index: u64) -> Self {
        Munger {
            current: None,
            past: VecDeque::with_capacity(FIRST_SEGMENTS),
            next_index: first_index,
            newest: None,
        }
    }

    /// The newest packet sent, if there is one.
    pub(crate) fn newest(&self) -> Option<&Newest> {
        self.newest.as_ref()
    }

    /// The shift now in use; that of the latest span.
    pub(crate) fn shift(&self) -> Option<Shift> {
        self.current.map(|segment| segment.shift)
    }

    /// The layer of the latest span, unless that stream has ended.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.current.map(|segment| segment.layer)
    }

    /// The stream of the latest span has ended; what was sent of it can still be sent again.
    pub(crate) fn end_stream(&mut self) {
        if let Some(ended) = self.current.take() {
            self.remember(ended);
        }
    }

    /// The source is gone, with all that could be sent again. The numbers go on.
    pub(crate) fn forget(&mut self) {
        self.current = None;
        self.past.clear();
    }

    /// Begins a span: the packet `sequence` of `layer` follows whatever was sent last.
    pub(crate) fn begin_span(&mut self, layer: u8, sequence: u64, shift: Shift, limit: Limit) {
        let span = self
            .current
            .as_ref()
            .or(self.past.back())
            .map_or(0, |segment| segment.span.wrapping_add(1));
        self.begin_segment(Segment {
            span,
            layer,
            from: sequence,
            index_from: self.next_index,
            shift,
            limit,
        });
    }

    /// From the packet `sequence` on, which is newer than all before it, `limit` says which layers are sent.
    ///
    /// It may still be older than one that was left out because the subscriber does not take its codec: then the limit
    /// counts from behind that.
    pub(crate) fn change_limit(&mut self, sequence: u64, limit: Limit) {
        let Some(current) = self.current else {
            return;
        };
        let from = sequence.max(current.from);
        self.begin_segment(Segment {
            from,
            index_from: current.place(from).index,
            limit,
            ..current
        });
    }

    /// Where the packet `sequence` of the current layer goes; `None` if it precedes the span.
    pub(crate) fn place(&self, sequence: u64) -> Option<Place> {
        let current = self.current.as_ref()?;
        if sequence >= current.from {
            return Some(current.place(sequence));
        }
        self.past
            .iter()
            .rev()
            .take_while(|segment| segment.span == current.span)
            .find(|segment| segment.from <= sequence)
            .map(|segment| segment.place(sequence))
    }

    /// Leaves out the packet `sequence`, if nothing after it was sent yet: the next one takes its number.
    ///
    /// With `picture`, a picture number is left out too. Returns whether that was possible. If not, the packet's
    /// number is a hole that only a packet can fill.
    pub(crate) fn close_up(&mut self, sequence: u64, picture: bool) -> bool {
        let Some(current) = self.current else {
            return true;
        };
        if sequence < current.from {
            return self.place(sequence).is_none();
        }
        let place = current.place(sequence);
        if place.index < self.next_index {
            return false;
        }
        let mut shorter = Segment {
            from: sequence + 1,
            index_from: place.index,
            ..current
        };
        shorter.shift.picture.id = shorter.shift.picture.id.wrapping_sub(u16::from(picture));
        if sequence == current.from {
            self.current = Some(shorter); // The segment has no packets: a run of padding needs only one.
        } else {
            self.begin_segment(shorter);
        }
        true
    }

    /// Notes that the packet at `place` is sent, with these numbers.
    pub(crate) fn sent(&mut self, index: u64, newest: Newest) {
        self.next_index = self.next_index.max(index + 1);
        let older = self
            .newest
            .as_ref()
            .is_some_and(|known| (newest.timestamp.wrapping_sub(known.timestamp) as i32) < 0);
        if !older {
            let picture = match (self.newest.and_then(|known| known.picture), newest.picture) {
                (Some(known), Some(picture)) if !picture.is_after(known) => Some(known),
                (known, picture) => picture.or(known),
            };
            self.newest = Some(Newest { picture, ..newest });
        }
    }

    /// Finds the packet that was, or would have been, sent as `wrapped`, at most `window` packets back.
    pub(crate) fn find(&self, wrapped: u16, window: u64) -> Option<Origin> {
        let back = u64::from((self.next_index as u16).wrapping_sub(wrapped));
        if back == 0 || back > window {
            return None;
        }
        let index = self.next_index.checked_sub(back)?;
        self.current
            .iter()
            .chain(self.past.iter().rev())
            .find(|segment| segment.index_from <= index)
            .map(|segment| Origin {
                layer: segment.layer,
                sequence: segment.from + (index - segment.index_from),
                place: Place {
                    index,
                    shift: segment.shift,
                    limit: segment.limit,
                },
            })
    }

    fn begin_segment(&mut self, segment: Segment) {
        if let Some(ended) = self.current.replace(segment) {
            self.remember(ended);
        }
    }

    fn remember(&mut self, ended: Segment) {
        if self.past.len() == MAX_SEGMENTS {
            self.past.pop_front();
        }
        if self.past.len() == self.past.capacity() {
            self.past.reserve_exact(MAX_SEGMENTS - self.past.len()); // Once, and then it is enough for ever.
        }
        self.past.push_back(ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(timestamp: u32) -> Newest {
        Newest {
            timestamp,
            picture: None,
            sent: 0,
        }
    }

    fn send(munger: &mut Munger, sequence: u64) -> u64 {
        let place = munger.place(sequence).expect("in the span");
        munger.sent(place.index, newest(0));
        place.index
    }

    const LOW: Limit = Limit {
        spatial: 0,
        temporal: 0,
    };

    /// Packet 10 was the first, and went out as number 0.
    fn at_ten() -> Munger {
        let mut munger = Munger::new(0);
        munger.begin_span(0, 10, Shift::default(), Limit::NONE);
        send(&mut munger, 10);
        munger
    }

    #[test]
    fn a_late_packet_finds_its_number_across_padding() {
        let mut munger = Munger::new(100);
        munger.begin_span(0, 1000, Shift::default(), Limit::NONE);
        assert_eq!(send(&mut munger, 1000), 100);
        // 1001 is lost for now; 1002 to 1004 are padding; 1005 closes up.
        assert!((1002..=1004).all(|sequence| munger.close_up(sequence, false)));
        assert_eq!(send(&mut munger, 1005), 102);
        assert_eq!(send(&mut munger, 1001), 101);
        assert_eq!(
            munger.find(101, 512).map(|origin| origin.sequence),
            Some(1001)
        );
        assert_eq!(
            munger.find(102, 512).map(|origin| origin.sequence),
            Some(1005)
        );
    }

    #[test]
    fn late_padding_leaves_a_hole_and_says_so() {
        let mut munger = at_ten();
        send(&mut munger, 12);
        assert!(!munger.close_up(11, false), "number 1 was left for it");
        assert_eq!(send(&mut munger, 11), 1);
    }

    #[test]
    fn what_precedes_a_span_is_not_sent_but_can_be_sent_again() {
        let mut munger = at_ten();
        send(&mut munger, 11);
        let moved = Shift {
            timestamp: 5,
            ..Shift::default()
        };
        munger.begin_span(2, 700, moved, Limit::NONE);
        assert_eq!(send(&mut munger, 700), 2);
        assert_eq!(munger.place(699), None);
        let origin = munger.find(1, 512).expect("sent in the first span");
        assert_eq!((origin.layer, origin.sequence), (0, 11));
        assert_eq!(origin.place.shift, Shift::default());
        assert_eq!(munger.find(3, 512), None, "not sent yet");
        assert_eq!(munger.find(0, 2), None, "beyond the window");
    }

    #[test]
    fn what_is_late_or_sent_again_is_measured_with_the_limit_of_its_time() {
        let mut munger = at_ten();
        munger.change_limit(13, LOW);
        assert!(munger.close_up(13, false), "left out");
        assert_eq!(send(&mut munger, 14), 3, "the numbers of 11 and 12 wait");
        assert_eq!(munger.place(12).map(|place| place.limit), Some(Limit::NONE));
        assert_eq!(send(&mut munger, 12), 2);
        let limit = |wrapped| munger.find(wrapped, 512).map(|origin| origin.place.limit);
        assert_eq!((limit(2), limit(3)), (Some(Limit::NONE), Some(LOW)));
    }

    #[test]
    fn a_limit_that_comes_behind_a_packet_of_a_codec_that_is_not_taken_counts_from_there() {
        let mut munger = at_ten();
        assert!(munger.close_up(12, false), "of another codec");
        munger.change_limit(11, LOW);
        let limit = |sequence| munger.place(sequence).map(|place| place.limit);
        assert_eq!((limit(11), limit(13)), (Some(Limit::NONE), Some(LOW)));
        assert_eq!((send(&mut munger, 11), send(&mut munger, 13)), (1, 2));
    }

    #[test]
    fn a_picture_that_is_left_out_leaves_no_hole_in_the_picture_numbers() {
        let mut munger = at_ten();
        assert!(munger.close_up(11, true) && munger.close_up(12, false));
        let shift = munger.place(13).map(|place| place.shift.picture.id);
        assert_eq!(shift, Some(u16::MAX), "one less");
    }

    #[test]
    fn padding_bursts_push_out_only_the_oldest_segments() {
        let mut munger = Munger::new(0);
        munger.begin_span(0, 0, Shift::default(), Limit::NONE);
        for round in 0..400_u64 {
            assert_eq!(send(&mut munger, round * 2), round);
            assert!(munger.close_up(round * 2 + 1, false));
        }
        assert_eq!(munger.place(600).map(|place| place.index), Some(300));
        assert_eq!(munger.place(2), None, "too many segments ago");
        let origin = munger.find(300, 512).expect("remembered");
        assert_eq!(origin.sequence, 600);
    }
}
