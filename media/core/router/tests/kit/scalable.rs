//! Cameras that send several layers in one stream: VP8 with temporal layers, VP9 and AV1 with both kinds.

use super::rtp::Packet;
use super::{MID, RID, TRANSPORT_WIDE, codec, extensions};
use hoichan_router::{
    ConsumerParameters, MediaKind, PayloadTypeMapping, ProducerParameters, RtpEncodingParameters,
};
use hoichan_wire::rtp::Fields;

pub const DESCRIPTOR: (u8, &str) = (
    9,
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
);

/// The id under which subscribers get dependency descriptors.
pub const SENT_DESCRIPTOR: u8 = 13;

/// The temporal layers of four pictures in a row.
const PATTERN: [u8; 4] = [0, 2, 1, 2];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Vp8,
    Vp9,
    Av1,
}

impl Coding {
    fn mime_type(self) -> &'static str {
        match self {
            Coding::Vp8 => "video/VP8",
            Coding::Vp9 => "video/VP9",
            Coding::Av1 => "video/AV1",
        }
    }
}

/// A camera that sends L1T3, or LnT3_KEY: in a key picture each spatial layer depends on the one below, in the
/// others on its own past only.
#[derive(Clone)]
pub struct ScalableCamera {
    pub coding: Coding,
    pub spatial_layers: u8,
    pub ssrc: u32,
    pub rid: Option<&'static str>,
    pub sequence: u16,
    pub timestamp: u32,
    pub picture: u16,
    pub tl0: u8,
    frame_number: u16,
    /// Place in the pattern.
    step: usize,
}

/// What is behind the descriptor of each packet: which layer it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub spatial: u8,
    pub temporal: u8,
    pub picture: u16,
}

const MARK: u8 = 0xee;

impl Mark {
    /// That of a packet; `None` if it has no payload.
    pub fn of(packet: &Packet) -> Option<Self> {
        let at = packet.payload.iter().rposition(|byte| *byte == MARK)?;
        let [spatial, temporal, high, low] = *packet.payload[at + 1..].first_chunk()?;
        Some(Mark {
            spatial,
            temporal,
            picture: u16::from_be_bytes([high, low]),
        })
    }
}

/// Those of all packets that have a payload.
pub fn marks(packets: &[Packet]) -> Vec<Mark> {
    packets.iter().filter_map(Mark::of).collect()
}

/// The highest spatial and temporal layer among these packets.
pub fn highest(packets: &[Packet]) -> (u8, u8) {
    let marks = marks(packets);
    let spatial = marks.iter().map(|mark| mark.spatial).max();
    let temporal = marks.iter().map(|mark| mark.temporal).max();
    (spatial.expect("packets"), temporal.expect("packets"))
}

impl ScalableCamera {
    pub fn new(coding: Coding, spatial_layers: u8) -> Self {
        ScalableCamera {
            coding,
            spatial_layers,
            ssrc: 5,
            rid: None,
            sequence: 65_400,
            timestamp: 4_294_900_000,
            picture: 0x7ff0,
            tl0: 250,
            frame_number: 65_000,
            step: 0,
        }
    }

    /// One encoding of several, with temporal layers only.
    pub fn with_rid(coding: Coding, ssrc: u32, rid: &'static str) -> Self {
        ScalableCamera {
            ssrc,
            rid: Some(rid),
            ..ScalableCamera::new(coding, 1)
        }
    }

    /// All layers of one picture, two packets a frame, a thirtieth of a second after the one before.
    pub fn picture(&mut self, is_key: bool) -> Vec<Packet> {
        if is_key {
            self.step = 0;
        }
        let temporal = PATTERN[self.step % PATTERN.len()];
        self.step += 1;
        self.timestamp = self.timestamp.wrapping_add(3000);
        self.picture = (self.picture + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(u8::from(temporal == 0));
        let mut packets = Vec::new();
        for spatial in 0..self.spatial_layers {
            self.frame_number = self.frame_number.wrapping_add(1);
            for is_first in [true, false] {
                packets.push(self.packet(is_key, is_first, (spatial, temporal)));
            }
        }
        packets
    }

    fn packet(&mut self, is_key: bool, is_first: bool, layer: (u8, u8)) -> Packet {
        let (spatial, temporal) = layer;
        let id = (self.picture | 0x8000).to_be_bytes();
        let mut payload = match self.coding {
            Coding::Vp8 => {
                let sync = temporal == 1 || (temporal == 2 && self.step % PATTERN.len() == 2);
                let (start, layer) = (u8::from(is_first) << 4, temporal << 6 | u8::from(sync) << 5);
                vec![
                    0x80 | start,
                    0xe0,
                    id[0],
                    id[1],
                    self.tl0,
                    layer,
                    u8::from(!is_key),
                ]
            }
            Coding::Vp9 => {
                let predicted = u8::from(!is_key) << 6;
                let ends = u8::from(is_first) << 3 | u8::from(!is_first) << 2;
                let below = u8::from(is_key && spatial > 0);
                let layer = temporal << 5 | 0x10 | spatial << 1 | below;
                vec![0xa0 | predicted | ends, id[0], id[1], layer, self.tl0]
            }
            Coding::Av1 => vec![0x10, 0x30],
        };
        let picture = self.picture.to_be_bytes();
        payload.extend([
            MARK,
            spatial,
            temporal,
            picture[0],
            picture[1],
            self.ssrc as u8,
        ]);
        let is_last = spatial + 1 == self.spatial_layers && !is_first;
        let fields = Fields {
            marker: is_last,
            payload_type: 96,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let packet = Packet::new(fields, payload).with_extension(MID.0, b"1");
        let packet = match self.rid {
            Some(rid) => packet.with_extension(RID.0, rid.as_bytes()),
            None => packet,
        };
        if self.coding == Coding::Av1 {
            let descriptor = self.descriptor(is_key, is_first, layer);
            return packet.with_extension(DESCRIPTOR.0, &descriptor);
        }
        packet
    }

    /// Templates: for each spatial layer that of a key frame, then one for each temporal layer.
    fn descriptor(&self, is_key: bool, is_first: bool, (spatial, temporal): (u8, u8)) -> Vec<u8> {
        let template = spatial * 4 + if is_key { 0 } else { 1 + temporal };
        let mut bits = Bits::default();
        bits.put(u32::from(is_first), 1);
        bits.put(u32::from(!is_first), 1);
        bits.put(u32::from(template), 6);
        bits.put(u32::from(self.frame_number), 16);
        if is_key && is_first && spatial == 0 {
            bits.put(0b10000, 5);
            self.structure(&mut bits);
        }
        bits.into_bytes()
    }

    fn structure(&self, bits: &mut Bits) {
        let layers = self.spatial_layers;
        bits.put(0, 6);
        bits.put(u32::from(layers) * 3 - 1, 5);
        for spatial in 0..layers {
            let next = if spatial + 1 == layers { 3 } else { 2 };
            [0, 1, 1, next].iter().for_each(|step| bits.put(*step, 2));
        }
        let templates =
            (0..layers).flat_map(|s| [(s, None), (s, Some(0)), (s, Some(1)), (s, Some(2))]);
        for (spatial, temporal) in templates.clone() {
            for target in (0..layers).flat_map(|s| [(s, 0), (s, 1), (s, 2)]) {
                let is_key = temporal.is_none();
                let is_in = (spatial == target.0 || (is_key && spatial < target.0))
                    && temporal.unwrap_or(0) <= target.1;
                bits.put(
                    if !is_in {
                        0
                    } else if temporal.unwrap_or(0) == 0 {
                        2
                    } else {
                        3
                    },
                    2,
                );
            }
        }
        for (spatial, temporal) in templates {
            let distance = match (spatial, temporal) {
                (0, None) => 0,
                (_, None) => 1,
                (_, Some(0)) => 4 * layers,
                (_, Some(1)) => 2 * layers,
                _ => layers,
            };
            if distance > 0 {
                bits.put(1, 1);
                bits.put(u32::from(distance) - 1, 4);
            }
            bits.put(0, 1);
        }
        let targets = u32::from(layers) * 3;
        bits.put(0, (targets + 1).ilog2()); // No chains: the shortest way to write 0 below targets + 1.
        bits.put(0, 1);
    }
}

/// Bits of a descriptor that is being written.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.0
            .extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn into_bytes(self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            let number = bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
            number << (8 - bits.len())
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// One stream of this coding, found by MID.
pub fn producer(coding: Coding) -> ProducerParameters {
    ProducerParameters {
        kind: MediaKind::Video,
        mid: "1".into(),
        codecs: vec![codec(coding.mime_type(), 96, 90_000, Some(97))],
        header_extensions: extensions(&[MID, TRANSPORT_WIDE, DESCRIPTOR]),
        encodings: vec![RtpEncodingParameters::default()],
    }
}

/// Several encodings of this coding, found by RID.
pub fn simulcast(coding: Coding, rids: &[&str]) -> ProducerParameters {
    let encoding = |rid: &&str| RtpEncodingParameters {
        rid: Some((*rid).into()),
        ..RtpEncodingParameters::default()
    };
    let mut parameters = producer(coding);
    parameters.header_extensions.extend(extensions(&[RID]));
    parameters.encodings = rids.iter().map(encoding).collect();
    parameters
}

/// A consumer that takes dependency descriptors; SSRCs as of [`super::consumer`].
pub fn consumer(id: u64) -> ConsumerParameters {
    ConsumerParameters {
        mid: id.to_string(),
        ssrc: id as u32,
        rtx_ssrc: Some(id as u32 + 1000),
        cname: "doctor".into(),
        payload_types: vec![PayloadTypeMapping {
            producer: 96,
            consumer: 98,
            consumer_rtx: Some(99),
        }],
        red: None,
        header_extensions: extensions(&[(10, MID.1), (SENT_DESCRIPTOR, DESCRIPTOR.1)]),
    }
}
