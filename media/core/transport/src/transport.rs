//! The transport itself: hands each event to the part it concerns, and what one part says to the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hoichan_wire::dcep::Reliability;

use crate::channels::Settings;
use crate::consent::Consent;
use crate::dtls::{Dtls, Input, Output};
use crate::ice::Ice;
use crate::sctp::Sctp;
use crate::{
    Certificate, Counter, DtlsRole, Effect, Event, Fingerprint, IceCredentials, Path, Reason,
};

/// From `Connect` to `Connected`. ICE over a satellite with loss takes half of it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// DTLS datagrams kept before `Connect`: a ClientHello with its fragments, and one repetition.
const MAX_EARLY: usize = 4;
/// The first byte of a DTLS record (RFC 7983 §7).
const DTLS_FIRST_BYTES: std::ops::RangeInclusive<u8> = 20..=63;

/// One peer's ICE-lite, DTLS and SCTP state.
#[derive(Debug)]
pub struct Transport {
    ice: Ice,
    sctp: Sctp,
    certificate: Arc<Certificate>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// For `Connect`. Checks are answered already.
    Waiting { early: Vec<Vec<u8>> },
    /// A path must be nominated, and the handshake must end well.
    Connecting { dtls: Box<Dtls>, until: Instant },
    /// Both have happened.
    Connected { dtls: Box<Dtls>, consent: Consent },
    /// Final.
    Ended,
}

impl Transport {
    /// A transport that answers checks for `local` and waits for [`Event::Connect`].
    #[must_use]
    pub fn new(local: IceCredentials, certificate: Arc<Certificate>) -> Self {
        Self {
            ice: Ice::new(local),
            sctp: Sctp::new(),
            certificate,
            state: State::Waiting { early: Vec::new() },
        }
    }

    /// Takes one event at `now` and appends what is to be done to `out`. `now` never goes back.
    pub fn handle(&mut self, now: Instant, event: Event<'_>, out: &mut Vec<Effect>) {
        if matches!(self.state, State::Ended) {
            return;
        }
        self.let_time_pass(now, out);
        if matches!(self.state, State::Ended) {
            return;
        }
        match event {
            Event::Datagram { path, data } => self.datagram(now, path, data, out),
            Event::PathClosed(path) => self.ice.path_closed(path, out),
            Event::Connect { role, fingerprints } => self.connect(now, role, fingerprints, out),
            Event::RestartIce(local) => self.ice.restart(local, out),
            Event::OpenChannel {
                label,
                ordered,
                max_retransmits,
            } => {
                let reliability =
                    max_retransmits.map_or(Reliability::Reliable, Reliability::MaxRetransmits);
                self.sctp.open(
                    label,
                    Settings {
                        ordered,
                        reliability,
                    },
                    out,
                );
            }
            Event::SendData { label, payload } => self.sctp.send(label, payload, out),
            Event::MediaSeen => self.alive(now, out),
            Event::Close => self.close(now, out),
            Event::Timeout => {}
        }
        self.flush_sctp(now, out);
        self.advance(now, out);
    }

    /// When [`Event::Timeout`] is due, if at all.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let (dtls, own) = match &self.state {
            State::Waiting { .. } | State::Ended => return None,
            State::Connecting { dtls, until } => (dtls, *until),
            State::Connected { dtls, consent } => (dtls, consent.deadline()),
        };
        [Some(own), dtls.deadline(), self.sctp.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is due by `now`: it comes before whatever happens at `now`.
    fn let_time_pass(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let said = match &mut self.state {
            State::Connecting { until, .. } if now >= *until => {
                Some(Effect::Failed(Reason::Timeout))
            }
            State::Connected { consent, .. } => consent.check(now),
            _ => None,
        };
        match said {
            Some(Effect::Failed(reason)) => return self.fail(reason, out),
            other => out.extend(other),
        }
        if self.sctp.deadline().is_some_and(|at| now >= at) {
            self.sctp.timeout(now, out);
        }
        if self
            .dtls()
            .and_then(Dtls::deadline)
            .is_some_and(|at| now >= at)
        {
            self.drive(now, Input::Timeout, out);
        }
    }

    fn datagram(&mut self, now: Instant, path: Path, data: &[u8], out: &mut Vec<Effect>) {
        match data.first() {
            Some(first) if DTLS_FIRST_BYTES.contains(first) => {
                self.dtls_datagram(now, path, data, out)
            }
            _ => {
                let authentic = self.ice.handle(now, path, data, out);
                if authentic && self.ice.paths().selected() == Some(path) {
                    self.alive(now, out);
                }
            }
        }
    }

    fn dtls_datagram(&mut self, now: Instant, path: Path, data: &[u8], out: &mut Vec<Effect>) {
        if !self.ice.paths().contains(path) {
            out.push(Effect::Count(Counter::DtlsUnverifiedPath));
            return;
        }
        match &mut self.state {
            State::Waiting { early } if early.len() < MAX_EARLY => early.push(data.to_vec()),
            State::Waiting { .. } => out.push(Effect::Count(Counter::DtlsTooEarly)),
            _ => self.drive(now, Input::Datagram(data), out),
        }
    }

    fn connect(
        &mut self,
        now: Instant,
        role: DtlsRole,
        fingerprints: Vec<Fingerprint>,
        out: &mut Vec<Effect>,
    ) {
        let early = match &mut self.state {
            State::Waiting { early } => std::mem::take(early),
            State::Connecting { dtls, .. } | State::Connected { dtls, .. } => {
                if !dtls.expects(&fingerprints) {
                    out.push(Effect::Count(Counter::ConnectRefused));
                }
                return;
            }
            State::Ended => return,
        };
        let ours = match role {
            DtlsRole::Client => DtlsRole::Server,
            DtlsRole::Server => DtlsRole::Client,
        };
        let dtls = Box::new(Dtls::new(now, &self.certificate, ours, fingerprints));
        self.state = State::Connecting {
            dtls,
            until: now + CONNECT_TIMEOUT,
        };
        for data in early {
            self.drive(now, Input::Datagram(&data), out);
        }
    }

    fn alive(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if let State::Connected { consent, .. } = &mut self.state {
            out.extend(consent.seen(now));
        }
    }

    /// Gives DTLS one input, and passes on what comes of it.
    fn drive(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        let (State::Connecting { dtls, .. } | State::Connected { dtls, .. }) = &mut self.state
        else {
            return;
        };
        let route = self.ice.paths().route();
        let mut outputs = Vec::new();
        let result = dtls.handle(now, input, &mut outputs);
        let role = dtls.role();
        for output in outputs {
            match output {
                // Without a path, as when a TCP connection broke, it is lost and will be sent again.
                Output::Packet(data) => {
                    out.extend(route.map(|path| Effect::Transmit { path, data }))
                }
                Output::Keys(profile, material) => {
                    let we_are_client = role == DtlsRole::Client;
                    out.push(Effect::Keys {
                        profile,
                        material,
                        we_are_client,
                    });
                    self.sctp.start(role);
                }
                Output::Data(packet) => self.sctp.receive(now, packet, out),
            }
        }
        if let Err(reason) = result {
            self.fail(reason, out);
        }
    }

    /// Encrypts and sends what SCTP has made.
    fn flush_sctp(&mut self, now: Instant, out: &mut Vec<Effect>) {
        while let Some(packets) = self.sctp.poll_packets(now) {
            for packet in packets {
                self.drive(now, Input::Send(&packet), out);
            }
        }
    }

    /// Takes the steps that wait for two things to have happened, in whichever order.
    fn advance(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if self.ice.paths().route().is_some()
            && self.dtls().is_some_and(|dtls| dtls.deadline().is_none())
        {
            // Its first timeout: only now a client's ClientHello has somewhere to go.
            self.drive(now, Input::Timeout, out);
        }
        let nominated = self.ice.paths().selected().is_some();
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Connecting { dtls, .. } if nominated && dtls.is_established() => {
                out.push(Effect::Connected);
                State::Connected {
                    dtls,
                    consent: Consent::Fresh { seen: now },
                }
            }
            unchanged => unchanged,
        };
    }

    fn close(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let mut outputs = Vec::new();
        if let State::Connected { dtls, .. } = &mut self.state {
            // If it cannot be said, the peer's consent timer will tell it.
            let _ = dtls.handle(now, Input::Close, &mut outputs);
        }
        let route = self.ice.paths().route();
        let packets = outputs.into_iter().filter_map(|output| match output {
            Output::Packet(data) => Some(Effect::Transmit { path: route?, data }),
            Output::Keys(..) | Output::Data(_) => None,
        });
        out.extend(packets);
        self.state = State::Ended;
    }

    fn dtls(&self) -> Option<&Dtls> {
        match &self.state {
            State::Connecting { dtls, .. } | State::Connected { dtls, .. } => Some(dtls),
            State::Waiting { .. } | State::Ended => None,
        }
    }

    fn fail(&mut self, reason: Reason, out: &mut Vec<Effect>) {
        self.state = State::Ended;
        out.push(Effect::Failed(reason));
    }
}
