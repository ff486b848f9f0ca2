//! The hubs of two workers, and the post between them.

use std::sync::Arc;

use aws_lc_rs::hmac;
use hoichan_transport::{Certificate, IceCredentials};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::stun::{Builder, Class, Role};

use super::super::peer::Phase;
use super::*;
use crate::commands::{Command, TransportId};

const MEDIA: [u8; 100] = [0x80; 100];

/// Two workers, with transport 1 on the first and transport 2 on the second.
struct Pair {
    now: Instant,
    hubs: [Hub; 2],
}

impl Pair {
    fn new() -> Self {
        let now = Instant::now();
        let certificate = Arc::new(Certificate::generate().expect("the system gives randomness"));
        let hubs = [0, 1].map(|worker| {
            let place = Place { worker, crew: 2 };
            let certificate = Arc::clone(&certificate);
            let mut hub = Hub::new(now, NtpTime::default(), 7, certificate, place);
            let transport = TransportId(u64::from(worker) + 1);
            let ice = IceCredentials {
                username_fragment: fragment(worker).to_owned(),
                password: "p".repeat(22),
            };
            hub.command(now, Command::CreateTransport { transport, ice });
            hub
        });
        Self { now, hubs }
    }

    /// A datagram comes to the socket of worker `entrance`, and the post goes round until nobody has anything.
    fn brings(&mut self, entrance: usize, path: Path, mut datagram: Vec<u8>) {
        self.hubs[entrance].receive(self.now, path, &mut datagram);
        self.deliver();
    }

    fn deliver(&mut self) {
        while let Some((from, to, mut parcel)) = self.take_parcel() {
            let from = from as WorkerIndex;
            for notice in parcel.take_notices() {
                self.hubs[to].receive_notice(self.now, from, notice);
            }
            let (now, hub) = (self.now, &mut self.hubs[to]);
            parcel.open(|path, datagram| hub.receive_from(now, from, path, datagram));
            hub.receive_relayed(now, from, &mut parcel.relayed);
        }
    }

    fn take_parcel(&mut self) -> Option<(usize, usize, Parcel)> {
        self.hubs.iter_mut().enumerate().find_map(|(from, hub)| {
            let (to, parcel) = hub.mail().next()?;
            let parcel = std::mem::replace(parcel, Parcel::new(from as WorkerIndex));
            Some((from, usize::from(to), parcel))
        })
    }

    fn counter(&self, worker: usize, name: &str) -> u64 {
        let found = self.hubs[worker]
            .counters()
            .find(|(known, _)| *known == name);
        found.map_or(0, |(_, count)| count)
    }

    /// Whether the transport of that worker has the path.
    fn has(&mut self, worker: usize, path: Path) -> bool {
        self.hubs[worker].demux.by_path(path).is_some()
    }

    /// From now on media flows over the path of that worker's transport.
    fn connect(&mut self, worker: usize) {
        for (_, peer) in &mut self.hubs[worker].peers {
            peer.phase = Phase::Connected;
        }
    }
}

fn fragment(worker: u8) -> &'static str {
    ["Afirst", "Bsecond"][usize::from(worker)]
}

fn path(port: u16) -> Path {
    Path {
        remote: ([192, 0, 2, 1], port).into(),
        via: Via::Udp,
    }
}

/// A nominating check for the transport of that worker.
fn check(worker: u8) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &[b'p'; 22]);
    Builder::new(Class::Request, &[7; 12])
        .username(&format!("{}:peer", fragment(worker)))
        .priority(1)
        .role(Role::Controlling(1))
        .use_candidate()
        .finish(|data| {
            let mac = hmac::sign(&key, data);
            *mac.as_ref().first_chunk().expect("SHA-1 has 20 bytes")
        })
}

#[test]
fn the_entrance_hands_over_what_its_owner_has_proved_and_nothing_before() {
    let mut pair = Pair::new();
    pair.brings(0, path(5), MEDIA.to_vec());
    assert_eq!(pair.counter(0, "dropped_media_unknown_path"), 1);
    pair.brings(0, path(5), check(1));
    assert!(pair.has(1, path(5)) && !pair.has(0, path(5)));
    assert_eq!(pair.hubs[1].outbox().messages().len(), 1, "it answers");
    pair.brings(0, path(5), MEDIA.to_vec());
    assert_eq!(pair.counter(1, "dropped_no_keys"), 1, "so far it came");
    let transport = TransportId(2);
    pair.hubs[1].command(pair.now, Command::CloseTransport { transport });
    pair.deliver();
    pair.brings(0, path(5), MEDIA.to_vec());
    assert_eq!(
        pair.counter(0, "dropped_media_unknown_path"),
        2,
        "it is over"
    );
}

#[test]
fn nothing_is_handed_over_twice() {
    let mut pair = Pair::new();
    pair.brings(0, path(5), check(1));
    let (now, mut media) = (pair.now, MEDIA);
    pair.hubs[0].receive_from(now, 1, path(5), &mut media);
    assert!(pair.take_parcel().is_none());
}

#[test]
fn an_address_that_two_transports_prove_stays_with_the_one_whose_media_flows() {
    for (owner, thief) in [(0, 1), (1, 0)] {
        let mut pair = Pair::new();
        pair.brings(0, path(5), check(owner));
        pair.connect(owner.into());
        pair.brings(0, path(5), check(thief));
        assert!(pair.has(owner.into(), path(5)));
        assert!(!pair.has(thief.into(), path(5)));
        assert_eq!(pair.counter(thief.into(), "dropped_path_taken"), 1);
        pair.brings(0, path(5), MEDIA.to_vec());
        assert_eq!(pair.counter(owner.into(), "dropped_no_keys"), 1);
    }
}

#[test]
fn an_address_over_which_nothing_flows_goes_to_whom_proves_it_last() {
    for (former, next) in [(0, 1), (1, 0)] {
        let mut pair = Pair::new();
        pair.brings(0, path(5), check(former));
        pair.brings(0, path(5), check(next));
        assert!(pair.has(next.into(), path(5)));
        assert!(!pair.has(former.into(), path(5)));
        pair.brings(0, path(5), MEDIA.to_vec());
        assert_eq!(pair.counter(next.into(), "dropped_no_keys"), 1);
        assert_eq!(pair.counter(next.into(), "dropped_path_taken"), 0);
    }
}

#[test]
fn an_entrance_that_begins_anew_still_knows_whose_the_paths_are() {
    let mut pair = Pair::new();
    pair.brings(0, path(5), check(1));
    let [broken, spared] = pair.hubs;
    pair.hubs = [broken.reborn("a fault".to_owned()), spared];
    pair.deliver();
    pair.brings(0, path(5), MEDIA.to_vec());
    assert_eq!(pair.counter(1, "dropped_no_keys"), 1);
}

#[test]
fn the_paths_of_a_worker_that_begins_anew_are_nobody_s() {
    let mut pair = Pair::new();
    pair.brings(0, path(5), check(1));
    let [entrance, broken] = pair.hubs;
    pair.hubs = [entrance, broken.reborn("a fault".to_owned())];
    pair.deliver();
    pair.brings(0, path(5), MEDIA.to_vec());
    assert_eq!(pair.counter(0, "dropped_media_unknown_path"), 1);
}
