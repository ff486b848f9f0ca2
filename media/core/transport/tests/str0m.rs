//! `str0m` as the peer: a stack by others, with its own ICE agent, DTLS glue and SCTP.

mod common;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{CERTIFICATE, credentials, opened, secs};
use hoichan_transport::{DtlsRole, Effect, Event, Fingerprint, Path, Transport, Via};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::config::{DtlsVersion, Fingerprint as RtcFingerprint};
use str0m::ice::IceCreds;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};

const SERVER: &str = "198.51.100.1:7882";

struct Call {
    now: Instant,
    server: Transport,
    peer: Rtc,
    peer_address: SocketAddr,
    peer_due: Instant,
    effects: Vec<Effect>,
    peer_events: Vec<str0m::Event>,
}

fn creds(name: &str) -> IceCreds {
    let ours = credentials(name);
    IceCreds {
        ufrag: ours.username_fragment,
        pass: ours.password,
    }
}

impl Call {
    fn new(version: DtlsVersion, peer_role: DtlsRole) -> Self {
        let now = Instant::now();
        let peer_address = "203.0.113.9:40000".parse().expect("an address");
        let mut peer = RtcConfig::new()
            .set_dtls_version(version)
            .set_local_ice_credentials(creds("browser"))
            .build(now);
        let server_address = SERVER.parse().expect("an address");
        peer.add_local_candidate(Candidate::host(peer_address, "udp").expect("a candidate"));
        peer.add_remote_candidate(Candidate::host(server_address, "udp").expect("a candidate"));
        let fingerprint: RtcFingerprint = format!("sha-256 {}", CERTIFICATE.fingerprint())
            .parse()
            .expect("a fingerprint");
        let mut api = peer.direct_api();
        api.set_ice_controlling(true);
        api.set_remote_ice_credentials(creds("server"));
        api.set_remote_fingerprint(fingerprint);
        api.start_dtls(peer_role == DtlsRole::Client)
            .expect("DTLS starts");
        api.start_sctp(peer_role == DtlsRole::Client);
        let server = Transport::new(credentials("server"), Arc::clone(&CERTIFICATE));
        let (effects, peer_events) = (Vec::new(), Vec::new());
        let mut call = Self {
            now,
            server,
            peer,
            peer_address,
            peer_due: now,
            effects,
            peer_events,
        };
        call.connect(peer_role);
        call
    }

    fn connect(&mut self, role: DtlsRole) {
        let announced = self.peer.direct_api().local_dtls_fingerprint().to_string();
        let (algorithm, value) = announced.split_once(' ').expect("algorithm and value");
        let fingerprints = vec![Fingerprint::parse(algorithm, value).expect("a fingerprint")];
        self.event(Event::Connect { role, fingerprints });
    }

    fn event(&mut self, event: Event<'_>) {
        let mut out = Vec::new();
        self.server.handle(self.now, event, &mut out);
        let mut answers = VecDeque::new();
        for effect in out {
            match effect {
                Effect::Transmit { data, .. } => answers.push_back(data),
                other => self.effects.push(other),
            }
        }
        for data in answers {
            let receive = Receive {
                proto: Protocol::Udp,
                source: SERVER.parse().expect("an address"),
                destination: self.peer_address,
                contents: data.as_slice().try_into().expect("a kind that str0m knows"),
            };
            self.peer
                .handle_input(Input::Receive(self.now, receive))
                .expect("str0m goes on");
            self.poll_peer();
        }
    }

    fn poll_peer(&mut self) {
        loop {
            match self.peer.poll_output().expect("str0m goes on") {
                Output::Timeout(at) => {
                    self.peer_due = at;
                    return;
                }
                Output::Transmit(transmit) => {
                    let path = Path {
                        remote: transmit.source,
                        via: Via::Udp,
                    };
                    self.event(Event::Datagram {
                        path,
                        data: &transmit.contents,
                    });
                }
                Output::Event(event) => self.peer_events.push(event),
            }
        }
    }

    fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.now += Duration::from_millis(5);
            if self.peer_due <= self.now {
                self.peer
                    .handle_input(Input::Timeout(self.now))
                    .expect("str0m goes on");
                self.poll_peer();
            }
            if self.server.deadline().is_some_and(|at| at <= self.now) {
                self.event(Event::Timeout);
            }
        }
    }

    fn data(&self) -> Vec<&[u8]> {
        let payloads = self.effects.iter().filter_map(|effect| match effect {
            Effect::Data { payload, .. } => Some(payload.as_slice()),
            _ => None,
        });
        payloads.collect()
    }
}

#[test]
fn str0m_connects_and_talks_in_every_version_and_role() {
    for version in [DtlsVersion::Dtls12, DtlsVersion::Dtls13, DtlsVersion::Auto] {
        for role in [DtlsRole::Client, DtlsRole::Server] {
            let mut call = Call::new(version, role);
            let theirs = call.peer.direct_api().create_data_channel(ChannelConfig {
                label: "_lossy".into(),
                ordered: false,
                reliability: Reliability::MaxRetransmits { retransmits: 0 },
                ..ChannelConfig::default()
            });
            call.event(Event::OpenChannel {
                label: "_reliable",
                ordered: true,
                max_retransmits: None,
            });
            call.run_for(secs(5));
            assert!(
                call.effects.contains(&Effect::Connected),
                "{version:?} {role:?} {:?}",
                call.effects
            );
            assert!(
                call.effects.contains(&opened("_reliable")),
                "{version:?} {role:?} {:?}",
                call.effects
            );
            assert!(
                call.effects.contains(&opened("_lossy")),
                "{version:?} {role:?}"
            );
            let message = vec![42; 64_000];
            let mut channel = call.peer.channel(theirs).expect("it is open");
            channel.write(true, &message).expect("room to write");
            call.event(Event::SendData {
                label: "_reliable",
                payload: &message,
            });
            call.run_for(secs(5));
            assert_eq!(call.data(), [&message[..]]);
            let received = call.peer_events.iter().any(
                |event| matches!(event, str0m::Event::ChannelData(data) if data.data == message),
            );
            assert!(received, "{version:?} {role:?}");
        }
    }
}

#[test]
fn str0m_stays_connected_by_its_own_checks_alone() {
    let mut call = Call::new(DtlsVersion::Auto, DtlsRole::Client);
    call.run_for(secs(120));
    let lost = call
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::Disconnected | Effect::Failed(_)));
    assert!(!lost, "{:?}", call.effects);
}

#[test]
fn str0m_disconnecting_is_noticed() {
    let mut call = Call::new(DtlsVersion::Auto, DtlsRole::Client);
    call.run_for(secs(2));
    call.effects.clear();
    call.peer_due = call.now + secs(3600);
    call.run_for(secs(31));
    assert!(
        matches!(call.effects[..], [Effect::Disconnected, Effect::Failed(_)]),
        "{:?}",
        call.effects
    );
}
