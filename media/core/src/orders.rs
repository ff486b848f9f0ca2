//! What the core gives each of its workers to do.

use crate::commands::Command;
use crate::crew::WorkerIndex;
use crate::events::Event;

/// One thing to do.
#[derive(Debug)]
pub enum Order {
    /// The control plane asks for it.
    Command(Command),
    /// For fault drills: panic where nobody contains it.
    Break,
}

impl Order {
    /// Bytes of application data in it, which a bounded queue must count.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        match self {
            Self::Command(command) => command.data_bytes(),
            Self::Break => 0,
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
