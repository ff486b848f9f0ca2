//! RTCP out on a timer: feedback and receiver reports to publishers, sender reports to subscribers; and what
//! the control plane is told about it all.

use super::Router;
use crate::consumer::Consumer;
use crate::event::{Event, TransportStats};
use crate::moment::Moment;
use crate::outbox::Outbox;
use crate::parameters::EndpointId;
use crate::producer::{Reception, Tally};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::{
    MAX_COUNT, SenderInfo, write_cname, write_receiver_report, write_sender_report,
};
use std::time::Duration;

/// A compound is sent when it has grown to this, in bytes, so that with one more report it stays under an MTU.
const FULL_COMPOUND: usize = 900;

/// The name under which we report. It ties nothing to anything, since we have no media of our own.
const OUR_CNAME: &[u8] = b"hoichan";

impl Router {
    /// Tells a publisher when its packets arrived.
    pub(super) fn send_transport_feedback(&mut self, id: EndpointId, outbox: &mut Outbox) {
        let endpoint = self.endpoints.get_mut(id as usize);
        let Some(endpoint) = endpoint.and_then(Option::as_deref_mut) else {
            return;
        };
        if endpoint.arrivals.is_empty() {
            return;
        }
        let mut arrivals = std::mem::take(&mut endpoint.arrivals);
        let sender = endpoint.local_ssrc;
        if let Some(mut egress) = endpoint.egress() {
            arrivals.drain(sender, &mut self.scratch.compound, |feedback| {
                egress.send_rtcp(outbox, feedback);
            });
        }
        endpoint.arrivals = arrivals;
    }

    /// Sends the receiver reports for what an endpoint publishes and the sender reports for what it is sent.
    pub(super) fn send_reports(&mut self, moment: &Moment, id: EndpointId, outbox: &mut Outbox) {
        let mut compound = std::mem::take(&mut self.scratch.compound);
        compound.clear();
        self.write_receiver_reports(moment, id, &mut compound);
        let consumers = self.endpoint(id).map_or(0, |there| there.consumers.len());
        for index in 0..consumers {
            if compound.len() >= FULL_COMPOUND {
                self.send_compound(id, &mut compound, outbox);
            }
            let key = self.endpoint(id).map(|there| there.consumers[index].1);
            let consumer = key.and_then(|key| self.consumers.get(key));
            let Some(consumer) = consumer else {
                continue;
            };
            if let Some(info) = self.sender_info(moment, consumer) {
                write_sender_report(&mut compound, &info, &[]);
                write_cname(&mut compound, info.ssrc, consumer.cname.as_bytes());
            }
        }
        self.send_compound(id, &mut compound, outbox);
        self.scratch.compound = compound;
    }

    fn send_compound(&mut self, id: EndpointId, compound: &mut Vec<u8>, outbox: &mut Outbox) {
        if compound.is_empty() {
            return;
        }
        let endpoint = self.endpoint(id);
        if let Some(mut egress) = endpoint.and_then(|endpoint| endpoint.egress()) {
            egress.send_rtcp(outbox, compound);
        }
        compound.clear();
    }

    fn write_receiver_reports(&mut self, moment: &Moment, id: EndpointId, out: &mut Vec<u8>) {
        let endpoint = self.endpoints.get_mut(id as usize);
        let Some(endpoint) = endpoint.and_then(Option::as_deref_mut) else {
            return;
        };
        let blocks = &mut self.scratch.blocks;
        blocks.clear();
        for key in &endpoint.producers {
            let layers = self.producers[*key].layers.iter_mut();
            let receptions = layers.filter_map(|layer| layer.reception.as_mut());
            blocks.extend(receptions.map(|reception| reception.report(moment)));
        }
        for blocks in blocks.chunks(MAX_COUNT) {
            write_receiver_report(out, endpoint.local_ssrc, blocks);
            write_cname(out, endpoint.local_ssrc, OUR_CNAME);
        }
    }

    /// What a subscriber is told about one of its streams: our wall clock, and where the stream's media clock
    /// stands by the publisher's latest report. All tracks of a publisher are moved by the same offset, so
    /// that lips and voice stay together. `None` before the publisher has reported, or if nothing is sent.
    fn sender_info(&self, moment: &Moment, consumer: &Consumer) -> Option<SenderInfo> {
        let layer = consumer.selection.layer()?;
        let producer = &self.producers[consumer.producer];
        if producer.rank.is_held_back() {
            return None; // Nothing new to say about hundreds of silent microphones to hundreds of people.
        }
        let layer = &producer.layers[usize::from(layer)];
        let theirs = NtpTime(
            moment
                .ntp
                .0
                .wrapping_sub(self.clock_offset(&producer.origin)?),
        );
        let rate = layer.reception.as_ref()?.clock_rate();
        let timestamp = layer.clock?.timestamp_at(theirs, rate);
        Some(SenderInfo {
            ssrc: consumer.ssrc,
            ntp: moment.ntp,
            rtp_timestamp: timestamp.wrapping_add(consumer.munger.shift()?.timestamp),
            packet_count: consumer.sent.packets,
            octet_count: consumer.sent.octets,
        })
    }

    /// Tells how the media of an endpoint fared since the last time.
    pub(super) fn tell_statistics(&mut self, id: EndpointId) {
        let endpoint = self.endpoints.get_mut(id as usize);
        let Some(endpoint) = endpoint.and_then(Option::as_deref_mut) else {
            return;
        };
        let mut uplink = Tally::default();
        let mut jitter = Duration::ZERO;
        for key in &endpoint.producers {
            for layer in &mut self.producers[*key].layers {
                uplink += layer.take_tally();
                let latest = layer.reception.as_ref().map(Reception::jitter);
                jitter = jitter.max(latest.unwrap_or_default());
            }
        }
        let downlink = std::mem::take(&mut endpoint.downlink);
        self.events.push(Event::TransportStats(TransportStats {
            endpoint: id,
            uplink_loss: uplink.loss(),
            downlink_loss: f64::from(downlink.lost) / f64::from(downlink.expected.max(1)),
            round_trip_time: endpoint.round_trip,
            jitter,
            bytes_received: endpoint.traffic.bytes_received,
            bytes_sent: endpoint.traffic.bytes_sent,
            packets_received: endpoint.traffic.packets_received,
            packets_sent: endpoint.traffic.packets_sent,
            available_outgoing_bitrate: endpoint.available(),
            desired_outgoing_bitrate: endpoint.share.desired,
            allocated_outgoing_bitrate: endpoint.share.allocated,
        }));
    }
}
