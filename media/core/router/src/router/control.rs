//! SRTCP in: what publishers report, and what subscribers ask for.

use super::{Nacked, Router};
use crate::event::DropReason;
use crate::moment::Moment;
use crate::parameters::EndpointId;
use crate::producer::SenderClock;
use hoichan_wire::rtcp::{self, Nack, Packet, ReportBlock, SenderInfo};

/// Sequence numbers of one endpoint's NACKs kept until the next flush. A link that loses more needs no packets but
/// a key frame.
const MAX_NACKED: usize = 1024;

impl Router {
    /// Opens a compound and does what its packets ask for. BYE is left to the control plane, which knows who
    /// has left; XR has no reader.
    pub(super) fn receive_rtcp(
        &mut self,
        moment: &Moment,
        id: EndpointId,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let endpoint = self.endpoints.get_mut(id as usize);
        let endpoint = endpoint.and_then(Option::as_deref_mut);
        let endpoint = endpoint.ok_or(DropReason::NoKeys)?;
        let inbound = endpoint.inbound.as_mut().ok_or(DropReason::NoKeys)?;
        let mut plain = std::mem::take(&mut self.scratch.plain);
        let opened = inbound.open_rtcp_into(datagram, &mut plain);
        if opened.is_ok() {
            endpoint.traffic.packets_received += 1;
            endpoint.traffic.bytes_received += datagram.len() as u64;
        }
        for packet in opened.iter().flat_map(|len| rtcp::packets(&plain[..*len])) {
            self.control(moment, id, packet);
        }
        self.note_estimate(id);
        self.scratch.plain = plain;
        opened.map(|_| ()).map_err(DropReason::from)
    }

    fn control(&mut self, moment: &Moment, id: EndpointId, packet: Packet<'_>) {
        match packet {
            Packet::SenderReport(report) => {
                self.take_sender_info(moment, id, &report.info);
                self.take_blocks(moment, id, report.blocks());
            }
            Packet::ReceiverReport(report) => self.take_blocks(moment, id, report.blocks()),
            Packet::Nack(nack) => self.take_nack(id, &nack),
            Packet::Pli { media_ssrc, .. } => {
                self.counters.pli_count += 1;
                self.take_keyframe_request(id, media_ssrc);
            }
            Packet::Fir(fir) => {
                for (media_ssrc, _) in fir.entries() {
                    self.counters.fir_count += 1;
                    self.take_keyframe_request(id, media_ssrc);
                }
            }
            Packet::Remb(remb) => {
                if let Some(endpoint) = self.endpoint(id) {
                    endpoint.take_remb(remb.bitrate_bps);
                }
            }
            Packet::TransportFeedback(feedback) => {
                if let Some(endpoint) = self.endpoint(id) {
                    endpoint.take_transport_feedback(moment, &feedback);
                }
            }
            Packet::Sdes(_) | Packet::Bye(_) | Packet::Unknown { .. } => {}
        }
    }

    /// Puts an endpoint on the list of the next allocation if its estimate has moved.
    pub(super) fn note_estimate(&mut self, id: EndpointId) {
        let endpoint = self.endpoint(id);
        let moved = endpoint.is_some_and(|endpoint| endpoint.take_estimate_change());
        if moved {
            self.expect_allocation(id);
        }
    }

    /// A publisher tells where its media clock stands.
    fn take_sender_info(&mut self, moment: &Moment, id: EndpointId, info: &SenderInfo) {
        let Some(endpoint) = self.endpoint(id) else {
            return;
        };
        let binding = endpoint.sources.get(info.ssrc);
        let Some(binding) = binding.filter(|binding| !binding.is_repair) else {
            return;
        };
        endpoint.note_clock(moment, info.ntp);
        let producer = &mut self.producers[binding.producer];
        let layer = &mut producer.layers[usize::from(binding.layer)];
        if let Some(reception) = &mut layer.reception
            && reception.ssrc() == info.ssrc
        {
            reception.record_sender_report(moment, info.ntp);
            layer.clock = Some(SenderClock {
                ntp: info.ntp,
                timestamp: info.rtp_timestamp,
            });
            self.tell_outposts(binding.producer);
        }
    }

    /// A subscriber tells how our streams arrive.
    fn take_blocks(
        &mut self,
        moment: &Moment,
        id: EndpointId,
        blocks: impl Iterator<Item = ReportBlock>,
    ) {
        for block in blocks {
            let Some(endpoint) = self.endpoint(id) else {
                return;
            };
            let Some(consumer) = endpoint.consumer(block.ssrc) else {
                continue; // Of a retransmission stream, or of nothing we send.
            };
            endpoint.measure_round_trip(moment, &block);
            endpoint.note_report(moment);
            let news = self.consumers[consumer].record_report(&block);
            if let Some(endpoint) = self.endpoint(id) {
                endpoint.downlink.expected += news.expected;
                endpoint.downlink.lost += news.lost;
            }
        }
    }

    /// A subscriber misses packets: the next flush sends what may be sent again.
    fn take_nack(&mut self, id: EndpointId, nack: &Nack<'_>) {
        self.counters.nack_count += 1;
        let there = self.endpoint(id);
        let Some(consumer) = there.and_then(|there| there.consumer(nack.media_ssrc)) else {
            self.counters.dropped_foreign_feedback += 1;
            return;
        };
        let asked = self.nacked.iter().filter(|one| one.endpoint == id).count();
        let mut lost = nack.lost();
        let kept = lost.by_ref().take(MAX_NACKED - asked);
        self.nacked.extend(kept.map(|sequence| Nacked {
            endpoint: id,
            consumer,
            sequence,
        }));
        self.counters.dropped_nack += lost.count() as u64;
    }

    /// A subscriber's decoder cannot go on.
    fn take_keyframe_request(&mut self, id: EndpointId, media_ssrc: u32) {
        let there = self.endpoint(id);
        let Some(key) = there.and_then(|there| there.consumer(media_ssrc)) else {
            self.counters.dropped_foreign_feedback += 1;
            return;
        };
        let consumer = &self.consumers[key];
        let layer = consumer.selection.layer().or(consumer.selection.awaited());
        if let Some(layer) = layer {
            let producer = consumer.producer;
            self.want_keyframe(producer, layer);
        }
    }
}
