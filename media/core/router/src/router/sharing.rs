//! What a link carries is shared among the videos that its subscriber wishes to see.

use super::Router;
use crate::allocation::{self, Budget, Demand, Thrift, floods};
use crate::consumer::{Grant, Selection};
use crate::endpoint::Share;
use crate::event::Event;
use crate::moment::Moment;
use crate::parameters::{EndpointId, MediaKind};

/// Least time between two allocations for one endpoint, in milliseconds.
const INTERVAL: u32 = 100;

/// Kept free for the next voice, in bit/s: audio is measured after the fact, and must not wait for video to yield.
const NEXT_VOICE: u64 = 48_000;

/// What an endpoint was given of what it wishes for, where `audio` has room for the next voice in it.
fn share(audio: u64, demands: &[Demand], given: fn(&Demand) -> u64) -> Share {
    let voices = audio.saturating_sub(NEXT_VOICE);
    Share {
        desired: voices + demands.iter().map(Demand::wished_bps).sum::<u64>(),
        allocated: voices + demands.iter().map(given).sum::<u64>(),
    }
}

impl Router {
    /// What is sent to this endpoint is to be decided anew.
    pub(super) fn expect_allocation(&mut self, id: EndpointId) {
        if !self.allocations_due.contains(&id) {
            self.allocations_due.push(id);
        }
    }

    /// Decides for those endpoints for which that is due, each at most every 100 ms.
    pub(super) fn allocate_due(&mut self, moment: &Moment) {
        let mut due = std::mem::take(&mut self.allocations_due);
        due.retain(|id| {
            let endpoint = self.endpoint(*id);
            let Some(endpoint) = endpoint else {
                return false;
            };
            let last = endpoint.allocated;
            let waits = last.is_some_and(|last| moment.millis_since(last) < INTERVAL);
            if !waits {
                self.allocate(moment, *id);
            }
            waits
        });
        self.allocations_due = due;
    }

    /// Decides what each consumer of one endpoint gets.
    fn allocate(&mut self, moment: &Moment, id: EndpointId) {
        let mut demands = std::mem::take(&mut self.scratch.demands);
        self.collect_demands(id, &mut demands);
        let audio = self.reserve_for_voices(moment, id, !demands.is_empty());
        let Some(endpoint) = self.endpoint(id) else {
            return;
        };
        endpoint.allocated = Some(moment.millis);
        endpoint.set_desired(allocation::desired(audio, &demands));
        if let Some(available) = endpoint.available() {
            if let Some(steady) = endpoint.reliable(moment, available) {
                let budget = Budget {
                    first: steady.saturating_sub(audio - NEXT_VOICE),
                    ..Budget::new(available, steady, audio)
                };
                allocation::allocate(budget, &mut demands);
            } else {
                allocation::begin(Budget::new(available, available, audio), &mut demands);
            }
            endpoint.share = share(audio, &demands, Demand::given_bps);
            let is_settled = endpoint.steady.is_settled(moment.millis);
            for demand in &demands {
                self.give((available, is_settled), demand);
            }
        } else {
            endpoint.share = share(audio, &demands, Demand::wished_bps);
            demands
                .iter()
                .for_each(|demand| self.grant(demand.consumer, Grant::Unlimited));
        }
        self.scratch.demands = demands;
    }

    /// Lists the videos wished for at one endpoint.
    fn collect_demands(&self, id: EndpointId, demands: &mut Vec<Demand>) {
        demands.clear();
        let endpoint = self.endpoints.get(id as usize).and_then(Option::as_deref);
        for &(_, key) in endpoint.iter().flat_map(|endpoint| &endpoint.consumers) {
            let consumer = &self.consumers[key];
            let producer = &self.producers[consumer.producer];
            if consumer.wish.paused || producer.paused || producer.kind == MediaKind::Audio {
                continue;
            }
            if let Some(ladder) = producer.ladder(consumer.wish) {
                demands.push(Demand {
                    consumer: key,
                    priority: consumer.wish.priority,
                    has: consumer.grant.index_in(&ladder),
                    ladder,
                    gets: None,
                });
            }
        }
    }

    /// What the voices at one endpoint take, in bit/s, with room for the next; decides whether they are repeated.
    fn reserve_for_voices(&mut self, moment: &Moment, id: EndpointId, beside_video: bool) -> u64 {
        let is_thin = self
            .endpoint(id)
            .is_some_and(|endpoint| endpoint.spares_redundancy(moment));
        let mut audio = NEXT_VOICE;
        let endpoint = self.endpoints.get(id as usize).and_then(Option::as_deref);
        for &(_, key) in endpoint.iter().flat_map(|endpoint| &endpoint.consumers) {
            let consumer = &mut self.consumers[key];
            let producer = &self.producers[consumer.producer];
            if producer.kind == MediaKind::Video {
                continue;
            }
            consumer.is_spared = is_thin && beside_video && consumer.red.is_some();
            if !consumer.wish.paused && !producer.paused {
                let measured = producer.measured();
                audio += if consumer.is_spared {
                    Thrift::plain(measured)
                } else {
                    measured
                };
            }
        }
        audio
    }

    /// Applies what was decided for one consumer.
    fn give(&mut self, (available, is_settled): (u64, bool), demand: &Demand) {
        let key = demand.consumer;
        let Some(index) = demand.gets else {
            let grant = if is_settled {
                Grant::Paused
            } else {
                Grant::Undecided
            };
            self.grant(key, grant);
            return;
        };
        let level = demand.ladder.levels()[index];
        let consumer = &self.consumers[key];
        let producer = &self.producers[consumer.producer];
        // Of the layer that is left, something is sent until the key frame of the other comes: not if that is far
        // more than the link carries, for all of it would wait in the link's queue, and audio behind it.
        let left = consumer
            .selection
            .layer()
            .filter(|layer| *layer > level.spatial);
        let is_flood = producer.layers.len() > 1
            && left.is_some_and(|layer| floods(available, producer.cost(layer, 0), level.bps));
        let grant = Grant::UpTo {
            spatial: level.spatial,
            temporal: level.temporal,
        };
        if is_flood && grant != consumer.grant {
            self.consumers[key].selection = Selection::Off;
            let at = self.consumers[key].producer;
            self.producers[at].detach(key);
        }
        self.grant(key, grant);
    }

    /// What a new consumer may have until it has been decided about: where there are limits, nothing; but of a video
    /// that has not begun the least, so that its first key frame is not missed.
    pub(super) fn first_grant(&self, id: EndpointId, producer: usize) -> Grant {
        let endpoint = self.endpoints.get(id as usize).and_then(Option::as_deref);
        let is_limited = endpoint.is_some_and(|endpoint| endpoint.available().is_some());
        let producer = &self.producers[producer];
        if !is_limited || producer.kind == MediaKind::Audio {
            Grant::Unlimited
        } else if producer.live == 0 {
            Grant::UpTo {
                spatial: 0,
                temporal: u8::MAX,
            }
        } else {
            Grant::Undecided
        }
    }

    /// A consumer is not sent anything for another reason: it does not starve any more, and is decided about anew
    /// when that reason is gone.
    pub(super) fn release(&mut self, key: usize) {
        let consumer = &mut self.consumers[key];
        if consumer.grant == Grant::Paused {
            consumer.grant = Grant::Undecided;
            self.events.push(Event::ConsumerStreamState {
                endpoint: consumer.endpoint,
                consumer: consumer.id,
                paused: false,
            });
        }
    }

    fn grant(&mut self, key: usize, grant: Grant) {
        let consumer = &mut self.consumers[key];
        let before = std::mem::replace(&mut consumer.grant, grant);
        if before == grant {
            return;
        }
        let paused = grant == Grant::Paused;
        if paused != (before == Grant::Paused) {
            self.counters.streams_paused += u64::from(paused);
            self.events.push(Event::ConsumerStreamState {
                endpoint: consumer.endpoint,
                consumer: consumer.id,
                paused,
            });
        }
        self.retarget(key);
    }
}
