//! The router: all endpoints, producers and consumers of one worker.

use crate::event::{Event, Received};
use crate::outbox::Outbox;
use crate::parameters::{
    ConsumerId, ConsumerParameters, EndpointId, Error, ProducerId, ProducerParameters, Wish,
};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::path::Path;
use std::time::Instant;

/// All endpoints, producers and consumers of one worker, as one sans-IO value.
///
/// A batch of datagrams goes in through [`Router::receive`], one call each; then one [`Router::flush`]
/// fans out everything that became pending. That order is what makes runs that the kernel can segment.
pub struct Router {}

impl Router {
    /// `wallclock` is the NTP time at `now`; later wall-clock times are counted from it, so they never jump.
    pub fn new(seed: u64, now: Instant, wallclock: NtpTime) -> Self {
        let _ = (seed, now, wallclock);
        Router {}
    }

    /// Begins an endpoint without keys and path: what arrives is dropped, what would be sent is not.
    pub fn add_endpoint(&mut self, id: EndpointId) {
        let _ = id;
    }

    /// Forgets an endpoint with its producers and consumers, and the consumers elsewhere of these producers.
    pub fn remove_endpoint(&mut self, id: EndpointId) {
        let _ = id;
    }

    /// Where datagrams to the endpoint go; `None` while there is no validated pair.
    pub fn set_path(&mut self, id: EndpointId, path: Option<Path>) {
        let _ = (id, path);
    }

    /// Receives a track. An existing id is replaced in place: its consumers stay.
    pub fn add_producer(
        &mut self,
        now: Instant,
        id: ProducerId,
        endpoint: EndpointId,
        parameters: &ProducerParameters,
    ) -> Result<(), Error> {
        let _ = (now, id, endpoint, parameters);
        Ok(())
    }

    /// Forwards nothing of it while `paused`.
    pub fn pause_producer(
        &mut self,
        now: Instant,
        id: ProducerId,
        paused: bool,
    ) -> Result<(), Error> {
        let _ = (now, id, paused);
        Ok(())
    }

    /// Stops receiving a track; its consumers are removed with it.
    pub fn remove_producer(&mut self, id: ProducerId) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    /// Sends `producer` on `endpoint`.
    pub fn add_consumer(
        &mut self,
        now: Instant,
        id: ConsumerId,
        endpoint: EndpointId,
        producer: ProducerId,
        parameters: &ConsumerParameters,
        wish: Wish,
    ) -> Result<(), Error> {
        let _ = (now, id, endpoint, producer, parameters, wish);
        Ok(())
    }

    /// Changes what one subscriber wants. Layers switch on a key frame, which is asked for.
    pub fn set_consumer(&mut self, now: Instant, id: ConsumerId, wish: Wish) -> Result<(), Error> {
        let _ = (now, id, wish);
        Ok(())
    }

    /// Stops sending, from this call on.
    pub fn remove_consumer(&mut self, id: ConsumerId) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    /// Takes one SRTP or SRTCP datagram, which is decrypted in place. Media becomes pending for `flush`.
    pub fn receive(&mut self, now: Instant, endpoint: EndpointId, datagram: &mut [u8]) -> Received {
        let _ = (now, endpoint, datagram);
        Received::Authenticated
    }

    /// Fans out everything pending: each layer to each of its consumers, packets in order.
    pub fn flush(&mut self, now: Instant, outbox: &mut Outbox) {
        let _ = (now, outbox);
    }

    /// Does what is due: NACK, feedback, reports, key-frame requests, levels, statistics.
    pub fn handle_timeout(&mut self, now: Instant, outbox: &mut Outbox) {
        let _ = (now, outbox);
    }

    /// When `handle_timeout` wants to be called next; `None` while there is no endpoint with keys.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What happened since the last call.
    pub fn drain_events(&mut self) -> impl Iterator<Item = Event> + '_ {
        std::iter::empty()
    }

    /// Totals since start, by W3C webrtc-stats name where one exists, else `dropped_<reason>`.
    pub fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> {
        std::iter::empty()
    }

    /// The endpoint last worked on: the one to blame if a call panicked.
    pub fn at_work(&self) -> Option<EndpointId> {
        None
    }
}
