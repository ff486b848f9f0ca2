//! An endpoint: the media side of one transport, which may send tracks, receive them, or both.

mod arrivals;
mod bandwidth;
mod sources;

pub(crate) use arrivals::Arrivals;
pub(crate) use sources::{Binding, Sources};

use crate::allocation::{Steady, Thrift};
use crate::consumer::{ReportedLoss, Rewrite, Stamps};
use crate::extensions::RoutingIds;
use crate::moment::Moment;
use crate::outbox::Outbox;
use hoichan_bandwidth::Estimator;
use hoichan_srtp::{Inbound, MAX_RTCP_OVERHEAD, MAX_RTP_OVERHEAD, Outbound};
use hoichan_wire::ntp::{NtpTime, duration_of_compact};
use hoichan_wire::path::Path;
use hoichan_wire::rtcp::ReportBlock;
use std::time::Duration;

/// The longest round trip believed. Geostationary satellites take 0.6 s; bloated queues a few seconds.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(10);

/// Assumed before the first report, in milliseconds.
const DEFAULT_ROUND_TRIP: u32 = 50;

/// Bytes and datagrams, in and out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes_received: u64,
    pub(crate) packets_received: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) packets_sent: u64,
}

/// What one peer wishes for, and what it is given of that, in bit/s.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    pub(crate) desired: u64,
    pub(crate) allocated: u64,
}

/// The media side of one transport.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) inbound: Option<Inbound>,
    pub(crate) outbound: Option<Outbound>,
    pub(crate) path: Option<Path>,
    /// Under which we report and ask.
    pub(crate) local_ssrc: u32,
    pub(crate) ids: RoutingIds,
    pub(crate) sources: Sources,
    pub(crate) arrivals: Arrivals,
    /// Keys of the producers received here.
    pub(crate) producers: Vec<usize>,
    /// SSRC and key of the consumers sent here, by rising SSRC.
    pub(crate) consumers: Vec<(u32, usize)>,
    rtx_ssrcs: Vec<(u32, usize)>,
    pub(crate) traffic: Traffic,
    pub(crate) round_trip: Option<Duration>,
    /// Since the last statistics.
    pub(crate) downlink: ReportedLoss,
    /// Our wall clock less the peer's, in NTP units, wrapping; from its first sender report.
    pub(crate) clock_offset: Option<u64>,
    transport_sequence: u16,
    estimator: Estimator,
    /// What was available when [`Endpoint::take_estimate_change`] last told of a change.
    told_available: Option<u64>,
    /// What the way to the peer has carried for a while.
    pub(crate) steady: Steady,
    thrift: Thrift,
    /// When that was last shared among the consumers, in [`Moment::millis`].
    pub(crate) allocated: Option<u32>,
    /// What came of it.
    pub(crate) share: Share,
}

impl Endpoint {
    pub(crate) fn new(local_ssrc: u32) -> Self {
        Endpoint {
            inbound: None,
            outbound: None,
            path: None,
            local_ssrc,
            ids: RoutingIds::default(),
            sources: Sources::default(),
            arrivals: Arrivals::default(),
            producers: Vec::new(),
            consumers: Vec::new(),
            rtx_ssrcs: Vec::new(),
            traffic: Traffic::default(),
            round_trip: None,
            downlink: ReportedLoss::default(),
            clock_offset: None,
            transport_sequence: 0,
            estimator: Estimator::default(),
            told_available: None,
            steady: Steady::default(),
            thrift: Thrift::default(),
            allocated: None,
            share: Share::default(),
        }
    }

    /// The sending half, once there are keys and a path.
    pub(crate) fn egress(&mut self) -> Option<Egress<'_>> {
        let round_trip_millis = self
            .round_trip
            .map_or(DEFAULT_ROUND_TRIP, |time| time.as_millis() as u32);
        Some(Egress {
            path: self.path?,
            outbound: self.outbound.as_mut()?,
            traffic: &mut self.traffic,
            transport_sequence: &mut self.transport_sequence,
            estimator: &mut self.estimator,
            round_trip_millis,
        })
    }

    /// Whether anything can be sent.
    pub(crate) fn is_ready(&self) -> bool {
        self.path.is_some() && self.outbound.is_some()
    }

    /// The consumer sent under `ssrc`.
    pub(crate) fn consumer(&self, ssrc: u32) -> Option<usize> {
        let index = self
            .consumers
            .binary_search_by_key(&ssrc, |known| known.0)
            .ok()?;
        Some(self.consumers[index].1)
    }

    /// Lists a consumer that is sent under `ssrc`, and perhaps under `rtx_ssrc`; nobody else is.
    pub(crate) fn insert_consumer(&mut self, ssrc: u32, rtx_ssrc: Option<u32>, key: usize) {
        let index = self.consumers.partition_point(|known| known.0 < ssrc);
        self.consumers.insert(index, (ssrc, key));
        self.rtx_ssrcs.extend(rtx_ssrc.map(|ssrc| (ssrc, key)));
    }

    /// Takes a consumer off the list.
    pub(crate) fn remove_consumer(&mut self, key: usize) {
        self.consumers.retain(|known| known.1 != key);
        self.rtx_ssrcs.retain(|known| known.1 != key);
    }

    /// Whether a consumer, or its retransmissions, are sent under `ssrc`.
    pub(crate) fn sends(&self, ssrc: u32) -> bool {
        self.consumer(ssrc).is_some() || self.rtx_ssrcs.iter().any(|known| known.0 == ssrc)
    }

    /// Where the numbers of `ssrc` begin: at `random`, or behind what was already sent under these keys by an
    /// earlier consumer. The receiver's window, and the cipher's, allow no number twice.
    pub(crate) fn first_index(&self, ssrc: u32, random: u64) -> u64 {
        let unused = self.outbound.as_ref().map(|keys| keys.unused_index(ssrc));
        unused.filter(|index| *index > 0).unwrap_or(random)
    }

    /// Takes a producer off the list, and its SSRCs with it.
    pub(crate) fn remove_producer(&mut self, key: usize) {
        self.producers.retain(|known| *known != key);
        self.sources.remove_producer(key);
    }

    /// Derives the round trip from a report about a sender report of ours. (RFC 3550 §6.4.1)
    pub(crate) fn measure_round_trip(&mut self, moment: &Moment, block: &ReportBlock) {
        if block.last_sr == 0 {
            return;
        }
        let units = moment
            .ntp
            .compact()
            .wrapping_sub(block.last_sr)
            .wrapping_sub(block.delay_since_last_sr);
        let sample = duration_of_compact(units);
        if sample > MAX_ROUND_TRIP {
            return; // Also what an echo of something we never sent gives, in all but 1 of 6500 cases.
        }
        self.round_trip = Some(match self.round_trip {
            Some(smoothed) => (smoothed * 7 + sample) / 8,
            None => sample,
        });
    }

    /// Notes the peer's wall clock, which all of its tracks share. A clock that was set again is taken anew.
    pub(crate) fn note_clock(&mut self, moment: &Moment, theirs: NtpTime) {
        const STEP: u64 = 5 << 32;
        let offset = moment.ntp.0.wrapping_sub(theirs.0);
        let stepped = self
            .clock_offset
            .is_none_or(|known| offset.wrapping_sub(known).wrapping_add(STEP) > 2 * STEP);
        if stepped {
            self.clock_offset = Some(offset);
        }
    }
}

/// What sending needs of an endpoint.
pub(crate) struct Egress<'a> {
    path: Path,
    outbound: &'a mut Outbound,
    traffic: &'a mut Traffic,
    transport_sequence: &'a mut u16,
    estimator: &'a mut Estimator,
    round_trip_millis: u32,
}

impl Egress<'_> {
    /// The round trip as last measured.
    pub(crate) fn round_trip_millis(&self) -> u32 {
        self.round_trip_millis
    }

    /// Payload bytes that the link takes at this moment; `None` if no limit is known.
    pub(crate) fn room(&self, moment: &Moment) -> Option<u64> {
        self.estimator.room(moment.since_start)
    }

    /// Writes and seals one packet in the arena. Returns the bytes of the datagram, 0 if there is none.
    pub(crate) fn send_rtp(
        &mut self,
        moment: &Moment,
        outbox: &mut Outbox,
        index: u64,
        rewrite: &Rewrite<'_>,
    ) -> usize {
        let plain_len = rewrite.len();
        let write = |slot: &mut [u8], stamps: &Stamps| {
            let header_len = rewrite.write(slot, stamps)?;
            Some((header_len, plain_len))
        };
        let len = self.seal_rtp(moment, outbox, (index, plain_len), write);
        if len > 0 && rewrite.plan.is_numbered_transport_wide() {
            self.number(moment, len);
        }
        self.count(len)
    }

    /// As [`Egress::send_rtp`], for a packet of at most `capacity` plain bytes without media, which is numbered
    /// across the transport. `write` returns the bytes of its header, and of all of it.
    pub(crate) fn send_padding(
        &mut self,
        moment: &Moment,
        outbox: &mut Outbox,
        index: u64,
        capacity: usize,
        write: impl FnOnce(&mut [u8], &Stamps) -> Option<(usize, usize)>,
    ) -> usize {
        let len = self.seal_rtp(moment, outbox, (index, capacity), write);
        if len > 0 {
            self.number(moment, len);
        }
        self.count(len)
    }

    fn seal_rtp(
        &mut self,
        moment: &Moment,
        outbox: &mut Outbox,
        (index, capacity): (u64, usize),
        write: impl FnOnce(&mut [u8], &Stamps) -> Option<(usize, usize)>,
    ) -> usize {
        let stamps = Stamps {
            transport_sequence: *self.transport_sequence,
            absolute_send_time: moment.absolute_send_time(),
        };
        let outbound = &mut *self.outbound;
        outbox.write(self.path, capacity + MAX_RTP_OVERHEAD, |slot| {
            write(slot, &stamps)
                .and_then(|(header_len, len)| outbound.seal_rtp(slot, header_len, len, index).ok())
                .unwrap_or(0)
        })
    }

    /// The packet just sealed had the next transport-wide number.
    fn number(&mut self, moment: &Moment, len: usize) {
        let sequence = *self.transport_sequence;
        *self.transport_sequence = sequence.wrapping_add(1);
        let bytes = len + bandwidth::DATAGRAM_OVERHEAD;
        self.estimator.sent(moment.since_start, sequence, bytes);
    }

    /// Seals one compound in the arena.
    pub(crate) fn send_rtcp(&mut self, outbox: &mut Outbox, compound: &[u8]) {
        let outbound = &mut *self.outbound;
        let len = outbox.write(self.path, compound.len() + MAX_RTCP_OVERHEAD, |slot| {
            slot[..compound.len()].copy_from_slice(compound);
            outbound.seal_rtcp(slot, compound.len()).unwrap_or(0)
        });
        self.count(len);
    }

    fn count(&mut self, len: usize) -> usize {
        self.traffic.bytes_sent += len as u64;
        self.traffic.packets_sent += u64::from(len > 0);
        len
    }
}
