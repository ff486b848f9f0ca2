//! What the core gives each of its workers to do.

use std::sync::Arc;

use hoichan_router::{ProducerId, ProducerParameters};

use crate::commands::Command;
use crate::crew::WorkerIndex;
use crate::events::Event;

/// One thing to do.
#[derive(Debug)]
pub enum Order {
    /// The control plane asks for it.
    Command(Command),
    /// The producer that the next command names is another worker's.
    Relay {
        /// Which one.
        producer: ProducerId,
        /// Who receives it.
        home: WorkerIndex,
        /// What is received.
        parameters: Arc<ProducerParameters>,
    },
    /// For fault drills: panic where nobody contains it.
    Break,
}

impl Order {
    /// Bytes of application data in it, which a bounded queue must count.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        match self {
            Self::Command(command) => command.data_bytes(),
            Self::Relay { .. } | Self::Break => 0,
        }
    }
}

/// An event, and who tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Which worker.
    pub worker: WorkerIndex,
    /// What.
    pub event: Event,
}
