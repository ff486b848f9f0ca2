//! What subscribers receive: counted by headers, opened now and then, acknowledged as browsers do.

mod feedback;
mod formats;
mod frames;
mod source;

use std::time::Instant;

use hoichan_srtp::Session;
use hoichan_wire::rtcp;
use hoichan_wire::rtp::Header;

use super::clock::Nanoseconds;
use super::media::stamp::Stamp;
use feedback::Feedback;
pub use formats::{Formats, Kind};
pub use frames::Frames;
use source::Source;

const LARGEST_PACKET: usize = 2048;

/// Sums over all that one connection, or all connections, received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// RTP packets without retransmissions.
    pub packets: u64,
    /// Their bytes, as UDP carries them.
    pub bytes: u64,
    /// Of `packets`.
    pub video_packets: u64,
    /// Retransmissions, and probes.
    pub retransmitted: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Packets that were authenticated and decrypted.
    pub opened: u64,
    /// Packets that could not be.
    pub forged: u64,
    /// Pictures.
    pub frames: Frames,
}

/// What happens once, or seldom.
#[derive(Clone, Debug, Default)]
pub struct Moments {
    /// The first packet of a key frame.
    pub first_frame: Option<Nanoseconds>,
    /// The first packet of a microphone.
    pub first_audio: Option<Nanoseconds>,
    /// How long each switch of layers took, in milliseconds.
    pub switches_ms: Vec<f64>,
}

/// What one connection receives.
pub struct Reception {
    formats: Formats,
    sources: Vec<Source>,
    /// The source of the last packet: the next is likely of the same.
    last: usize,
    feedback: Feedback,
    totals: Totals,
    moments: Moments,
    sample: u32,
    plain: Vec<u8>,
}

impl Reception {
    /// Nothing was received yet. One packet in `sample` will be opened.
    #[must_use]
    pub fn new(now: Instant, ssrc: u32, sample: u32) -> Self {
        Self {
            formats: Formats::default(),
            sources: Vec::new(),
            last: 0,
            feedback: Feedback::new(now, ssrc),
            totals: Totals::default(),
            moments: Moments::default(),
            sample,
            plain: vec![0; LARGEST_PACKET],
        }
    }

    /// What may come has been agreed, again.
    pub fn agree(&mut self, formats: Formats) {
        self.feedback
            .agree(formats.transport_wide, formats.uses_remb);
        self.formats = formats;
    }

    /// The totals.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.totals;
        for source in &self.sources {
            totals.lost += source.lost();
            totals.frames += source.frames();
        }
        totals
    }

    /// The moments.
    #[must_use]
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Tracks of which something came.
    #[must_use]
    pub fn tracks(&self) -> usize {
        self.sources.len()
    }

    /// Another layer of `ssrc` was asked for at `now`.
    pub fn await_layer(&mut self, now: Nanoseconds, ssrc: u32, layer: u8) {
        if let Some(source) = self.sources.iter_mut().find(|source| source.ssrc == ssrc) {
            source.await_layer(now, layer);
        }
    }

    /// An RTP packet arrived. Adds to `delays_ms` if it is one of those that are opened.
    pub fn take(
        &mut self,
        now: Instant,
        arrived: Nanoseconds,
        datagram: &[u8],
        session: &mut Session,
        delays_ms: &mut Vec<f32>,
    ) {
        let Some(header) = Header::parse(datagram) else {
            return;
        };
        if let Some(id) = self.formats.transport_wide
            && let Some([high, low]) = header.extension(datagram, id)
        {
            self.feedback
                .arrived(u16::from_be_bytes([*high, *low]), arrived);
        }
        let kind = self.formats.kind(header.fields.payload_type);
        match kind {
            Kind::Unknown => {}
            Kind::Retransmission => self.take_retransmission(&header, datagram, session),
            Kind::Audio | Kind::Video => {
                self.count(kind, datagram.len());
                let at = self.source(kind, header.fields.ssrc);
                let source = &mut self.sources[at];
                source.take(now, arrived, &header);
                if source.is_to_be_opened(self.sample) {
                    self.open(at, arrived, &header, datagram, session, delays_ms);
                }
            }
        }
    }

    fn count(&mut self, kind: Kind, length: usize) {
        self.totals.packets += 1;
        self.totals.bytes += length as u64;
        self.totals.video_packets += u64::from(kind == Kind::Video);
    }

    fn source(&mut self, kind: Kind, ssrc: u32) -> usize {
        if self
            .sources
            .get(self.last)
            .is_none_or(|source| source.ssrc != ssrc)
        {
            let known = self.sources.iter().position(|source| source.ssrc == ssrc);
            self.last = known.unwrap_or_else(|| {
                self.sources.push(Source::new(ssrc, kind));
                self.sources.len() - 1
            });
        }
        self.last
    }

    fn open(
        &mut self,
        at: usize,
        arrived: Nanoseconds,
        header: &Header,
        datagram: &[u8],
        session: &mut Session,
        delays_ms: &mut Vec<f32>,
    ) {
        let Ok(opened) = session
            .inbound
            .open_rtp_into(datagram, header, &mut self.plain)
        else {
            self.totals.forged += 1;
            return;
        };
        self.totals.opened += 1;
        let Some(stamp) = header
            .payload(&self.plain[..opened.len])
            .and_then(Stamp::read)
        else {
            return; // A server may send packets of its own, as silence or padding.
        };
        delays_ms.push(arrived.saturating_sub(stamp.sent) as f32 / 1e6);
        let source = &mut self.sources[at];
        match source.kind {
            Kind::Video if stamp.is_key => {
                self.moments.first_frame.get_or_insert(arrived);
            }
            Kind::Audio => {
                self.moments.first_audio.get_or_insert(arrived);
            }
            _ => {}
        }
        if let Some(took) = source.opened(arrived, stamp) {
            self.moments.switches_ms.push(took as f64 / 1e6);
        }
    }

    fn take_retransmission(&mut self, header: &Header, datagram: &[u8], session: &mut Session) {
        self.totals.retransmitted += 1;
        let Ok(opened) = session
            .inbound
            .open_rtp_into(datagram, header, &mut self.plain)
        else {
            self.totals.forged += 1;
            return;
        };
        // Probes are retransmissions without a payload, or of something old.
        let original = header
            .payload(&self.plain[..opened.len])
            .and_then(|payload| payload.first_chunk());
        let Some(sequence) = original.map(|bytes| u16::from_be_bytes(*bytes)) else {
            return;
        };
        let primary = self.formats.repeated_by(header.fields.ssrc);
        let source = self.sources.iter_mut().find(|source| match primary {
            Some(primary) => source.ssrc == primary,
            None => source.kind == Kind::Video,
        });
        if let Some(source) = source {
            source.recover(sequence);
        }
    }

    /// A compound came: sender reports are remembered, because reports of ours refer to them.
    pub fn take_control(&mut self, arrived: Nanoseconds, compound: &[u8], session: &mut Session) {
        let Ok(length) = session.inbound.open_rtcp_into(compound, &mut self.plain) else {
            return;
        };
        for packet in rtcp::packets(&self.plain[..length]) {
            if let rtcp::Packet::SenderReport(report) = packet
                && let Some(source) = self
                    .sources
                    .iter_mut()
                    .find(|one| one.ssrc == report.info.ssrc)
            {
                source.sender_report(arrived, report.info.ntp);
            }
        }
    }

    /// Appends the feedback that is due; each part is a compound of its own.
    pub fn report(&mut self, now: Instant, wall: Nanoseconds, mut send: impl FnMut(&mut Vec<u8>)) {
        self.feedback
            .report(now, wall, &mut self.sources, &mut send);
    }
}
