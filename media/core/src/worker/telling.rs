//! What a turn tells: events, totals, and how the worker itself fares.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::{COUNTERS_INTERVAL, Shared, Worker};
use crate::net::tcp::Tcp;
use crate::queue::Posted;
use crate::statistics::{Published, WorkerStatistics};

impl Worker {
    /// Passes events on. A transport whose control events find no room even in the backlog ends.
    pub(super) fn tell(&mut self) {
        self.outlet.flush();
        let mut events = self.hub.take_events();
        while !events.is_empty() {
            for event in events {
                let transport = event.transport();
                match (self.outlet.post(event), transport) {
                    (Posted::Kept, _) => {}
                    (Posted::Dropped, _) => self.totals.data_events += 1,
                    (Posted::Overflow, Some(transport)) => self.hub.fail(transport),
                    (Posted::Overflow, None) => self.totals.events += 1,
                }
            }
            events = self.hub.take_events();
        }
    }

    pub(super) fn publish(&mut self, now: Instant) {
        if !self.counters_changed || now < self.counters_published + COUNTERS_INTERVAL {
            return;
        }
        let mut counters: Vec<_> = self.hub.counters().collect();
        counters.extend(self.totals.named());
        let tcp = self.tcp.as_ref();
        counters.push(("tcp_connections", tcp.map_or(0, Tcp::len) as u64));
        counters.push(("tcp_accept_failures", tcp.map_or(0, Tcp::accept_failures)));
        let statistics = self.statistics();
        let Shared {
            counters: shown,
            published,
            ..
        } = &*self.shared;
        *shown.lock().unwrap_or_else(PoisonError::into_inner) = counters;
        let at = now;
        *published.lock().unwrap_or_else(PoisonError::into_inner) = Published { at, statistics };
        self.counters_published = now;
        self.counters_changed = false;
    }

    fn statistics(&self) -> WorkerStatistics {
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        let cpu = Duration::try_from(cpu).unwrap_or_default();
        let [transports, producers, consumers] = self.hub.census();
        WorkerStatistics {
            worker: self.index,
            cpu_seconds: cpu.as_secs_f64(),
            busy_share: self.pace.busy_share(),
            tick_seconds: self.pace.tick().as_secs_f64(),
            turns: self.totals.turns,
            transports,
            producers,
            consumers,
            commands_waiting: self.shared.orders.len() as u64,
            events_waiting: self.outlet.waiting() as u64,
            parcels_waiting: self.exchange.waiting() as u64,
            restarts: self.totals.restarts,
            run_lengths: self.totals.run_lengths,
        }
    }
}
