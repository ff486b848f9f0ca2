//! Whatever a receiver tells: no panic, and no estimate beyond what was asked for and sent.

use hoichan_bandwidth::Estimator;
use hoichan_wire::rtcp::{Arrival, Packet, packets, write_transport_feedback};
use proptest::prelude::*;
use std::time::Duration;

const DESIRED: u64 = 1_000_000;

/// What one step of a call is.
#[derive(Clone, Debug)]
enum Step {
    /// So many packets of so many bytes leave, a millisecond apart.
    Send(u8, u16),
    /// Nothing happens for so many ms.
    Wait(u16),
    /// Feedback that is well formed, and says anything.
    Tell {
        base: u16,
        arrivals: Vec<(u8, i32)>,
    },
    /// Bytes, as the body of a feedback.
    Noise(Vec<u8>),
    Remb(u64),
    Report,
}

fn step() -> impl Strategy<Value = Step> {
    let arrival = (1_u8..20, -40_000_i32..40_000);
    prop_oneof![
        4 => (1_u8..80, 0_u16..1500).prop_map(|(count, bytes)| Step::Send(count, bytes)),
        1 => any::<u16>().prop_map(Step::Wait),
        4 => (any::<u16>(), prop::collection::vec(arrival, 1..80))
            .prop_map(|(base, arrivals)| Step::Tell { base, arrivals }),
        2 => prop::collection::vec(any::<u8>(), 16..200).prop_map(Step::Noise),
        1 => any::<u64>().prop_map(Step::Remb),
        1 => Just(Step::Report),
    ]
}

fn hear(estimator: &mut Estimator, now: Duration, compound: &[u8]) {
    for packet in packets(compound) {
        if let Packet::TransportFeedback(feedback) = packet {
            estimator.feedback(now, &feedback);
        }
    }
}

fn well_formed(base: u16, arrivals: &[(u8, i32)]) -> Vec<u8> {
    let mut sequence = u64::from(base);
    let mut ticks = 1_000_000_i64;
    let arrivals: Vec<Arrival> = arrivals
        .iter()
        .map(|(gap, delta)| {
            sequence += u64::from(*gap);
            ticks += i64::from(*delta);
            Arrival { sequence, ticks }
        })
        .collect();
    let mut compound = Vec::new();
    write_transport_feedback(&mut compound, (1, 2), 0, u64::from(base), &arrivals);
    compound
}

/// A feedback packet around any bytes.
fn framed(body: &[u8]) -> Vec<u8> {
    let words = body.len() / 4;
    let mut compound = vec![0x8f, 205, (words >> 8) as u8, words as u8];
    compound.extend_from_slice(&body[..words * 4]);
    compound
}

proptest! {
    #[test]
    fn nothing_a_receiver_says_breaks_the_estimate(
        first: u16,
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let mut estimator = Estimator::default();
        estimator.set_desired(DESIRED);
        let (mut now, mut next) = (Duration::from_secs(5), first);
        for step in steps {
            match step {
                Step::Send(count, bytes) => {
                    for _ in 0..count {
                        estimator.sent(now, next, usize::from(bytes));
                        next = next.wrapping_add(1);
                        now += Duration::from_millis(1);
                        estimator.timeout(now);
                    }
                }
                Step::Wait(millis) => now += Duration::from_millis(u64::from(millis)),
                Step::Tell { base, arrivals } => {
                    let base = next.wrapping_sub(base % 2000);
                    hear(&mut estimator, now, &well_formed(base, &arrivals));
                }
                Step::Noise(body) => hear(&mut estimator, now, &framed(&body)),
                Step::Remb(bps) => estimator.remb(bps),
                Step::Report => estimator.reported(now),
            }
            estimator.timeout(now);
            let probe = estimator.probe(now).unwrap_or(0);
            prop_assert!(probe < 1_000_000, "{probe}");
            prop_assert!(estimator.deadline(now).is_none_or(|deadline| deadline > now));
            prop_assert!(estimator.available().is_none_or(|bps| bps >= 30_000));
        }
    }

    /// A liar may make us send to it what we would like to send to it, and a little more for its own harm.
    #[test]
    fn a_receiver_that_claims_any_arrivals_gets_no_more_than_was_desired_for_it(
        claims in prop::collection::vec((prop::collection::vec((1_u8..4, 0_i32..400), 1..60), any::<bool>()), 300),
    ) {
        let mut estimator = Estimator::default();
        estimator.set_desired(DESIRED);
        let (mut now, mut next) = (Duration::from_secs(5), 0_u16);
        for (arrivals, sends_much) in claims {
            for _ in 0..10 {
                let bytes = if sends_much { 1200 } else { 400 };
                estimator.sent(now, next, bytes); // At most 960 kb/s.
                next = next.wrapping_add(1);
                now += Duration::from_millis(10);
                estimator.timeout(now);
            }
            hear(&mut estimator, now, &well_formed(next.wrapping_sub(20), &arrivals));
            let available = estimator.available().unwrap_or(0);
            prop_assert!(available < 3 * DESIRED / 2, "{available}");
        }
    }
}
