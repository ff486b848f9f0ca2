//! What our core spends per forwarded packet: real sockets, ICE, DTLS and SRTP, one camera or several to many subscribers.
//!
//! `forwarding [subscribers] [seconds] [publishers]` prints one line of JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use benchmarks::client::{Client, Incoming};
use benchmarks::cpu::{self, ThreadTime};
use benchmarks::publisher::{ABS_SEND_TIME_ID, MID_ID, PAYLOAD_TYPE, Publisher, TWCC_ID, delay};
use benchmarks::report::{Report, percentile};
use hoichan_core::commands::{Command, DtlsFingerprint, TransportId};
use hoichan_core::events::Event;
use hoichan_core::{MediaCore, THREAD_NAME};
use hoichan_router::{
    ConsumerId, ConsumerParameters, MediaKind, PayloadTypeMapping, ProducerId, ProducerParameters,
    RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters, Wish,
};
use hoichan_transport::{DtlsRole, IceCredentials};

const PATIENCE: Duration = Duration::from_secs(10);
/// So many newcomers are measured. They come so far apart that none waits because another has just had a key frame asked
/// for: the core asks for one at most every half second.
const MEASURED_JOINS: u64 = 10;
const BETWEEN_JOINS: Duration = Duration::from_millis(600);
const WARM_UP: Duration = Duration::from_secs(1);
const EXTENSIONS: [(u8, &str); 3] = [
    (MID_ID, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    (
        ABS_SEND_TIME_ID,
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    ),
    (
        TWCC_ID,
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ),
];

fn main() {
    let arguments: Vec<u64> = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("arguments are numbers"))
        .collect();
    let argument = |at: usize, default: u64| arguments.get(at).copied().unwrap_or(default);
    let (subscribers, seconds, publishers) = (argument(0, 50), argument(1, 5), argument(2, 1));
    // The worker inherits the core this thread is on when it starts.
    cpu::pin(cpu::SERVER).expect("the machine has a first core");
    let core = MediaCore::start(([127, 0, 0, 1], 0).into(), None).expect("loopback can be bound");
    cpu::pin(cpu::CLIENTS).expect("the machine has two cores");
    let mut world = World::new(core);
    for _ in 0..publishers {
        world.add_publisher();
    }
    let mut joins = Vec::new();
    for number in 0..subscribers {
        if number < MEASURED_JOINS {
            world.run_for(BETWEEN_JOINS);
            joins.push(world.add_subscriber());
        } else {
            world.add_subscriber();
        }
    }
    world.run_for(WARM_UP);
    let before = world.measure();
    world.delays_us.clear();
    world.run_for(Duration::from_secs(seconds));
    let after = world.measure();
    let Measured {
        cpu,
        waited,
        wall,
        received,
        sent,
        messages,
        datagrams,
    } = after - before;
    Report::default()
        .text("what", "forwarding")
        .text(
            "profile",
            &format!(
                "{:?}",
                world.publishers[0].0.profile().expect("it is connected")
            ),
        )
        .number("subscribers", subscribers as f64)
        .number("publishers", publishers as f64)
        .number(
            "cpu_us_per_packet",
            cpu.as_secs_f64() * 1e6 / received as f64,
        )
        .number("packets_per_second", received as f64 / wall.as_secs_f64())
        .number("busy", cpu.as_secs_f64() / wall.as_secs_f64())
        .number("disturbed", waited.as_secs_f64() / wall.as_secs_f64())
        .number("lost", 1.0 - received as f64 / (sent * subscribers) as f64)
        .number("packets_per_message", datagrams as f64 / messages as f64)
        .number("delay_ms_p50", percentile(&mut world.delays_us, 0.5) / 1e3)
        .number("delay_ms_p99", percentile(&mut world.delays_us, 0.99) / 1e3)
        .number("join_ms_p50", percentile(&mut joins, 0.5))
        .number("join_ms_p95", percentile(&mut joins, 0.95))
        .print();
}

/// The server, and everybody it serves.
struct World {
    core: MediaCore,
    server: SocketAddr,
    worker: ThreadTime,
    start: Instant,
    publishers: Vec<(Client, Publisher)>,
    /// With how many packets of media each has received.
    subscribers: Vec<(Client, u64)>,
    transports: u64,
    sent: u64,
    delays_us: Vec<f64>,
}

/// Totals at one moment, or between two.
#[derive(Clone, Copy)]
struct Measured {
    cpu: Duration,
    /// For the worker's core and for the clients', both.
    waited: Duration,
    wall: Duration,
    received: u64,
    sent: u64,
    messages: u64,
    datagrams: u64,
}

impl std::ops::Sub for Measured {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            cpu: self.cpu - earlier.cpu,
            waited: self.waited - earlier.waited,
            wall: self.wall - earlier.wall,
            received: self.received - earlier.received,
            sent: self.sent - earlier.sent,
            messages: self.messages - earlier.messages,
            datagrams: self.datagrams - earlier.datagrams,
        }
    }
}

impl World {
    fn new(core: MediaCore) -> Self {
        Self {
            server: core.udp_address(),
            worker: ThreadTime::of(THREAD_NAME).expect("the core has a worker"),
            core,
            start: Instant::now(),
            publishers: Vec::new(),
            subscribers: Vec::new(),
            transports: 0,
            sent: 0,
            delays_us: Vec::new(),
        }
    }

    /// Everybody takes a turn; the core's events are looked through for what must not happen.
    fn step(&mut self) {
        let now = Instant::now();
        for (client, publisher) in &mut self.publishers {
            let asks = |incoming: Incoming<'_>| {
                if let Incoming::KeyFrameRequest = incoming {
                    publisher.want_key_frame();
                }
            };
            client.sweep(now, asks);
            let socket = client
                .socket()
                .try_clone()
                .expect("there are descriptors left");
            if let Some(session) = client.session() {
                let packets =
                    publisher.publish(Instant::now(), self.start, session, &socket, self.server);
                self.sent += packets as u64;
            }
        }
        for (client, received) in &mut self.subscribers {
            let now = Instant::now();
            client.sweep(now, |incoming| {
                if let Incoming::Media(_, payload) = incoming {
                    *received += 1;
                    let delay = delay(now - self.start, payload).expect("our own payload");
                    self.delays_us.push(delay.as_secs_f64() * 1e6);
                }
            });
        }
        self.core.silence();
        while let Some(event) = self.core.next_event() {
            match event {
                Event::TransportFailed { .. }
                | Event::CommandFailed { .. }
                | Event::WorkerFault { .. } => {
                    panic!("{event:?}")
                }
                _ => {}
            }
        }
    }

    fn run_for(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.step();
        }
    }

    fn measure(&self) -> Measured {
        let counters: BTreeMap<_, _> = self.core.counters().into_iter().collect();
        Measured {
            cpu: self.worker.spent().expect("the worker runs"),
            waited: self.worker.waited().expect("the worker runs")
                + ThreadTime::own().waited().expect("this thread runs"),
            wall: self.start.elapsed(),
            received: self.subscribers.iter().map(|(_, received)| received).sum(),
            sent: self.sent,
            messages: counters["udp_messages_sent"],
            datagrams: counters["udp_datagrams_sent"],
        }
    }

    fn submit(&self, command: Command) {
        assert!(
            self.core.submit(command),
            "the queue has room for some commands"
        );
    }

    /// A new client, and its transport.
    fn connect(&mut self) -> (Client, TransportId) {
        self.transports += 1;
        let transport = TransportId(self.transports);
        let ice = IceCredentials {
            username_fragment: format!("bench{}", self.transports),
            password: format!("password{:016}", self.transports),
        };
        let ssrc = 0x1000_0000 + self.transports as u32;
        let client = Client::new(Instant::now(), self.server, ice.clone(), ssrc);
        let client = client.expect("a client can be made");
        self.submit(Command::CreateTransport { transport, ice });
        self.submit(Command::ConnectTransport {
            transport,
            role: DtlsRole::Client,
            fingerprints: vec![DtlsFingerprint {
                algorithm: "sha-256".to_owned(),
                value: client.fingerprint().to_owned(),
            }],
        });
        (client, transport)
    }

    fn add_publisher(&mut self) {
        let (client, transport) = self.connect();
        let number = self.publishers.len() as u64;
        let ssrc = 0x2000_0000 + number as u32;
        self.submit(Command::AddProducer {
            producer: ProducerId(number),
            transport,
            parameters: ProducerParameters {
                kind: MediaKind::Video,
                mid: "0".to_owned(),
                codecs: vec![RtpCodecParameters {
                    mime_type: "video/VP8".to_owned(),
                    payload_type: PAYLOAD_TYPE,
                    clock_rate: 90_000,
                    rtx_payload_type: Some(PAYLOAD_TYPE + 1),
                }],
                header_extensions: extensions(),
                encodings: vec![RtpEncodingParameters {
                    rid: None,
                    ssrc: Some(ssrc),
                    rtx_ssrc: Some(ssrc + 0x0100_0000),
                }],
            },
        });
        self.publishers
            .push((client, Publisher::new(Instant::now(), ssrc)));
        let begun = Instant::now();
        let at = self.publishers.len() - 1;
        while self.publishers[at].0.session().is_none() {
            assert!(begun.elapsed() < PATIENCE, "a publisher did not connect");
            self.step();
        }
    }

    /// A subscriber to everybody. Returns how long it took, in milliseconds, from asking for a transport to the first
    /// packet of media, opened.
    fn add_subscriber(&mut self) -> f64 {
        let begun = Instant::now();
        let (client, transport) = self.connect();
        for number in 0..self.publishers.len() as u64 {
            self.submit(Command::AddConsumer {
                consumer: ConsumerId(self.transports * 1000 + number),
                transport,
                producer: ProducerId(number),
                parameters: consumer_parameters(number as u32),
                wish: Wish {
                    spatial_layer: 0,
                    ..Wish::default()
                },
            });
        }
        self.subscribers.push((client, 0));
        let at = self.subscribers.len() - 1;
        while self.subscribers[at].1 == 0 {
            assert!(begun.elapsed() < PATIENCE, "a subscriber got no media");
            self.step();
        }
        begun.elapsed().as_secs_f64() * 1e3
    }
}

fn extensions() -> Vec<RtpHeaderExtensionParameters> {
    let extension = |(id, uri): (u8, &str)| RtpHeaderExtensionParameters {
        uri: uri.to_owned(),
        id,
    };
    EXTENSIONS.into_iter().map(extension).collect()
}

fn consumer_parameters(number: u32) -> ConsumerParameters {
    ConsumerParameters {
        mid: number.to_string(),
        ssrc: 0x3000_0000 + number,
        rtx_ssrc: Some(0x4000_0000 + number),
        cname: "bench".to_owned(),
        payload_types: vec![PayloadTypeMapping {
            producer: PAYLOAD_TYPE,
            consumer: PAYLOAD_TYPE,
            consumer_rtx: Some(PAYLOAD_TYPE + 1),
        }],
        red: None,
        header_extensions: extensions(),
    }
}
