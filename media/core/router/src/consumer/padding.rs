//! Padding on the retransmission stream, for probes: packets of nothing that the receiver counts and forgets.
//! (RFC 3550 §5.1, RFC 4588)

use super::Consumer;
use super::header::FILLER_LEN;
use crate::endpoint::Egress;
use crate::moment::Moment;
use crate::outbox::Outbox;
use hoichan_wire::rtp::{FIXED_HEADER_LEN, Fields};

/// Bytes of one packet of padding, about.
pub(crate) const PADDING_LEN: u64 = 1150;

/// RTP padding of one packet, in bytes: all that its count can say.
const MAX_COUNT: usize = 255;

/// Room for the extension block with the elements of a padding packet.
const MAX_BLOCK_LEN: usize = 16 + FILLER_LEN;

/// Plain bytes of one packet at most.
const MAX_LEN: usize = FIXED_HEADER_LEN + MAX_BLOCK_LEN + MAX_COUNT;

/// The clock rate of video. (RFC 7741 §4.1, and all others)
const VIDEO_CLOCK_RATE: u32 = 90_000;

impl Consumer {
    /// Whether it has a retransmission stream whose packets are numbered across the transport.
    pub(crate) fn can_pad(&self) -> bool {
        self.retransmission.is_some()
            && self.header.retransmission_type().is_some()
            && self.header.is_numbered_transport_wide()
    }

    /// Sends one packet of padding; all are of one size. Returns the bytes of the datagram, 0 if there is none.
    pub(crate) fn pad(
        &mut self,
        egress: &mut Egress<'_>,
        (moment, outbox): (&Moment, &mut Outbox),
    ) -> usize {
        let payload_type = self.header.retransmission_type();
        let (Some(stream), Some(payload_type)) = (&mut self.retransmission, payload_type) else {
            return 0;
        };
        let index = stream.take_index();
        let fields = Fields {
            marker: false,
            payload_type,
            sequence: index as u16,
            timestamp: moment.media_ticks(VIDEO_CLOCK_RATE),
            ssrc: stream.ssrc,
        };
        let plan = &self.header;
        egress.send_padding(moment, outbox, index, MAX_LEN, |out, stamps| {
            let header_len = plan.write_filler(out, &fields, stamps)?;
            let padding = out.get_mut(header_len..header_len + MAX_COUNT)?;
            padding.fill(0);
            padding[MAX_COUNT - 1] = MAX_COUNT as u8;
            Some((header_len, header_len + MAX_COUNT))
        })
    }
}
