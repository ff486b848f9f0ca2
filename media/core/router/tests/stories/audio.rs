//! Who is heard.

use crate::kit::World;
use crate::kit::camera::Microphone;
use hoichan_router::{Event, ProducerId};

fn levels(world: &mut World) -> Vec<Vec<(ProducerId, f32)>> {
    let events = world.take_events().into_iter();
    let levels = events.filter_map(|event| match event {
        Event::AudioLevels(levels) => Some(levels),
        _ => None,
    });
    levels.collect()
}

#[test]
fn speakers_are_told_loudest_first_and_silence_once() {
    let mut world = World::new();
    let mut peers = [world.peer(1), world.peer(2), world.peer(3)];
    let mut microphones = [77, 78, 79].map(Microphone::new);
    for (id, peer) in (1..).zip(&peers) {
        world.publish_audio(peer, id, 76 + id as u32);
    }
    let mut speak = |world: &mut World, loudness: [u8; 3], millis: u64| {
        for _ in 0..millis / 20 {
            for ((peer, microphone), level) in peers.iter_mut().zip(&mut microphones).zip(loudness)
            {
                world.send(peer, &[microphone.packet(level)]);
            }
            world.pass(20);
        }
    };
    speak(&mut world, [30, 10, 60], 1000);
    let told = levels(&mut world);
    let last = told.last().expect("a window has passed");
    let ids: Vec<ProducerId> = last.iter().map(|level| level.0).collect();
    assert_eq!(
        ids,
        [ProducerId(2), ProducerId(1)],
        "the third is below the threshold"
    );
    assert!((last[0].1 - 0.316).abs() < 0.02, "−10 dBov: {}", last[0].1);

    speak(&mut world, [127; 3], 1000);
    levels(&mut world);
    speak(&mut world, [127; 3], 4000);
    assert_eq!(
        levels(&mut world),
        Vec::<Vec<_>>::new(),
        "silence is told once and costs nothing"
    );
}

#[test]
fn silence_after_speech_is_one_empty_event() {
    let mut world = World::new();
    let mut peer = world.peer(1);
    world.publish_audio(&peer, 1, 77);
    let mut microphone = Microphone::new(77);
    for level in [[10; 40], [127; 40]].concat() {
        world.send(&mut peer, &[microphone.packet(level)]);
        world.pass(20);
    }
    let told = levels(&mut world);
    assert_eq!(told.iter().filter(|levels| levels.is_empty()).count(), 1);
    assert!(told.last().is_some_and(Vec::is_empty));
}
