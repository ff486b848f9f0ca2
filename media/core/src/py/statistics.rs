//! A worker's figures as a frozen Python class.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::class::frozen_class;
use crate::statistics::WorkerStatistics as Figures;

frozen_class!(WorkerStatistics {
    worker: u8,
    cpu_seconds: f64,
    busy_share: f64,
    tick_seconds: f64,
    turns: u64,
    transports: u64,
    producers: u64,
    consumers: u64,
    commands_waiting: u64,
    events_waiting: u64,
    parcels_waiting: u64,
    restarts: u64,
    run_lengths: Vec<u64>,
});

impl From<Figures> for WorkerStatistics {
    fn from(figures: Figures) -> Self {
        Self {
            worker: figures.worker,
            cpu_seconds: figures.cpu_seconds,
            busy_share: figures.busy_share,
            tick_seconds: figures.tick_seconds,
            turns: figures.turns,
            transports: figures.transports,
            producers: figures.producers,
            consumers: figures.consumers,
            commands_waiting: figures.commands_waiting,
            events_waiting: figures.events_waiting,
            parcels_waiting: figures.parcels_waiting,
            restarts: figures.restarts,
            run_lengths: figures.run_lengths.0.to_vec(),
        }
    }
}
