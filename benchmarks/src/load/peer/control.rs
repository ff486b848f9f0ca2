//! A publisher's RTCP: it reports, repeats what was lost, and makes key frames when asked.

use std::time::{Duration, Instant};

use hoichan_srtp::Session;
use hoichan_wire::rtcp::{self, Packet, write_cname, write_sender_report};

use crate::load::media::Publication;

const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const LARGEST_COMPOUND: usize = 2048;

/// What the server has asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Packets to be sent again.
    pub nacks: u64,
    /// Key frames.
    pub key_frames: u64,
}

/// The control channel of one publisher.
pub struct Control {
    next_report: Instant,
    wishes: Wishes,
    plain: Vec<u8>,
}

impl Control {
    pub fn new(now: Instant) -> Self {
        Self {
            // The first one as soon as there are packets: receivers align layers by it.
            next_report: now,
            wishes: Wishes::default(),
            plain: vec![0; LARGEST_COMPOUND],
        }
    }

    pub fn wishes(&self) -> Wishes {
        self.wishes
    }

    /// A compound of the server's came.
    pub fn take(
        &mut self,
        compound: &[u8],
        session: &mut Session,
        publication: &mut Publication,
        transport_wide: &mut u16,
        mut send: impl FnMut(&[u8]),
    ) {
        let Ok(length) = session.inbound.open_rtcp_into(compound, &mut self.plain) else {
            return;
        };
        for packet in rtcp::packets(&self.plain[..length]) {
            match packet {
                Packet::Pli { media_ssrc, .. } => {
                    self.wishes.key_frames += 1;
                    publication.want_key_frame(media_ssrc);
                }
                Packet::Fir(fir) => {
                    for (ssrc, _) in fir.entries() {
                        self.wishes.key_frames += 1;
                        publication.want_key_frame(ssrc);
                    }
                }
                Packet::Nack(nack) => {
                    let Some(stream) = publication.stream_mut(nack.media_ssrc) else {
                        continue;
                    };
                    for sequence in nack.lost() {
                        self.wishes.nacks += 1;
                        stream.repeat(sequence, session, transport_wide, &mut send);
                    }
                }
                _ => {}
            }
        }
    }

    /// Reports on all sources, if that is due.
    pub fn report(
        &mut self,
        now: Instant,
        publication: &Publication,
        mut send: impl FnMut(&mut Vec<u8>),
    ) {
        if now < self.next_report {
            return;
        }
        for stream in publication.streams() {
            if let Some(info) = stream.report() {
                self.next_report = now + REPORT_INTERVAL;
                let mut compound = Vec::new();
                write_sender_report(&mut compound, &info, &[]);
                write_cname(&mut compound, info.ssrc, b"load");
                send(&mut compound);
            }
        }
    }
}
