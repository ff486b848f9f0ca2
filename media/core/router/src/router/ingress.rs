//! SRTP in: whose packet it is, whether it is genuine, and into the ring with it.

use super::Router;
use super::intake::Opened;
use crate::endpoint::{Binding, Endpoint};
use crate::event::{DropReason, Received};
use crate::moment::Moment;
use crate::parameters::EndpointId;
use crate::producer::Producer;
use crate::ring::MAX_PACKET_LEN;
use hoichan_srtp::Error;
use hoichan_wire::rtp::{self, Header};
use slab::Slab;
use std::time::Instant;

impl Router {
    /// Takes one SRTP or SRTCP datagram. Media becomes pending for [`Router::flush`].
    pub fn receive(&mut self, now: Instant, endpoint: EndpointId, datagram: &[u8]) -> Received {
        self.at_work = Some(endpoint);
        let moment = self.epoch.at(now);
        let result = if datagram.len() > MAX_PACKET_LEN {
            Err(DropReason::Malformed)
        } else {
            match rtp::classify(datagram) {
                rtp::Kind::Rtp => self.receive_rtp(&moment, endpoint, datagram),
                rtp::Kind::Rtcp => self.receive_rtcp(&moment, endpoint, datagram),
                _ => Err(DropReason::Malformed),
            }
        };
        match result {
            Ok(()) => {
                self.counters.packets_received += 1;
                self.counters.bytes_received += datagram.len() as u64;
                Received::Authenticated
            }
            Err(reason) => {
                *self.counters.of(reason) += 1;
                Received::Dropped(reason)
            }
        }
    }

    fn receive_rtp(
        &mut self,
        moment: &Moment,
        id: EndpointId,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let header = Header::parse(datagram).ok_or(DropReason::Malformed)?;
        let endpoint = self.endpoints.get_mut(id as usize);
        let endpoint = endpoint
            .and_then(Option::as_deref_mut)
            .ok_or(DropReason::NoKeys)?;
        let known = endpoint.sources.get(header.fields.ssrc);
        let binding = known.or_else(|| discover(endpoint, &self.producers, &header, datagram));
        let slot = match binding {
            Some(binding) => self.producers[binding.producer].layers[usize::from(binding.layer)]
                .ring
                .slot(),
            None => &mut self.scratch.plain,
        };
        let inbound = endpoint.inbound.as_mut().ok_or(DropReason::NoKeys)?;
        let len = inbound.open_rtp_into(datagram, &header, slot)?.len;
        endpoint.traffic.packets_received += 1;
        endpoint.traffic.bytes_received += datagram.len() as u64;
        if let Some(sequence) = endpoint.ids.transport_sequence(&header, datagram) {
            endpoint
                .arrivals
                .record(moment, header.fields.ssrc, sequence);
        }
        let opened = Opened { header, len };
        let binding = binding.filter(|found| {
            let layer = &self.producers[found.producer].layers[usize::from(found.layer)];
            known.is_some() || found.is_repair || layer.takes_another(moment)
        });
        match binding {
            Some(binding) => {
                if known.is_none() {
                    endpoint.sources.bind(header.fields.ssrc, binding);
                }
                self.accept(moment, binding, &opened);
            }
            // libwebrtc probes with SSRC 0 before it has any media: padding, of use to feedback only.
            None => self.counters.dropped_unknown_ssrc += u64::from(header.fields.ssrc != 0),
        }
        Ok(())
    }
}

/// Finds whose packet an unknown SSRC sends, by MID and then by RID, repaired RID or, where the track has but
/// one layer, payload type. (RFC 8843 §9.2, RFC 8852 §3)
///
/// This runs before authentication and binds nothing. A layer whose SSRC was declared takes no other one.
fn discover(
    endpoint: &Endpoint,
    producers: &Slab<Producer>,
    header: &Header,
    datagram: &[u8],
) -> Option<Binding> {
    let element = |id: Option<u8>| header.extension(datagram, id?);
    let mid = element(endpoint.ids.mid)?;
    let (&key, producer) = endpoint
        .producers
        .iter()
        .map(|key| (key, &producers[*key]))
        .find(|(_, producer)| producer.mid().as_bytes() == mid)?;
    let payload_type = header.fields.payload_type;
    let is_repair = producer.repaired_codec(payload_type).is_some();
    let rid = if is_repair {
        element(endpoint.ids.repaired_rid).or_else(|| element(endpoint.ids.rid))
    } else {
        element(endpoint.ids.rid)
    };
    let (layer, found) = (0..).zip(&producer.layers).find(|(_, layer)| {
        let declared = layer.encoding.rid.as_deref().map(str::as_bytes);
        declared == rid || (producer.layers.len() == 1 && declared.is_none())
    })?;
    let declared_ssrc = if is_repair {
        found.encoding.rtx_ssrc
    } else {
        found.encoding.ssrc
    };
    let is_codec_known = is_repair || producer.codec(payload_type).is_some();
    (declared_ssrc.is_none() && is_codec_known).then_some(Binding {
        producer: key,
        layer,
        is_repair,
    })
}

impl From<Error> for DropReason {
    fn from(error: Error) -> Self {
        match error {
            Error::Forged | Error::Unencrypted => DropReason::BadTag,
            Error::Replayed => DropReason::Replayed,
            _ => DropReason::Malformed,
        }
    }
}
