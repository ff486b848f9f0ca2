//! Which worker everything lives on, as the control plane's commands need it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hoichan_router::{ConsumerId, ProducerId, ProducerParameters};

use crate::commands::{Command, TransportId};
use crate::crew::{WorkerIndex, owner_of};
use crate::orders::Order;

/// An order, and who is to carry it out.
pub type Delivery = (WorkerIndex, Order);

/// All transports, producers and consumers by worker. What is not known goes to the first worker, which refuses it.
#[derive(Debug)]
pub struct Directory {
    crew: u8,
    transports: HashMap<TransportId, Transport>,
    producers: HashMap<ProducerId, Producer>,
    consumers: HashMap<ConsumerId, TransportId>,
}

#[derive(Debug)]
struct Producer {
    transport: TransportId,
    /// For the workers to which it is relayed.
    parameters: Arc<ProducerParameters>,
}

#[derive(Debug)]
struct Transport {
    worker: WorkerIndex,
    producers: Vec<ProducerId>,
    consumers: Vec<ConsumerId>,
}

impl Directory {
    /// Empty, for a crew of so many.
    #[must_use]
    pub fn new(crew: u8) -> Self {
        Self {
            crew,
            transports: HashMap::new(),
            producers: HashMap::new(),
            consumers: HashMap::new(),
        }
    }

    /// Who is to carry out `command`, and what of it.
    pub fn route(&mut self, command: Command) -> Vec<Delivery> {
        if let Command::SendData {
            transports,
            label,
            payload,
        } = command
        {
            return self.send_data(transports, &label, &payload);
        }
        let worker = self.worker_for(&command);
        self.note(&command, worker);
        let relay = self.relay_for(&command, worker);
        let orders = relay.into_iter().chain([Order::Command(command)]);
        orders.map(|order| (worker, order)).collect()
    }

    /// A transport has failed, with all that belonged to it.
    pub fn forget(&mut self, transport: TransportId) {
        if let Some(gone) = self.transports.remove(&transport) {
            for producer in gone.producers {
                self.producers.remove(&producer);
            }
            for consumer in gone.consumers {
                self.consumers.remove(&consumer);
            }
        }
    }

    fn worker_for(&self, command: &Command) -> WorkerIndex {
        match command {
            Command::CreateTransport { ice, .. } => owner_of(&ice.username_fragment, self.crew),
            Command::ConnectTransport { transport, .. }
            | Command::RestartIce { transport, .. }
            | Command::CloseTransport { transport }
            | Command::AddProducer { transport, .. }
            | Command::AddConsumer { transport, .. }
            | Command::OpenDataChannel { transport, .. } => self.worker_of(Some(transport)),
            Command::PauseProducer { producer, .. }
            | Command::RankProducer { producer, .. }
            | Command::RemoveProducer { producer } => {
                let known = self.producers.get(producer);
                self.worker_of(known.map(|known| &known.transport))
            }
            Command::SetConsumer { consumer, .. } | Command::RemoveConsumer { consumer } => {
                self.worker_of(self.consumers.get(consumer))
            }
            Command::SendData { .. } => 0,
        }
    }

    fn worker_of(&self, transport: Option<&TransportId>) -> WorkerIndex {
        let known = transport.and_then(|transport| self.transports.get(transport));
        known.map_or(0, |known| known.worker)
    }

    /// Remembers what will be there once the command has been carried out.
    fn note(&mut self, command: &Command, worker: WorkerIndex) {
        match command {
            Command::CreateTransport { transport, .. } => {
                self.transports.entry(*transport).or_insert(Transport {
                    worker,
                    producers: Vec::new(),
                    consumers: Vec::new(),
                });
            }
            Command::CloseTransport { transport } => self.forget(*transport),
            Command::AddProducer {
                producer,
                transport,
                parameters,
            } => self.note_producer(*producer, *transport, parameters),
            Command::RemoveProducer { producer } => {
                let known = self.producers.remove(producer);
                let transport = known.map(|known| known.transport);
                if let Some(at) = transport.and_then(|known| self.transports.get_mut(&known)) {
                    at.producers.retain(|known| known != producer);
                }
            }
            Command::AddConsumer {
                consumer,
                transport,
                ..
            } => {
                if let Some(at) = self.transports.get_mut(transport)
                    && self.consumers.insert(*consumer, *transport).is_none()
                {
                    at.consumers.push(*consumer);
                }
            }
            Command::RemoveConsumer { consumer } => {
                let transport = self.consumers.remove(consumer);
                if let Some(at) = transport.and_then(|known| self.transports.get_mut(&known)) {
                    at.consumers.retain(|known| known != consumer);
                }
            }
            _ => {}
        }
    }

    fn note_producer(
        &mut self,
        producer: ProducerId,
        transport: TransportId,
        parameters: &ProducerParameters,
    ) {
        let Some(at) = self.transports.get_mut(&transport) else {
            return;
        };
        let noted = Producer {
            transport,
            parameters: Arc::new(parameters.clone()),
        };
        if self.producers.insert(producer, noted).is_none() {
            at.producers.push(producer);
        }
    }

    /// What a worker must know to carry out `command`, if that is about another worker's producer.
    fn relay_for(&self, command: &Command, worker: WorkerIndex) -> Option<Order> {
        let Command::AddConsumer { producer, .. } = command else {
            return None;
        };
        let known = self.producers.get(producer)?;
        let home = self.transports.get(&known.transport)?.worker;
        (home != worker).then(|| Order::Relay {
            producer: *producer,
            home,
            parameters: Arc::clone(&known.parameters),
        })
    }

    /// One order for each worker that has some of the addressees.
    fn send_data(
        &self,
        transports: Vec<TransportId>,
        label: &str,
        payload: &[u8],
    ) -> Vec<Delivery> {
        let mut by_worker: BTreeMap<WorkerIndex, Vec<TransportId>> = BTreeMap::new();
        for transport in transports {
            let worker = self.worker_of(Some(&transport));
            by_worker.entry(worker).or_default().push(transport);
        }
        let parts = by_worker.into_iter().map(|(worker, transports)| {
            let command = Command::SendData {
                transports,
                label: label.to_owned(),
                payload: payload.to_vec(),
            };
            (worker, Order::Command(command))
        });
        parts.collect()
    }
}
