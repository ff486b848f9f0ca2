//! Data channels by label: DCEP (RFC 8832) over the streams of one SCTP association.

use hoichan_wire::dcep::{ACKNOWLEDGEMENT, Message, Open, Reliability};
use sctp_proto::{
    Association, PayloadProtocolIdentifier as Ppid, ReliabilityType, Stream, StreamId,
};

use crate::{Counter, DtlsRole, Effect};

/// The largest message either way, in bytes. LiveKit clients send at most 64,000.
pub const MAX_MESSAGE: usize = 256 * 1024;
const MAX_CHANNELS: usize = 16;
const MAX_LABEL: usize = 128;
/// What may wait for the peer, over all channels; a reliable channel that exceeds it is closed.
const SEND_BUFFER: usize = 4 * 1024 * 1024;
/// What may wait on one unreliable channel; what exceeds it is dropped, being late anyway.
const LOSSY_BUFFER: usize = 256 * 1024;

/// How a channel delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In order of sending.
    pub ordered: bool,
    /// How hard it tries.
    pub reliability: Reliability,
}

/// The channels of one transport, at most [`MAX_CHANNELS`].
#[derive(Debug, Default)]
pub struct Channels {
    list: Vec<Channel>,
    /// The next stream to open, of our parity (RFC 8832 §6); `None` before DTLS is up or when used up.
    next_stream: Option<StreamId>,
}

#[derive(Debug)]
struct Channel {
    label: String,
    settings: Settings,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Asked for, before SCTP was up.
    Wanted,
    /// Our OPEN is on its way.
    Opening(StreamId),
    /// Both sides know.
    Open(StreamId),
}

impl Channel {
    fn stream(&self) -> Option<StreamId> {
        match self.stage {
            Stage::Wanted => None,
            Stage::Opening(id) | Stage::Open(id) => Some(id),
        }
    }

    fn open_as(&self, label: &str) -> Option<StreamId> {
        match self.stage {
            Stage::Open(id) if self.label == label => Some(id),
            _ => None,
        }
    }
}

impl Channels {
    /// We have `role` in DTLS: the client opens even streams, the server odd ones.
    pub fn start(&mut self, role: DtlsRole) {
        self.next_stream = Some(match role {
            DtlsRole::Client => 0,
            DtlsRole::Server => 1,
        });
    }

    /// Asks for a channel; [`Channels::open_wanted`] opens it.
    pub fn want(&mut self, label: &str, settings: Settings, out: &mut Vec<Effect>) {
        if self.list.iter().any(|channel| channel.label == label) {
            return;
        }
        if self.list.len() >= MAX_CHANNELS || label.len() > MAX_LABEL {
            out.push(Effect::Count(Counter::ChannelRefused));
            return;
        }
        self.list.push(Channel {
            label: label.to_owned(),
            settings,
            stage: Stage::Wanted,
        });
    }

    /// Sends OPEN for every channel that was asked for.
    pub fn open_wanted(&mut self, association: &mut Association, out: &mut Vec<Effect>) {
        let mut next_stream = self.next_stream;
        self.list.retain_mut(|channel| {
            if channel.stage != Stage::Wanted {
                return true;
            }
            let opened = next_stream.and_then(|id| {
                next_stream = id.checked_add(2);
                send_open(association, id, channel).then_some(id)
            });
            match opened {
                Some(id) => channel.stage = Stage::Opening(id),
                None => out.push(Effect::Count(Counter::ChannelRefused)),
            }
            opened.is_some()
        });
        self.next_stream = next_stream;
    }

    /// Sends a binary message on the open channel called `label`.
    pub fn send(
        &mut self,
        association: &mut Association,
        label: &str,
        payload: &[u8],
        out: &mut Vec<Effect>,
    ) {
        let found = self
            .list
            .iter()
            .find_map(|channel| Some((channel.open_as(label)?, channel.settings)));
        let Some((id, settings)) = found else {
            out.push(Effect::Count(Counter::DataWithoutChannel));
            return;
        };
        let full = self.waiting(association) + payload.len() > SEND_BUFFER;
        let lossy = settings.reliability != Reliability::Reliable;
        let late = lossy && (full || buffered(association, id) > LOSSY_BUFFER);
        if full && !lossy {
            out.push(Effect::Count(Counter::DataOverflow));
            self.close(association, id, out);
        } else if late || payload.len() > MAX_MESSAGE || !write(association, id, payload) {
            out.push(Effect::Count(Counter::DataDropped));
        }
    }

    /// Takes every whole message that stream `id` has.
    pub fn read(&mut self, association: &mut Association, id: StreamId, out: &mut Vec<Effect>) {
        while let Ok(mut stream) = association.stream(id)
            && let Ok(Some(chunks)) = stream.read_sctp()
        {
            let mut payload = vec![0; chunks.len()];
            if chunks.read(&mut payload).is_err() {
                return;
            }
            self.message(association, id, chunks.ppi, payload, out);
        }
    }

    /// SCTP is gone.
    pub fn close_all(&mut self, out: &mut Vec<Effect>) {
        while let Some(channel) = self.list.pop() {
            self.report_closed(&channel, out);
        }
    }

    fn message(
        &mut self,
        association: &mut Association,
        id: StreamId,
        ppid: Ppid,
        payload: Vec<u8>,
        out: &mut Vec<Effect>,
    ) {
        if ppid != Ppid::Dcep {
            // Unordered data may overtake the ACK, and says the same.
            self.peer_acknowledges(association, id, out);
        }
        let label = self
            .list
            .iter()
            .find(|channel| channel.stream() == Some(id))
            .map(|channel| &channel.label);
        let payload = match (ppid, label) {
            (Ppid::Dcep, _) => return self.control(association, id, &payload, out),
            (_, None) => return self.refuse(association, id, out),
            (Ppid::Binary | Ppid::String, Some(_)) => payload,
            // SCTP cannot carry empty messages: one zero byte stands for them (RFC 8831 §6.6).
            (Ppid::BinaryEmpty | Ppid::StringEmpty, Some(_)) => Vec::new(),
            (_, Some(_)) => {
                out.push(Effect::Count(Counter::DataDropped));
                return;
            }
        };
        if let Some(label) = label {
            out.push(Effect::Data {
                label: label.clone(),
                payload,
            });
        }
    }

    fn control(
        &mut self,
        association: &mut Association,
        id: StreamId,
        payload: &[u8],
        out: &mut Vec<Effect>,
    ) {
        match Message::parse(payload) {
            Some(Message::Open(open)) => self.peer_opens(association, id, &open, out),
            Some(Message::Ack) => self.peer_acknowledges(association, id, out),
            None => self.refuse(association, id, out),
        }
    }

    fn peer_opens(
        &mut self,
        association: &mut Association,
        id: StreamId,
        open: &Open<'_>,
        out: &mut Vec<Effect>,
    ) {
        // One that we want but have not opened yet becomes this one.
        self.list
            .retain(|channel| channel.stage != Stage::Wanted || channel.label != open.label);
        let in_use = self.list.iter().any(|channel| channel.stream() == Some(id));
        if in_use || self.list.len() >= MAX_CHANNELS || open.label.len() > MAX_LABEL {
            return self.refuse(association, id, out);
        }
        let Ok(mut stream) = association.stream(id) else {
            return;
        };
        if stream.write_with_ppi(&ACKNOWLEDGEMENT, Ppid::Dcep).is_err() {
            return self.refuse(association, id, out);
        }
        let settings = Settings {
            ordered: open.ordered,
            reliability: open.reliability,
        };
        apply(&mut stream, settings);
        let channel = Channel {
            label: open.label.to_owned(),
            settings,
            stage: Stage::Open(id),
        };
        self.report_opened(&channel, out);
        self.list.push(channel);
    }

    fn peer_acknowledges(
        &mut self,
        association: &mut Association,
        id: StreamId,
        out: &mut Vec<Effect>,
    ) {
        let Some(index) = self
            .list
            .iter()
            .position(|channel| channel.stage == Stage::Opening(id))
        else {
            return;
        };
        if let Ok(mut stream) = association.stream(id) {
            apply(&mut stream, self.list[index].settings);
        }
        self.report_opened(&self.list[index], out);
        self.list[index].stage = Stage::Open(id);
    }

    fn refuse(&mut self, association: &mut Association, id: StreamId, out: &mut Vec<Effect>) {
        out.push(Effect::Count(Counter::ChannelRefused));
        self.close(association, id, out);
    }

    /// Resets stream `id`, in answer to the peer's reset (RFC 8831 §6.7) or of our own, and forgets its channel.
    pub fn close(&mut self, association: &mut Association, id: StreamId, out: &mut Vec<Effect>) {
        if let Ok(mut stream) = association.stream(id) {
            // Fails only when the association is ending, which resets all streams.
            let _ = stream.close();
        }
        if let Some(index) = self
            .list
            .iter()
            .position(|channel| channel.stream() == Some(id))
        {
            let channel = self.list.swap_remove(index);
            self.report_closed(&channel, out);
        }
    }

    /// Two channels may share a label, if both sides open it at once: the application sees one.
    fn report_opened(&self, channel: &Channel, out: &mut Vec<Effect>) {
        if !self.has_open(&channel.label) {
            out.push(Effect::ChannelOpened {
                label: channel.label.clone(),
            });
        }
    }

    fn report_closed(&self, channel: &Channel, out: &mut Vec<Effect>) {
        let was_open = matches!(channel.stage, Stage::Open(_));
        if was_open && !self.has_open(&channel.label) {
            out.push(Effect::ChannelClosed {
                label: channel.label.clone(),
            });
        }
    }

    fn has_open(&self, label: &str) -> bool {
        self.list
            .iter()
            .any(|channel| channel.open_as(label).is_some())
    }

    fn waiting(&self, association: &mut Association) -> usize {
        self.list
            .iter()
            .filter_map(Channel::stream)
            .map(|id| buffered(association, id))
            .sum()
    }
}

/// OPEN goes out in order and reliably; the channel's own settings hold from the ACK on (RFC 8832 §6).
fn send_open(association: &mut Association, id: StreamId, channel: &Channel) -> bool {
    let open = Open {
        ordered: channel.settings.ordered,
        reliability: channel.settings.reliability,
        label: &channel.label,
        protocol: "",
    };
    let Some(message) = open.to_bytes() else {
        return false;
    };
    match association.open_stream(id, Ppid::Binary) {
        Ok(mut stream) => stream.write_with_ppi(&message, Ppid::Dcep).is_ok(),
        Err(_) => false,
    }
}

fn write(association: &mut Association, id: StreamId, payload: &[u8]) -> bool {
    let Ok(mut stream) = association.stream(id) else {
        return false;
    };
    let written = match payload {
        [] => stream.write_with_ppi(&[0], Ppid::BinaryEmpty),
        _ => stream.write_with_ppi(payload, Ppid::Binary),
    };
    written.is_ok()
}

fn apply(stream: &mut Stream<'_>, settings: Settings) {
    let (kind, value) = match settings.reliability {
        Reliability::Reliable => (ReliabilityType::Reliable, 0),
        Reliability::MaxRetransmits(count) => (ReliabilityType::Rexmit, count),
        Reliability::MaxLifetimeMs(lifetime) => (ReliabilityType::Timed, lifetime),
    };
    // Fails only for a closed stream, on which nothing will be sent.
    let _ = stream.set_reliability_params(!settings.ordered, kind, value);
}

fn buffered(association: &mut Association, id: StreamId) -> usize {
    association
        .stream(id)
        .and_then(|stream| stream.buffered_amount())
        .unwrap_or(0)
}
