//! Many open microphones: the loudest are heard, the others cost nothing.

use crate::kit::camera::Microphone;
use crate::kit::rtp::Packet;
use crate::kit::{Peer, World};
use hoichan_router::{Error, ProducerId, SpeakerGroup, SpeakerGroupId};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::{SenderInfo, write_sender_report};

const ROOM: u32 = 100;
const LOUDEST: u16 = 10;
const VOICE: u8 = 25;
const SILENCE: u8 = 127;

/// A hundred people with open microphones, of whom one listens to all the others.
struct Hall {
    world: World,
    people: Vec<Peer>,
    microphones: Vec<Microphone>,
    listener: Peer,
}

impl Hall {
    fn new(loudest: Option<u16>) -> Self {
        let mut world = World::new();
        let listener = world.peer(1000);
        let people: Vec<Peer> = (0..ROOM).map(|id| world.peer(id)).collect();
        for (id, peer) in (0..).zip(&people) {
            let producer = world.publish_audio(peer, id, 5000 + id as u32);
            world.subscribe(&listener, 2000 + id, producer);
            rank(&mut world, id, loudest).expect("known");
        }
        Hall {
            world,
            people,
            microphones: (0..ROOM).map(|id| Microphone::new(5000 + id)).collect(),
            listener,
        }
    }

    /// 20 ms in which these speak, and the others are silent. Returns whom the listener heard, by number.
    fn pass(&mut self, speakers: &[usize]) -> Vec<usize> {
        self.packets(speakers)
            .into_iter()
            .map(|one| one.0)
            .collect()
    }

    fn packets(&mut self, speakers: &[usize]) -> Vec<(usize, Packet)> {
        for (index, peer) in self.people.iter_mut().enumerate() {
            let level = if speakers.contains(&index) {
                VOICE
            } else {
                SILENCE
            };
            let packet = self.microphones[index].packet(level);
            self.world.send(peer, &[packet]);
        }
        self.world.pass(20);
        let heard = self.world.heard(&mut self.listener).rtp;
        let speaker = |packet: &Packet| packet.fields.ssrc as usize - 2000;
        heard.into_iter().map(|one| (speaker(&one), one)).collect()
    }
}

fn rank(world: &mut World, id: u64, loudest: Option<u16>) -> Result<(), Error> {
    let group = loudest.map(|loudest| SpeakerGroup {
        id: SpeakerGroupId(7),
        loudest,
    });
    world.router.rank_producer(ProducerId(id), group)
}

#[test]
fn ten_speakers_among_a_hundred_microphones_are_all_that_is_forwarded() {
    let mut hall = Hall::new(Some(LOUDEST));
    let speakers: Vec<usize> = (40..50).collect();
    hall.pass(&speakers);
    for _ in 0..50 {
        assert_eq!(hall.pass(&speakers), speakers);
    }
    let mut everybody = Hall::new(None);
    everybody.pass(&speakers);
    assert_eq!(everybody.pass(&speakers).len(), 100, "without a limit");
}

#[test]
fn whoever_begins_to_speak_while_there_is_room_is_heard_from_the_first_packet() {
    let mut hall = Hall::new(Some(LOUDEST));
    (0..50).for_each(|_| drop(hall.pass(&[3, 4])));
    for speaker in 60..68 {
        let heard = hall.pass(&[3, 4, speaker]);
        assert!(heard.contains(&speaker), "{speaker}");
    }
}

#[test]
fn an_eleventh_voice_is_heard_as_soon_as_one_of_the_ten_has_paused_for_a_second() {
    let mut hall = Hall::new(Some(LOUDEST));
    let ten: Vec<usize> = (0..10).collect();
    (0..50).for_each(|_| drop(hall.pass(&ten)));
    let eleven: Vec<usize> = (0..11).collect();
    (0..50).for_each(|_| assert_eq!(hall.pass(&eleven), ten, "no louder than they"));
    let without_one: Vec<usize> = (1..11).collect();
    let packets = (1..100).find(|_| hall.pass(&without_one).contains(&10));
    assert!(packets.is_some_and(|packets| packets <= 50), "{packets:?}");
    assert_eq!(hall.pass(&without_one), without_one);
}

#[test]
fn numbers_and_time_go_on_over_every_pause() {
    let mut hall = Hall::new(Some(LOUDEST));
    let others: Vec<usize> = (50..60).collect();
    let mut heard = Vec::new();
    for round in 0..1200 {
        let speaks = round % 400 < 100;
        let speakers = if speaks { vec![7] } else { others.clone() };
        let packets = hall.packets(&speakers);
        let own = packets.into_iter().find(|one| one.0 == 7);
        heard.extend(own.map(|(_, packet)| (round, packet.fields)));
    }
    assert!((300..900).contains(&heard.len()), "{}", heard.len());
    for ((round, before), (next_round, after)) in heard.iter().zip(&heard[1..]) {
        let step = after.sequence.wrapping_sub(before.sequence);
        assert_eq!(step, 1, "what was held back leaves no hole");
        let time = after.timestamp.wrapping_sub(before.timestamp);
        assert_eq!(time, (next_round - round) * 960, "and takes its time");
    }
}

#[test]
fn nothing_is_asked_for_or_reported_of_those_who_are_held_back() {
    let mut hall = Hall::new(Some(LOUDEST));
    let speakers: Vec<usize> = (0..10).collect();
    for index in 0..ROOM as usize {
        let mut compound = Vec::new();
        let info = SenderInfo {
            ssrc: 5000 + index as u32,
            ntp: NtpTime(1 << 32),
            rtp_timestamp: 5,
            packet_count: 1,
            octet_count: 1,
        };
        write_sender_report(&mut compound, &info, &[]);
        hall.pass(&[]);
        hall.world.send_rtcp(&mut hall.people[index], &compound);
    }
    for round in 0..100 {
        hall.pass(&speakers);
        if round % 10 == 0 {
            hall.microphones
                .iter_mut()
                .for_each(|one| drop(one.packet(1))); // Lost on its way.
        }
    }
    let asks = |hall: &mut Hall, index: usize| {
        let heard = hall.world.heard(&mut hall.people[index]);
        heard.nacked().len()
    };
    assert!(asks(&mut hall, 5) > 0, "a speaker is asked");
    assert_eq!(
        (10..100).map(|index| asks(&mut hall, index)).sum::<usize>(),
        0
    );
    hall.world.heard(&mut hall.listener);
    hall.world.pass(1000);
    let heard = hall.world.heard(&mut hall.listener);
    let reports = heard
        .rtcp_packets()
        .filter(|packet| matches!(packet, hoichan_wire::rtcp::Packet::SenderReport(_)));
    assert_eq!(reports.count(), 10);
}

#[test]
fn a_producer_outside_the_group_is_always_heard_and_so_is_who_sends_no_levels() {
    let mut hall = Hall::new(Some(LOUDEST));
    rank(&mut hall.world, 99, None).expect("known");
    let speakers: Vec<usize> = (0..20).collect();
    (0..20).for_each(|_| drop(hall.pass(&speakers)));
    let heard = hall.pass(&speakers);
    assert_eq!(heard.len(), 11);
    assert!(heard.contains(&99), "its silence, too");
    let mut silent = hall.microphones[98].packet(SILENCE);
    silent.extensions.clear();
    hall.world.send(&mut hall.people[98], &[silent]);
    assert_eq!(hall.world.heard(&mut hall.listener).rtp.len(), 1);
}

#[test]
fn somebody_who_is_unranked_while_held_back_goes_on_without_a_hole() {
    let mut hall = Hall::new(Some(LOUDEST));
    let ten: Vec<usize> = (0..10).collect();
    let before = hall.packets(&[70]).pop().expect("heard").1.fields.sequence;
    (0..300).for_each(|_| drop(hall.pass(&ten)));
    rank(&mut hall.world, 70, None).expect("known");
    let heard = hall.packets(&ten);
    let back = heard.iter().find(|one| one.0 == 70).expect("heard");
    let numbers_used = back.1.fields.sequence.wrapping_sub(before);
    assert!(
        numbers_used < 250,
        "its silence until it lost its place: {numbers_used}"
    );
}

#[test]
fn the_muted_do_not_count_and_when_enough_have_left_everybody_is_heard() {
    let mut hall = Hall::new(Some(LOUDEST));
    (0..10).for_each(|_| drop(hall.pass(&[1])));
    for id in 12..100 {
        let muted = hall.world.router.pause_producer(ProducerId(id), true);
        muted.expect("known");
    }
    assert_eq!(hall.pass(&[1]), [1], "twelve are open");
    for id in 10..12 {
        hall.world
            .router
            .remove_producer(ProducerId(id))
            .expect("known");
    }
    let open: Vec<usize> = (0..10).collect();
    for (index, peer) in hall.people.iter_mut().enumerate().take(10) {
        let packet = hall.microphones[index].packet(SILENCE);
        hall.world.send(peer, &[packet]);
    }
    let heard = hall.world.heard(&mut hall.listener).rtp;
    assert_eq!(heard.len(), open.len(), "ten are not too many");
}

#[test]
fn a_limit_that_makes_no_sense_is_refused() {
    let mut hall = Hall::new(Some(LOUDEST));
    assert_eq!(rank(&mut hall.world, 5, Some(0)), Err(Error::Malformed));
    assert_eq!(rank(&mut hall.world, 5, Some(257)), Err(Error::TooMany));
    let nobody = rank(&mut hall.world, 500, Some(5));
    assert_eq!(nobody, Err(Error::UnknownProducer));
}
