//! What is due when. One slow tick for everything periodic, staggered over the endpoints; one fast one for
//! NACK, which runs only while packets are missing.

use super::pacing::PACE;
use super::{LayerKey, Router};
use crate::audio;
use crate::event::Event;
use crate::moment::Moment;
use crate::outbox::Outbox;
use crate::parameters::{EndpointId, MediaKind};
use hoichan_wire::rtcp::write_nack;
use std::time::{Duration, Instant};

/// The slow tick.
const TICK: Duration = Duration::from_millis(50);

/// How often missing packets are looked at.
const NACK_CHECK: Duration = Duration::from_millis(10);

/// Ticks between two transport feedbacks to one publisher: 100 ms. Half of that doubles their cost on a thin
/// downlink and tells an estimator that averages over several of them little more.
const FEEDBACK: u64 = 2;

/// Ticks between two reports: 1 s.
const REPORT: u64 = 20;

/// Ticks between two statistics: 5 s. They are told in so many parts, so that neither a tick nor a listener has much to
/// do at once, and that a listener is not woken for each endpoint.
const STATISTICS: u64 = 100;
const STATISTICS_PARTS: u64 = 5;

/// Ticks between two looks at stopped layers: 500 ms.
const LIVENESS: u64 = 10;

/// Ticks between two allocations though nothing was heard of: 500 ms. Rates change, and what a link carries is relied
/// on only after a while.
const ALLOCATION: u64 = 10;

/// Ticks between two measurements of what layers cost: 1 s.
const RATES: u64 = 20;

/// Ticks in a window of audio levels.
const AUDIO: u64 = audio::WINDOW as u64 / TICK.as_millis() as u64;

/// When the router wants to be called. Times count from its start.
#[derive(Debug)]
pub(super) struct Timers {
    ticks: u64,
    next_tick: Duration,
    /// While packets are missing.
    next_nack: Option<Duration>,
    /// While a probe is being sent.
    next_probe: Option<Duration>,
    /// While part of a burst is held.
    next_release: Option<Duration>,
}

impl Timers {
    pub(super) fn new() -> Self {
        Timers {
            ticks: 0,
            next_tick: TICK,
            next_nack: None,
            next_probe: None,
            next_release: None,
        }
    }

    /// Packets are missing: see after them soon.
    pub(super) fn expect_nack(&mut self, moment: &Moment) {
        self.next_nack
            .get_or_insert(moment.since_start + NACK_CHECK);
    }

    /// Part of a burst is held: go on with it soon.
    pub(super) fn expect_release(&mut self, moment: &Moment) {
        self.next_release.get_or_insert(moment.since_start + PACE);
    }
}

impl Router {
    /// When [`Router::handle_timeout`] wants to be called next; `None` while there is no endpoint with keys.
    pub fn deadline(&self) -> Option<Instant> {
        let is_idle = !self
            .endpoints
            .iter()
            .flatten()
            .any(|one| one.outbound.is_some());
        let next = self.timers.next_tick;
        let next = self.timers.next_nack.map_or(next, |nack| nack.min(next));
        let next = self.timers.next_probe.map_or(next, |probe| probe.min(next));
        let next = self.timers.next_release.map_or(next, |due| due.min(next));
        (!is_idle).then(|| self.epoch.instant_at(next))
    }

    /// Does what is due: NACK, feedback, reports, key-frame requests, levels, statistics.
    ///
    /// May be called at any time; late calls do not pile up.
    pub fn handle_timeout(&mut self, now: Instant, outbox: &mut Outbox) {
        let moment = self.epoch.at(now);
        if self
            .timers
            .next_nack
            .is_some_and(|due| due <= moment.since_start)
        {
            self.send_nacks(&moment, outbox);
        }
        if self
            .timers
            .next_release
            .is_some_and(|due| due <= moment.since_start)
        {
            self.timers.next_release = None;
            self.answer_nacks(&moment, outbox);
            if self.release_held(&moment, outbox) {
                self.timers.expect_release(&moment);
            }
        }
        if self
            .timers
            .next_probe
            .is_some_and(|due| due <= moment.since_start)
        {
            self.timers.next_probe = self.send_probes(&moment, outbox);
        }
        if self.timers.next_tick <= moment.since_start {
            self.timers.next_tick = moment.since_start + TICK;
            self.timers.ticks += 1;
            self.tick(&moment, outbox);
        }
    }

    fn tick(&mut self, moment: &Moment, outbox: &mut Outbox) {
        let ticks = self.timers.ticks;
        for id in 0..self.endpoints.len() as EndpointId {
            let is_due = |period: u64| (ticks + u64::from(id)).is_multiple_of(period);
            if !self.endpoint(id).is_some_and(|there| there.is_ready()) {
                continue;
            }
            self.at_work = Some(id);
            self.look_after_estimate(moment, id, outbox);
            if is_due(FEEDBACK) {
                self.send_transport_feedback(id, outbox);
            }
            if is_due(REPORT) {
                self.send_reports(moment, id, outbox);
            }
            if is_due(ALLOCATION) {
                self.expect_allocation(id);
            }
            if is_in_turn(ticks, id) {
                self.tell_statistics(id);
            }
        }
        if ticks.is_multiple_of(RATES) {
            for (_, producer) in &mut self.producers {
                producer.note_rates();
            }
            self.refresh_relays();
        }
        self.timers.next_probe = self.next_probe(moment);
        self.allocate_due(moment);
        if ticks.is_multiple_of(AUDIO) {
            self.tell_audio_levels();
        }
        if ticks.is_multiple_of(LIVENESS) {
            self.check_liveness();
        }
        self.request_keyframes(moment, outbox);
    }

    /// Asks publishers for what is missing.
    fn send_nacks(&mut self, moment: &Moment, outbox: &mut Outbox) {
        let mut incomplete = std::mem::take(&mut self.incomplete);
        incomplete.retain(|key| self.send_nack(moment, *key, outbox));
        self.incomplete = incomplete;
        self.timers.next_nack = None;
        if !self.incomplete.is_empty() {
            self.timers.expect_nack(moment);
        }
    }

    /// Asks for what is due of one layer. Returns whether anything is still missing.
    fn send_nack(&mut self, moment: &Moment, key: LayerKey, outbox: &mut Outbox) -> bool {
        let producer = &mut self.producers[key.producer];
        let is_wanted = producer.is_wanted(key.layer);
        let layer = &mut producer.layers[usize::from(key.layer)];
        let endpoint = producer.origin.endpoint();
        let endpoint = endpoint.and_then(|id| self.endpoints[id as usize].as_mut());
        let Some((ssrc, endpoint)) = layer.ssrc().zip(endpoint).filter(|_| is_wanted) else {
            layer.missing.clear();
            return false;
        };
        let sequences = &mut self.scratch.sequences;
        sequences.clear();
        layer.missing.collect_due(moment, sequences);
        let mut rest = sequences.as_slice();
        while !rest.is_empty() {
            let compound = &mut self.scratch.compound;
            compound.clear();
            let told = write_nack(compound, endpoint.local_ssrc, ssrc, rest);
            rest = &rest[told..];
            if let Some(mut egress) = endpoint.egress() {
                self.counters.nacks_sent += 1;
                egress.send_rtcp(outbox, compound);
            }
        }
        !layer.missing.is_empty()
    }

    /// Tells who was audible in the window that ends now, and once that nobody is any more.
    fn tell_audio_levels(&mut self) {
        let audio = self
            .producers
            .iter_mut()
            .filter(|(_, producer)| producer.kind == MediaKind::Audio);
        let mut levels: Vec<_> = audio
            .filter_map(|(_, producer)| Some((producer.id, producer.levels.take()?)))
            .collect();
        levels.sort_by(|a, b| b.1.total_cmp(&a.1));
        let was_audible = std::mem::replace(&mut self.audible, !levels.is_empty());
        if was_audible || self.audible {
            self.events.push(Event::AudioLevels(levels));
        }
    }

    /// Finds layers that have stopped or come back, and moves their subscribers; and asks again for key pictures
    /// that were to open a layer and got lost.
    fn check_liveness(&mut self) {
        let mut changed = std::mem::take(&mut self.scratch.keys);
        changed.clear();
        for (key, producer) in &mut self.producers {
            if producer.layers.len() > 1 && producer.refresh_live() {
                changed.push(key);
            }
        }
        for &key in &changed {
            self.tell_outposts(key);
            self.retarget_all(key);
        }
        changed.clear();
        changed.extend(self.consumers.iter().map(|(key, _)| key));
        changed.iter().for_each(|key| self.pursue_target(*key));
        self.scratch.keys = changed;
    }
}

/// Whether the statistics of this endpoint are told at this tick.
fn is_in_turn(ticks: u64, id: EndpointId) -> bool {
    const PART: u64 = STATISTICS / STATISTICS_PARTS;
    ticks.is_multiple_of(PART) && (ticks / PART + u64::from(id)).is_multiple_of(STATISTICS_PARTS)
}
