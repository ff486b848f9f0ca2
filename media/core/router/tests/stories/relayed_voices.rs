//! Many open microphones on two workers: the loudest of all are heard on both, and little more crosses.

use crate::kit::camera::Microphone;
use crate::kit::crew::{Crew, OUTPOST};
use crate::kit::{AUDIO_LEVEL, MID, Peer, WISH_BEST, World, extensions, red_microphone};
use hoichan_router::{Event, SpeakerGroup, SpeakerGroupId};

/// Twelve people with open microphones on two workers, of whom three are heard at a time.
struct Hall {
    crew: Crew,
    people: Vec<(usize, Peer, Microphone)>,
    listeners: [Peer; 2],
}

const PEOPLE: u64 = 12;

impl Hall {
    fn new() -> Self {
        let mut crew = Crew::new();
        let listeners = [crew.worlds[0].peer(1000), crew.worlds[1].peer(1001)];
        let people = (0..PEOPLE).map(|id| Self::join(&mut crew, &listeners, id));
        let people = people.collect();
        Hall {
            crew,
            people,
            listeners,
        }
    }

    fn join(crew: &mut Crew, listeners: &[Peer; 2], id: u64) -> (usize, Peer, Microphone) {
        let (at, ssrc) = (id as usize % 2, 5000 + id as u32);
        let peer = crew.worlds[at].peer(id as u32);
        let mut sent_as = red_microphone(ssrc);
        sent_as.header_extensions = extensions(&[MID, AUDIO_LEVEL]);
        let producer = crew.worlds[at].publish(&peer, id, &sent_as);
        let group = SpeakerGroup {
            id: SpeakerGroupId(7),
            loudest: 3,
        };
        let router = &mut crew.worlds[at].router;
        router.rank_producer(producer, Some(group)).expect("known");
        crew.worlds[at].subscribe(&listeners[at], 2000 + id, producer);
        let (far, track) = (1 - at, (producer, &sent_as));
        crew.subscribe(far, &listeners[far], 2000 + id, track, WISH_BEST);
        (at, peer, Microphone::new(ssrc))
    }

    /// Some time in which everybody has a level. Returns whom each listener heard last.
    fn pass(&mut self, millis: u64, level: impl Fn(u64) -> u8) -> [Vec<u64>; 2] {
        let mut heard = [vec![], vec![]];
        for _ in 0..millis / 20 {
            for (id, (at, peer, microphone)) in (0..).zip(&mut self.people) {
                let packet = microphone.packet(level(id));
                self.crew.send(*at, peer, &[packet]);
            }
            self.crew.pass(20);
            heard = [0, 1].map(|at| {
                let packets = self.crew.worlds[at].heard(&mut self.listeners[at]).rtp;
                let mut ids: Vec<u64> = packets
                    .iter()
                    .map(|one| u64::from(one.fields.ssrc) - 2000)
                    .collect();
                ids.sort_unstable();
                ids
            });
        }
        heard
    }
}

#[test]
fn the_loudest_of_all_are_heard_on_both_workers() {
    let mut hall = Hall::new();
    let loud = |loudest: [u64; 3]| move |id| if loudest.contains(&id) { 20 } else { 50 };
    hall.pass(400, |_| 127);
    assert_eq!(hall.pass(2000, loud([0, 2, 5])), [[0, 2, 5], [0, 2, 5]]);
    assert_eq!(hall.pass(8000, loud([1, 3, 7])), [[1, 3, 7], [1, 3, 7]]);
    let [first, second] = &mut hall.crew.worlds;
    assert_eq!([audible(first), audible(second)], [[1, 3, 7], [1, 3, 7]]);
}

#[test]
fn no_more_cross_than_can_be_heard() {
    let mut hall = Hall::new();
    hall.pass(2000, |_| 30);
    let before: u64 = hall
        .crew
        .worlds
        .iter()
        .map(|one| one.counter("packets_relayed"))
        .sum();
    hall.pass(1000, |id| 30 + id as u8);
    let after: u64 = hall
        .crew
        .worlds
        .iter()
        .map(|one| one.counter("packets_relayed"))
        .sum();
    assert!(after - before <= 2 * 3 * 50, "{}", after - before);
}

#[test]
fn who_was_held_back_goes_on_without_a_gap() {
    let mut hall = Hall::new();
    let mut numbers = vec![];
    for loudest in [0..3, 4..7, 0..3, 0..0, 0..3] {
        for _ in 0..300 {
            let level = |id| if loudest.contains(&id) { 20 } else { 127 };
            for (id, (at, peer, microphone)) in (0..).zip(&mut hall.people) {
                let packet = microphone.packet(level(id));
                hall.crew.send(*at, peer, &[packet]);
            }
            hall.crew.pass(20);
            let world = &mut hall.crew.worlds[OUTPOST];
            let packets = world.heard(&mut hall.listeners[OUTPOST]).rtp;
            let of_first = packets.iter().filter(|one| one.fields.ssrc == 2000);
            numbers.extend(of_first.map(|one| one.fields.sequence));
        }
    }
    assert!((700..1400).contains(&numbers.len()), "{}", numbers.len());
    let is_next = |pair: &[u16]| pair[1] == pair[0].wrapping_add(1);
    assert!(numbers.windows(2).all(is_next), "{numbers:?}");
}

/// Whom the last audio levels of a router name.
fn audible(world: &mut World) -> Vec<u64> {
    let events = world.take_events().into_iter();
    let mut levels = events.filter_map(|event| match event {
        Event::AudioLevels(levels) => Some(levels),
        _ => None,
    });
    let mut named: Vec<u64> = levels
        .next_back()
        .unwrap_or_default()
        .iter()
        .map(|one| one.0.0)
        .collect();
    named.sort_unstable();
    named
}
