//! Whatever one wishes for and whenever: what comes of a scalable stream has no hole, and can be decoded.

use crate::kit::World;
use crate::kit::rtp::Packet;
use crate::kit::scalable::{Coding, Mark, ScalableCamera, consumer, producer};
use hoichan_router::{ConsumerId, Wish};
use proptest::prelude::*;
use std::collections::HashSet;

#[derive(Clone, Debug)]
enum Step {
    Picture { is_key: bool },
    Wish(u8, u8),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::bool::weighted(0.15).prop_map(|is_key| Step::Picture { is_key }),
        3 => (0_u8..4, 0_u8..4).prop_map(|(spatial, temporal)| Step::Wish(spatial, temporal)),
        1 => (0_u64..700).prop_map(Step::Pass),
    ]
}

fn coding() -> impl Strategy<Value = (Coding, u8)> {
    prop_oneof![
        Just((Coding::Vp8, 1)),
        Just((Coding::Vp9, 3)),
        Just((Coding::Av1, 3)),
    ]
}

/// What each picture sent was, in order: its number, temporal layer, and whether it was a key picture.
type Sent = Vec<(u16, u8, bool)>;

/// The packets a subscriber heard while all of these happened, swapping those that `swaps` names on their way.
fn play(coding: (Coding, u8), steps: &[Step], swaps: &[usize]) -> (Vec<Packet>, Sent) {
    let mut world = World::new();
    let (mut publisher, mut subscriber) = (world.peer(1), world.peer(2));
    let track = world.publish(&publisher, 1, &producer(coding.0));
    world.subscribe_with(&subscriber, 20, track, &consumer(20), Wish::default());
    let mut camera = ScalableCamera::new(coding.0, coding.1);
    let (mut heard, mut sent) = (Vec::new(), Sent::new());
    for (number, step) in [Step::Picture { is_key: true }]
        .iter()
        .chain(steps)
        .enumerate()
    {
        match step {
            Step::Picture { is_key } => {
                let mut packets = camera.picture(*is_key);
                let mark = Mark::of(&packets[0]).expect("marked");
                sent.push((mark.picture, mark.temporal, *is_key));
                if swaps.contains(&number) {
                    let last = packets.len() - 1;
                    packets.swap(number % last, last);
                }
                world.send(&mut publisher, &packets);
                world.pass(33);
            }
            Step::Wish(spatial_layer, temporal_layer) => {
                let wish = Wish {
                    spatial_layer: *spatial_layer,
                    temporal_layer: *temporal_layer,
                    ..Wish::default()
                };
                world
                    .router
                    .set_consumer(ConsumerId(20), wish)
                    .expect("known");
                world.flush();
            }
            Step::Pass(millis) => world.pass(*millis),
        }
        heard.extend(world.heard(&mut subscriber).rtp);
    }
    (heard, sent)
}

/// The frame that a frame refers to, of the same spatial layer unless it is in a key picture.
fn reference(sent: &Sent, index: usize, spatial: u8) -> Option<(u16, u8)> {
    let (picture, temporal, is_key) = sent[index];
    if is_key {
        return (spatial > 0).then(|| (picture, spatial - 1));
    }
    let before = sent[..index].iter().rev();
    let lower = before.filter(|one| one.1 < temporal || one.1 == 0);
    lower.map(|one| (one.0, spatial)).next()
}

proptest! {
    #[test]
    fn everything_that_is_sent_can_be_decoded(
        coding in coding(), steps in prop::collection::vec(step(), 1..60),
    ) {
        let (heard, sent) = play(coding, &steps, &[]);
        for pair in heard.windows(2) {
            prop_assert_eq!(pair[1].fields.sequence, pair[0].fields.sequence.wrapping_add(1));
            let ends = pair[0].fields.timestamp != pair[1].fields.timestamp;
            prop_assert_eq!(pair[0].fields.marker, ends);
        }
        let marks: Vec<Mark> = heard.iter().filter_map(Mark::of).collect();
        let mut decoded = HashSet::new();
        for mark in &marks {
            let index = sent.iter().position(|one| one.0 == mark.picture).expect("sent");
            let reference = reference(&sent, index, mark.spatial);
            prop_assert!(
                reference.is_none_or(|reference| decoded.contains(&reference)),
                "{:?} refers to {:?}", mark, reference
            );
            decoded.insert((mark.picture, mark.spatial));
        }
        for (picture, spatial) in &decoded {
            let same = |mark: &&Mark| (mark.picture, mark.spatial) == (*picture, *spatial);
            prop_assert_eq!(marks.iter().filter(same).count(), 2, "whole frames");
        }
    }

    #[test]
    fn what_comes_out_of_order_leaves_no_hole_either(
        coding in coding(),
        steps in prop::collection::vec(step(), 1..60),
        swaps in prop::collection::vec(1_usize..60, 0..20),
    ) {
        let (heard, _) = play(coding, &steps, &swaps);
        let mut numbers = HashSet::new();
        for packet in &heard {
            prop_assert!(numbers.insert(packet.fields.sequence), "twice");
        }
        let newest = heard.iter().map(|packet| packet.fields.sequence);
        let first = heard[0].fields.sequence;
        let span = newest.map(|one| one.wrapping_sub(first) as i16).max().expect("some");
        let least = heard.iter().map(|packet| packet.fields.sequence.wrapping_sub(first) as i16);
        let span = span - least.min().expect("some") + 1;
        prop_assert_eq!(span as usize, heard.len());
    }
}
