//! One source: numbers its packets, seals them, keeps them for a while, and repeats them when asked.

use std::time::Duration;

use hoichan_srtp::Session;
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::SenderInfo;
use hoichan_wire::rtp::{ExtensionWriter, FIXED_HEADER_LEN, Fields, Form, write_fixed};

use super::stamp::Stamp;
use crate::load::clock;

/// Packets kept for retransmission: two seconds of 720p.
const KEPT: usize = 512;
/// Room for the fixed header and all extensions.
const LARGEST_HEADER: usize = 80;
/// The largest payload and its tag.
const LARGEST_PACKET: usize = 1400;

/// The header extensions that were agreed, by their ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions {
    /// See `sdp::offer::extension`.
    pub mid: Option<u8>,
    /// The name of the layer.
    pub rid: Option<u8>,
    /// The name of the layer that is repeated.
    pub repaired_rid: Option<u8>,
    /// The time of sending.
    pub absolute_send_time: Option<u8>,
    /// The number among all packets of the connection.
    pub transport_wide: Option<u8>,
    /// How loud it is.
    pub audio_level: Option<u8>,
}

/// What was agreed for one source.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Of its section.
    pub mid: String,
    /// Of its layer, with simulcast.
    pub rid: Option<String>,
    /// The source.
    pub ssrc: u32,
    /// Of its packets.
    pub payload_type: u8,
    /// Source and payload type of its retransmissions, if they were agreed.
    pub rtx: Option<(u32, u8)>,
    /// The header extensions.
    pub extensions: Extensions,
    /// Ticks of its clock in a second.
    pub clock_rate: u32,
}

/// What one source has sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// Without retransmissions.
    pub packets: u64,
    /// UDP payload, with retransmissions.
    pub bytes: u64,
    /// Packets sent again.
    pub retransmitted: u64,
}

/// A plain packet.
#[derive(Clone, Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    header_length: usize,
}

/// One packet to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// The last of a frame, or the first of speech.
    pub marker: bool,
    /// In ticks of the source's clock.
    pub timestamp: u32,
    /// At least [`super::stamp::LENGTH`].
    pub payload_length: usize,
    /// For the stamp.
    pub layer: u8,
    /// For the stamp.
    pub is_key: bool,
    /// In -dBov (RFC 6464), for microphones.
    pub audio_level: u8,
}

/// One source.
pub struct Stream {
    parameters: Parameters,
    index: u64,
    rtx_index: u64,
    kept: Vec<Kept>,
    sealed: Vec<u8>,
    payload_octets: u32,
    last: Option<(u32, clock::Nanoseconds)>,
    sent: Sent,
}

impl Stream {
    /// A source that has sent nothing.
    #[must_use]
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            // Close to the wrap, so that every run goes over it.
            index: 65_000,
            rtx_index: 1,
            kept: vec![Kept::default(); KEPT],
            sealed: vec![0; LARGEST_HEADER + LARGEST_PACKET],
            payload_octets: 0,
            last: None,
            sent: Sent::default(),
        }
    }

    /// What was agreed.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The totals.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Seals one packet and gives it to `send`. `fill` writes the beginning of the payload.
    pub fn push(
        &mut self,
        packet: Packet,
        session: &mut Session,
        transport_wide: &mut u16,
        fill: impl FnOnce(&mut [u8]),
        send: impl FnOnce(&[u8]),
    ) {
        let fields = Fields {
            marker: packet.marker,
            payload_type: self.parameters.payload_type,
            sequence: self.index as u16,
            timestamp: packet.timestamp,
            ssrc: self.parameters.ssrc,
        };
        let now = clock::wall();
        let rid = (
            self.parameters.extensions.rid,
            self.parameters.rid.as_deref(),
        );
        let kept = &mut self.kept[self.index as usize % KEPT];
        kept.bytes.clear();
        write_header(
            &mut kept.bytes,
            fields,
            &self.parameters,
            rid,
            (now, *transport_wide, packet.audio_level),
        );
        kept.header_length = kept.bytes.len();
        kept.bytes
            .resize(kept.header_length + packet.payload_length, 0xA5);
        let payload = &mut kept.bytes[kept.header_length..];
        fill(payload);
        let stamp = Stamp {
            layer: packet.layer,
            is_key: packet.is_key,
            counter: self.index as u32,
            sent: now,
        };
        stamp.write(payload);
        let length = seal(
            &mut self.sealed,
            &kept.bytes,
            kept.header_length,
            self.index,
            session,
        );
        send(&self.sealed[..length]);
        *transport_wide = transport_wide.wrapping_add(1);
        self.index += 1;
        self.sent.packets += 1;
        self.sent.bytes += length as u64;
        self.payload_octets = self
            .payload_octets
            .wrapping_add(packet.payload_length as u32);
        self.last = Some((packet.timestamp, now));
    }

    /// Repeats a packet that is still kept (RFC 4588 §4).
    pub fn repeat(
        &mut self,
        sequence: u16,
        session: &mut Session,
        transport_wide: &mut u16,
        send: impl FnOnce(&[u8]),
    ) {
        let Some((ssrc, payload_type)) = self.parameters.rtx else {
            return;
        };
        let back = (self.index as u16).wrapping_sub(sequence);
        let kept = &self.kept[self.index.wrapping_sub(back.into()) as usize % KEPT];
        if back == 0 || usize::from(back) > KEPT || kept.bytes.is_empty() {
            return;
        }
        let original = hoichan_wire::rtp::Header::parse(&kept.bytes).expect("it is one of ours");
        let fields = Fields {
            payload_type,
            ssrc,
            sequence: self.rtx_index as u16,
            ..original.fields
        };
        let rid = (
            self.parameters.extensions.repaired_rid,
            self.parameters.rid.as_deref(),
        );
        let mut plain = Vec::with_capacity(LARGEST_HEADER + LARGEST_PACKET);
        write_header(
            &mut plain,
            fields,
            &self.parameters,
            rid,
            (clock::wall(), *transport_wide, 127),
        );
        let header_length = plain.len();
        plain.extend_from_slice(&sequence.to_be_bytes());
        plain.extend_from_slice(&kept.bytes[kept.header_length..]);
        let length = seal(
            &mut self.sealed,
            &plain,
            header_length,
            self.rtx_index,
            session,
        );
        send(&self.sealed[..length]);
        *transport_wide = transport_wide.wrapping_add(1);
        self.rtx_index += 1;
        self.sent.bytes += length as u64;
        self.sent.retransmitted += 1;
    }

    /// For a sender report; `None` before the first packet.
    #[must_use]
    pub fn report(&self) -> Option<SenderInfo> {
        let (timestamp, at) = self.last?;
        let now = clock::wall();
        let since = Duration::from_nanos(now.saturating_sub(at));
        let ticks = since.as_secs_f64() * f64::from(self.parameters.clock_rate);
        Some(SenderInfo {
            ssrc: self.parameters.ssrc,
            ntp: NtpTime::from_unix(Duration::from_nanos(now)),
            rtp_timestamp: timestamp.wrapping_add(ticks as u32),
            packet_count: self.sent.packets as u32,
            octet_count: self.payload_octets,
        })
    }
}

fn write_header(
    out: &mut Vec<u8>,
    fields: Fields,
    parameters: &Parameters,
    (rid_id, rid): (Option<u8>, Option<&str>),
    (now, transport_wide, audio_level): (clock::Nanoseconds, u16, u8),
) {
    let extensions = parameters.extensions;
    let mut header = [0; LARGEST_HEADER];
    let (fixed, block) = header
        .split_first_chunk_mut::<FIXED_HEADER_LEN>()
        .expect("80 bytes hold a header");
    write_fixed(fixed, &fields, true, false);
    let mut writer = ExtensionWriter::new(block, Form::OneByte).expect("there is room");
    // 24 bits of seconds, 18 of them behind the point.
    let send_time = (((u128::from(now) << 18) / 1_000_000_000) as u32).to_be_bytes();
    let elements: [(Option<u8>, &[u8]); 5] = [
        (extensions.mid, parameters.mid.as_bytes()),
        (rid_id, rid.unwrap_or_default().as_bytes()),
        (extensions.absolute_send_time, &send_time[1..]),
        (extensions.transport_wide, &transport_wide.to_be_bytes()),
        (extensions.audio_level, &[audio_level]),
    ];
    for (id, data) in elements {
        if let (Some(id), false) = (id, data.is_empty()) {
            writer
                .push(id, data)
                .expect("what was agreed fits one byte's form");
        }
    }
    let length = FIXED_HEADER_LEN + writer.finish(0).expect("there is room");
    out.extend_from_slice(&header[..length]);
}

fn seal(
    sealed: &mut [u8],
    plain: &[u8],
    header_length: usize,
    index: u64,
    session: &mut Session,
) -> usize {
    sealed[..plain.len()].copy_from_slice(plain);
    session
        .outbound
        .seal_rtp(sealed, header_length, plain.len(), index)
        .expect("indices only rise, and the buffer was made for it")
}
