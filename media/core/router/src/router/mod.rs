//! The router: all endpoints, producers and consumers of one worker.
//!
//! | file | what it does |
//! | --- | --- |
//! | `commands` | endpoints, producers and consumers come and go |
//! | `membership` | the lists that name them are kept in order |
//! | `selection` | who gets which layer |
//! | `sharing` | what a link carries is shared among its videos |
//! | `scalability` | layers within one stream |
//! | `ingress` | SRTP in: whose it is, whether it is genuine |
//! | `intake` | a genuine packet is numbered, looked at, stored |
//! | `redundancy` | lost audio comes back out of later packets |
//! | `speakers` | which tracks compete for being forwarded |
//! | `control` | SRTCP in: reports, NACK, key-frame requests |
//! | `outposts` | packets and facts for the routers of other workers |
//! | `relayed` | packets and facts from them |
//! | `fanout` | the flush: layers to consumers, retransmissions, key-frame requests |
//! | `pacing` | bursts that a link cannot take at once |
//! | `probing` | padding that finds out whether a link carries more |
//! | `timers` | what is due when |
//! | `reports` | RTCP out on a timer; statistics |

mod commands;
mod control;
mod fanout;
mod ingress;
mod intake;
mod membership;
mod outposts;
mod pacing;
mod probing;
mod redundancy;
mod relayed;
mod reports;
mod scalability;
mod selection;
mod sharing;
mod speakers;
mod timers;

use crate::allocation::Demand;
use crate::audio::LastN;
use crate::consumer::{Consumer, Draft};
use crate::counters::Counters;
use crate::endpoint::Endpoint;
use crate::event::Event;
use crate::moment::Epoch;
use crate::parameters::{ConsumerId, EndpointId, ProducerId, SpeakerGroupId};
use crate::producer::Producer;
use crate::random::Random;
use crate::ring::MAX_PACKET_LEN;
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::ReportBlock;
use slab::Slab;
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// All endpoints, producers and consumers of one worker, as one sans-IO value.
///
/// A batch of datagrams goes in through [`Router::receive`], one call each; then one [`Router::flush`]
/// fans out everything that became pending. That order is what makes runs that the kernel can segment.
/// Commands, too, may leave key-frame requests for the next flush.
#[derive(Debug)]
pub struct Router {
    epoch: Epoch,
    random: Random,
    /// By [`EndpointId`], which the driver keeps dense.
    endpoints: Vec<Option<Box<Endpoint>>>,
    producers: Slab<Producer>,
    consumers: Slab<Consumer>,
    producer_keys: HashMap<ProducerId, usize>,
    consumer_keys: HashMap<ConsumerId, usize>,
    /// Groups of producers of which only the loudest are forwarded.
    groups: Slab<LastN>,
    group_keys: HashMap<SpeakerGroupId, usize>,
    /// Layers with pending packets, by arrival of the first.
    dirty: VecDeque<LayerKey>,
    /// Layers whose key frame somebody waits for.
    keyframes_wanted: Vec<LayerKey>,
    /// Layers with packets missing.
    incomplete: Vec<LayerKey>,
    /// What subscribers asked to be sent again.
    nacked: Vec<Nacked>,
    /// Consumers for whom part of a burst is held.
    held: Vec<usize>,
    /// Endpoints to which a probe is being sent.
    probing: Vec<EndpointId>,
    /// Whose links carry more or less than before, or who wishes for something else: an allocation is due.
    allocations_due: Vec<EndpointId>,
    events: Vec<Event>,
    counters: Counters,
    relays: outposts::Relays,
    at_work: Option<EndpointId>,
    timers: timers::Timers,
    /// Whether the latest [`Event::AudioLevels`] named anybody.
    audible: bool,
    scratch: Scratch,
}

/// One layer of one producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LayerKey {
    producer: usize,
    layer: u8,
}

/// One sequence number of a NACK.
#[derive(Clone, Copy, Debug)]
struct Nacked {
    endpoint: EndpointId,
    consumer: usize,
    sequence: u16,
}

/// Memory that is used again and again, so that nothing is allocated per packet.
#[derive(Debug)]
struct Scratch {
    drafts: Vec<Draft>,
    /// Where packets and compounds are opened that belong into no ring.
    plain: Box<[u8]>,
    /// A compound being built.
    compound: Vec<u8>,
    blocks: Vec<ReportBlock>,
    sequences: Vec<u16>,
    keys: Vec<usize>,
    demands: Vec<Demand>,
}

impl Router {
    /// `wallclock` is the NTP time at `now`; later wall-clock times are counted from it, so they never jump.
    /// `seed` makes first sequence numbers and our own SSRCs; it should not repeat, but it is no secret.
    pub fn new(seed: u64, now: Instant, wallclock: NtpTime) -> Self {
        Router {
            epoch: Epoch::new(now, wallclock),
            random: Random(seed),
            endpoints: Vec::new(),
            producers: Slab::new(),
            consumers: Slab::new(),
            producer_keys: HashMap::new(),
            consumer_keys: HashMap::new(),
            groups: Slab::new(),
            group_keys: HashMap::new(),
            dirty: VecDeque::new(),
            keyframes_wanted: Vec::new(),
            incomplete: Vec::new(),
            nacked: Vec::new(),
            held: Vec::new(),
            probing: Vec::new(),
            allocations_due: Vec::new(),
            events: Vec::new(),
            counters: Counters::default(),
            relays: outposts::Relays::default(),
            at_work: None,
            timers: timers::Timers::new(),
            audible: false,
            scratch: Scratch {
                drafts: Vec::new(),
                plain: vec![0; MAX_PACKET_LEN].into_boxed_slice(),
                compound: Vec::new(),
                blocks: Vec::new(),
                sequences: Vec::new(),
                keys: Vec::new(),
                demands: Vec::new(),
            },
        }
    }

    /// What happened since the last call. To be called after each flush and timeout: events wait here unbounded.
    pub fn drain_events(&mut self) -> impl Iterator<Item = Event> + '_ {
        self.events.drain(..)
    }

    /// Totals since start, by W3C webrtc-stats name in snake_case where one exists, else `dropped_<reason>`.
    pub fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        self.counters.iter()
    }

    /// How many tracks are received from their publishers, and how many are sent.
    pub fn tracks(&self) -> (usize, usize) {
        let relayed = self.relays.count();
        (self.producers.len() - relayed, self.consumers.len())
    }

    /// The endpoint last worked on: the one to blame if a call panicked.
    pub fn at_work(&self) -> Option<EndpointId> {
        self.at_work
    }

    fn endpoint(&mut self, id: EndpointId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(id as usize)?.as_deref_mut()
    }
}
