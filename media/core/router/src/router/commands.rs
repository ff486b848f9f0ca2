//! Endpoints, producers and consumers come and go. None of this is on the packet path.

use super::Router;
use crate::consumer::{
    Consumer, Filter, HeaderPlan, MAX_DISTANCE, Munger, Retransmission, Selection, Sent, Told,
};
use crate::endpoint::Endpoint;
use crate::extensions;
use crate::parameters::{
    ConsumerId, ConsumerParameters, EndpointId, Error, ProducerId, ProducerParameters, Wish,
};
use crate::producer::{Origin, Producer};
use hoichan_srtp::Session;
use hoichan_wire::path::Path;
use std::sync::Arc;

/// Tracks that one endpoint may send us, and that it may be sent.
const MAX_PRODUCERS: usize = 64;
const MAX_CONSUMERS: usize = 2048;

/// Longest MID and canonical name, in bytes. A MID must fit a header extension element.
const MAX_MID_LEN: usize = 32;
const MAX_CNAME_LEN: usize = 255;

/// Payload types mapped for one consumer at most.
const MAX_MAPPINGS: usize = 64;

impl Router {
    /// Begins an endpoint without keys and path: what arrives is dropped, what would be sent is not.
    ///
    /// An endpoint of this id that is still there is removed first.
    pub fn add_endpoint(&mut self, id: EndpointId) {
        self.remove_endpoint(id);
        let index = id as usize;
        if self.endpoints.len() <= index {
            self.endpoints.resize_with(index + 1, || None);
        }
        self.endpoints[index] = Some(Box::new(Endpoint::new(self.random.ssrc())));
    }

    /// Forgets an endpoint with its producers and consumers, and the consumers elsewhere of these producers.
    pub fn remove_endpoint(&mut self, id: EndpointId) {
        let Some(endpoint) = self.endpoint(id) else {
            return;
        };
        let producers = std::mem::take(&mut endpoint.producers);
        let consumers = std::mem::take(&mut endpoint.consumers);
        for (_, key) in consumers {
            self.drop_consumer(key);
        }
        for key in producers {
            self.drop_producer(key);
        }
        self.endpoints[id as usize] = None;
    }

    /// Gives an endpoint its keys. Its consumers that wait now ask for key frames.
    pub fn set_keys(&mut self, id: EndpointId, session: Session) {
        if let Some(endpoint) = self.endpoint(id) {
            endpoint.inbound = Some(session.inbound);
            endpoint.outbound = Some(session.outbound);
            self.wake(id);
        }
    }

    /// Where datagrams to the endpoint go; `None` while there is no validated pair.
    pub fn set_path(&mut self, id: EndpointId, path: Option<Path>) {
        if let Some(endpoint) = self.endpoint(id) {
            let was_ready = endpoint.is_ready();
            endpoint.path = path;
            if !was_ready {
                self.wake(id);
            }
        }
    }

    /// Receives a track. An existing id is replaced in place: its consumers stay, and go on with the next key
    /// frame. Replacing it by the same parameters changes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownEndpoint`], [`Error::Malformed`], [`Error::TooMany`].
    pub fn add_producer(
        &mut self,
        id: ProducerId,
        endpoint: EndpointId,
        parameters: &ProducerParameters,
    ) -> Result<(), Error> {
        if parameters.mid.len() > MAX_MID_LEN {
            return Err(Error::Malformed);
        }
        let known = self.producer_keys.get(&id).copied();
        let tracks = self
            .endpoint(endpoint)
            .ok_or(Error::UnknownEndpoint)?
            .producers
            .len();
        if known.is_none() && tracks >= MAX_PRODUCERS {
            return Err(Error::TooMany);
        }
        let origin = Origin::Endpoint(endpoint);
        if known.is_some_and(|key| self.producers[key].is_made_of(&origin, parameters)) {
            return Ok(());
        }
        let producer = Producer::new(id, origin, Arc::new(parameters.clone()))?;
        let key = match known {
            Some(key) => self.replace_producer(key, producer),
            None => self.producers.insert(producer),
        };
        self.producer_keys.insert(id, key);
        self.bind_declared(key, endpoint, parameters);
        Ok(())
    }

    /// Forwards nothing of it while `paused`.
    ///
    /// # Errors
    /// [`Error::UnknownProducer`].
    pub fn pause_producer(&mut self, id: ProducerId, paused: bool) -> Result<(), Error> {
        let key = *self.producer_keys.get(&id).ok_or(Error::UnknownProducer)?;
        let producer = &mut self.producers[key];
        producer.paused = paused;
        producer.rank.set_open(&mut self.groups, !paused);
        if paused {
            for layer in &mut producer.layers {
                layer.drop_pending();
                layer.missing.clear();
            }
        }
        self.tell_outposts(key);
        self.retarget_all(key);
        Ok(())
    }

    /// Stops receiving a track; its consumers are removed with it.
    ///
    /// # Errors
    /// [`Error::UnknownProducer`].
    pub fn remove_producer(&mut self, id: ProducerId) -> Result<(), Error> {
        let key = *self.producer_keys.get(&id).ok_or(Error::UnknownProducer)?;
        self.drop_producer(key);
        Ok(())
    }

    /// Sends `producer` on `endpoint`.
    ///
    /// # Errors
    /// [`Error::UnknownEndpoint`], [`Error::UnknownProducer`], [`Error::DuplicateConsumer`],
    /// [`Error::DuplicateSsrc`], [`Error::Malformed`], [`Error::TooMany`].
    pub fn add_consumer(
        &mut self,
        id: ConsumerId,
        endpoint: EndpointId,
        producer: ProducerId,
        parameters: &ConsumerParameters,
        wish: Wish,
    ) -> Result<(), Error> {
        check_consumer(parameters)?;
        if self.consumer_keys.contains_key(&id) {
            return Err(Error::DuplicateConsumer);
        }
        let producer = *self
            .producer_keys
            .get(&producer)
            .ok_or(Error::UnknownProducer)?;
        let (munger, retransmission) = self.begin_streams(endpoint, parameters)?;
        let key = self.consumers.insert(Consumer {
            id,
            endpoint,
            producer,
            wish,
            grant: self.first_grant(endpoint, producer),
            selection: Selection::Off,
            ssrc: parameters.ssrc,
            header: HeaderPlan::new(parameters, &self.producers[producer].extensions),
            filter: Filter::new(),
            told: Told::default(),
            munger,
            held: None,
            red: parameters.red,
            is_spared: false,
            retransmission,
            sent: Sent::default(),
            cname: parameters.cname.as_str().into(),
            last_report: None,
        });
        self.consumer_keys.insert(id, key);
        self.producers[producer].consumers.push(key);
        self.expect_allocation(endpoint);
        if let Some(endpoint) = self.endpoint(endpoint) {
            endpoint.insert_consumer(parameters.ssrc, parameters.rtx_ssrc, key);
        }
        self.retarget(key);
        Ok(())
    }

    /// Changes what one subscriber wants. Layers switch on a key frame, which is asked for.
    ///
    /// # Errors
    /// [`Error::UnknownConsumer`].
    pub fn set_consumer(&mut self, id: ConsumerId, wish: Wish) -> Result<(), Error> {
        let key = *self.consumer_keys.get(&id).ok_or(Error::UnknownConsumer)?;
        let consumer = &mut self.consumers[key];
        consumer.wish = wish;
        let endpoint = consumer.endpoint;
        self.retarget(key);
        self.expect_allocation(endpoint);
        Ok(())
    }

    /// Stops sending, from this call on.
    ///
    /// # Errors
    /// [`Error::UnknownConsumer`].
    pub fn remove_consumer(&mut self, id: ConsumerId) -> Result<(), Error> {
        let key = *self.consumer_keys.get(&id).ok_or(Error::UnknownConsumer)?;
        self.drop_consumer(key);
        Ok(())
    }

    /// Numbers for a new consumer's streams on an endpoint, if it has room and its SSRCs are free there.
    fn begin_streams(
        &mut self,
        id: EndpointId,
        parameters: &ConsumerParameters,
    ) -> Result<(Munger, Option<Retransmission>), Error> {
        let starts = [self.random.first_index(), self.random.first_index()];
        let endpoint = self.endpoint(id).ok_or(Error::UnknownEndpoint)?;
        if endpoint.consumers.len() >= MAX_CONSUMERS {
            return Err(Error::TooMany);
        }
        let (ssrc, rtx_ssrc) = (parameters.ssrc, parameters.rtx_ssrc);
        if endpoint.sends(ssrc) || rtx_ssrc.is_some_and(|ssrc| endpoint.sends(ssrc)) {
            return Err(Error::DuplicateSsrc);
        }
        let munger = Munger::new(endpoint.first_index(ssrc, starts[0]));
        let retransmission =
            rtx_ssrc.map(|ssrc| Retransmission::new(ssrc, endpoint.first_index(ssrc, starts[1])));
        Ok((munger, retransmission))
    }
}

fn check_consumer(parameters: &ConsumerParameters) -> Result<(), Error> {
    extensions::check(&parameters.header_extensions)?;
    let types = &parameters.payload_types;
    let types_fit = types.len() <= MAX_MAPPINGS
        && types
            .iter()
            .flat_map(|one| [one.producer, one.consumer, one.consumer_rtx.unwrap_or(0)])
            .all(|payload_type| payload_type < 128);
    let red_fits = parameters
        .red
        .is_none_or(|red| red.payload_type < 128 && red.distance.unwrap_or(0) <= MAX_DISTANCE);
    let fits = types_fit
        && red_fits
        && parameters.mid.len() <= MAX_MID_LEN
        && parameters.cname.len() <= MAX_CNAME_LEN
        && parameters.rtx_ssrc != Some(parameters.ssrc);
    fits.then_some(()).ok_or(Error::Malformed)
}
