//! Header extensions: which ids of a publisher mean what, and what of them may go to subscribers.

use crate::parameters::{Error, RtpHeaderExtensionParameters};
use hoichan_wire::rtp::Header;

/// Media identification. (RFC 8843 §15)
pub(crate) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Which layer. (RFC 8852 §3.1)
pub(crate) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// Whose retransmissions. (RFC 8852 §3.2)
pub(crate) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// Transport-wide sequence number. (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2)
pub(crate) const TRANSPORT_WIDE: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Time of departure, 6.18 fixed point seconds.
pub(crate) const ABSOLUTE_SEND_TIME: &str =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
/// Transmission offset, which is about the publisher's network interface. (RFC 5450)
pub(crate) const TRANSMISSION_OFFSET: &str = "urn:ietf:params:rtp-hdrext:toffset";
/// Loudness of the packet, and whether it is speech. (RFC 6464)
pub(crate) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// AV1's frame numbers and layers; also used with other codecs.
pub(crate) const DEPENDENCY_DESCRIPTOR: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// Extensions of one m-section at most. Browsers offer up to 14.
const MAX_EXTENSIONS: usize = 32;

/// Elements of one packet that may be copied at most; real packets have up to four.
const MAX_ELEMENTS: usize = 6;

/// The id under which `uri` was negotiated.
pub(crate) fn id_of(extensions: &[RtpHeaderExtensionParameters], uri: &str) -> Option<u8> {
    extensions
        .iter()
        .find(|extension| extension.uri == uri)
        .map(|extension| extension.id)
}

/// Refuses more extensions than any browser offers, and ids that no element can have.
pub(crate) fn check(extensions: &[RtpHeaderExtensionParameters]) -> Result<(), Error> {
    let valid = extensions.len() <= MAX_EXTENSIONS && extensions.iter().all(|one| one.id > 0);
    valid.then_some(()).ok_or(Error::Malformed)
}

/// The ids under which one endpoint sends what says whose a packet is. Bundled sections share them.
/// (RFC 8843 §9.2)
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoutingIds {
    pub(crate) mid: Option<u8>,
    pub(crate) rid: Option<u8>,
    pub(crate) repaired_rid: Option<u8>,
    pub(crate) transport_wide: Option<u8>,
}

impl RoutingIds {
    /// Takes over what one more section says; what it does not mention stays.
    pub(crate) fn merge(&mut self, extensions: &[RtpHeaderExtensionParameters]) {
        for (slot, uri) in [
            (&mut self.mid, MID),
            (&mut self.rid, RID),
            (&mut self.repaired_rid, REPAIRED_RID),
            (&mut self.transport_wide, TRANSPORT_WIDE),
        ] {
            *slot = id_of(extensions, uri).or(*slot);
        }
    }

    /// The transport-wide sequence number of a packet.
    pub(crate) fn transport_sequence(&self, header: &Header, packet: &[u8]) -> Option<u16> {
        let element = header.extension(packet, self.transport_wide?)?;
        Some(u16::from_be_bytes(*element.first_chunk()?))
    }
}

/// What of a publisher's headers is looked at or copied: the producer's side of the extension map.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProducerExtensions {
    /// Ids of what may be copied, and their URIs; the index stands for both in [`Element`].
    copied: Vec<(u8, String)>,
    audio_level: Option<u8>,
    dependency_descriptor: Option<u8>,
}

impl ProducerExtensions {
    /// `single_layer`: subscribers will only ever see one stream of numbers, so that dependency descriptors,
    /// which we do not renumber over a switch, may be copied.
    pub(crate) fn new(extensions: &[RtpHeaderExtensionParameters], single_layer: bool) -> Self {
        let hop_by_hop = [
            MID,
            RID,
            REPAIRED_RID,
            TRANSPORT_WIDE,
            ABSOLUTE_SEND_TIME,
            TRANSMISSION_OFFSET,
        ];
        ProducerExtensions {
            copied: extensions
                .iter()
                .filter(|one| !hop_by_hop.contains(&one.uri.as_str()))
                .filter(|one| single_layer || one.uri != DEPENDENCY_DESCRIPTOR)
                .map(|one| (one.id, one.uri.clone()))
                .collect(),
            audio_level: id_of(extensions, AUDIO_LEVEL),
            dependency_descriptor: id_of(extensions, DEPENDENCY_DESCRIPTOR),
        }
    }

    /// The index that stands for dependency descriptors, if they may be copied.
    pub(crate) fn descriptor_index(&self) -> Option<u8> {
        let mut copied = (0..).zip(&self.copied);
        let found = copied.find(|(_, (_, uri))| uri == DEPENDENCY_DESCRIPTOR);
        found.map(|(index, _)| index)
    }

    /// The dependency descriptor of a packet.
    pub(crate) fn descriptor<'p>(&self, header: &Header, packet: &'p [u8]) -> Option<&'p [u8]> {
        header.extension(packet, self.dependency_descriptor?)
    }

    /// Finds what may be copied, and the audio level: −dBov, 0 (loudest) to 127.
    pub(crate) fn read(&self, header: &Header, packet: &[u8]) -> (Elements, Option<u8>) {
        let mut elements = Elements::NONE;
        let mut level = None;
        for (id, data) in header.extensions(packet) {
            if Some(id) == self.audio_level {
                level = data.first().map(|byte| byte & 0x7f);
            }
            if let Some(index) = self.copied.iter().position(|(known, _)| *known == id) {
                let at = data.as_ptr().addr() - packet.as_ptr().addr(); // `data` lies in `packet`.
                elements.push(index, at, data.len());
            }
        }
        (elements, level)
    }

    /// The audio level among elements that were read before.
    pub(crate) fn level(&self, elements: &Elements, packet: &[u8]) -> Option<u8> {
        let id = self.audio_level?;
        let index = self.copied.iter().position(|(known, _)| *known == id)?;
        let mut elements = elements.as_slice().iter();
        let element = elements.find(|element| usize::from(element.index) == index)?;
        element.of(packet).first().map(|byte| byte & 0x7f)
    }

    /// Whether packets may have dependency descriptors.
    pub(crate) fn has_descriptors(&self) -> bool {
        self.dependency_descriptor.is_some()
    }

    /// Under which id a consumer wants each of the copied extensions; 0 for not at all.
    pub(crate) fn translate(&self, wanted: &[RtpHeaderExtensionParameters]) -> Box<[u8]> {
        self.copied
            .iter()
            .map(|(_, uri)| id_of(wanted, uri).unwrap_or(0))
            .collect()
    }
}

/// One element of a packet in the ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    /// Index into the producer's copied extensions.
    pub(crate) index: u8,
    len: u8,
    at: u16,
}

impl Element {
    const NONE: Element = Element {
        index: 0,
        len: 0,
        at: 0,
    };

    /// Bytes of its data.
    pub(crate) fn len(self) -> usize {
        usize::from(self.len)
    }

    /// Its data in the bytes of its packet.
    pub(crate) fn of(self, packet: &[u8]) -> &[u8] {
        &packet[usize::from(self.at)..][..self.len()]
    }
}

/// The elements of one packet that may be copied. Those that do not fit are not sent on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements {
    elements: [Element; MAX_ELEMENTS],
    count: u8,
}

impl Elements {
    pub(crate) const NONE: Elements = Elements {
        elements: [Element::NONE; MAX_ELEMENTS],
        count: 0,
    };

    /// The elements, in the order of the packet.
    pub(crate) fn as_slice(&self) -> &[Element] {
        &self.elements[..usize::from(self.count)]
    }

    fn push(&mut self, index: usize, at: usize, len: usize) {
        let free = self.elements.get_mut(usize::from(self.count));
        if let (Some(free), Ok(len), Ok(at)) = (free, u8::try_from(len), u16::try_from(at)) {
            *free = Element {
                index: index as u8,
                len,
                at,
            };
            self.count += 1;
        }
    }
}
