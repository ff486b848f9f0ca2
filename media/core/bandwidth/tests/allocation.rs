//! Once warm, nothing is allocated: not per packet, and not per feedback.

use hoichan_bandwidth::Estimator;
use hoichan_wire::rtcp::{Arrival, Packet, packets, write_transport_feedback};
use std::time::Duration;

/// Packets between two feedbacks, 100 ms apart.
const PACKETS: u64 = 100;

/// The feedback about the packets of each tenth of a second, every fiftieth of them lost.
fn feedbacks(tenths: u64) -> Vec<Vec<u8>> {
    let arrivals = |tenth: u64| {
        let numbers = tenth * PACKETS..(tenth + 1) * PACKETS;
        let arrived = numbers.filter(|number| number % 50 != 7);
        arrived.map(|sequence| Arrival {
            sequence,
            ticks: (sequence * 4 + 300) as i64,
        })
    };
    (0..tenths)
        .map(|tenth| {
            let mut compound = Vec::new();
            let arrivals: Vec<_> = arrivals(tenth).collect();
            write_transport_feedback(
                &mut compound,
                (1, 2),
                tenth as u8,
                tenth * PACKETS,
                &arrivals,
            );
            compound
        })
        .collect()
}

fn play(estimator: &mut Estimator, tenths: std::ops::Range<u64>, feedbacks: &[Vec<u8>]) {
    for tenth in tenths {
        for number in tenth * PACKETS..(tenth + 1) * PACKETS {
            let now = Duration::from_millis(number);
            estimator.sent(now, number as u16, 1200);
            if number % 5 == 0 {
                estimator.timeout(now);
            }
        }
        let now = Duration::from_millis((tenth + 1) * PACKETS + 80);
        for packet in packets(&feedbacks[tenth as usize]) {
            if let Packet::TransportFeedback(feedback) = packet {
                estimator.feedback(now, &feedback);
            }
        }
    }
}

#[test]
fn half_a_minute_of_packets_and_feedback_allocates_nothing_after_the_first_second() {
    let feedbacks = feedbacks(300);
    let mut estimator = Estimator::default();
    estimator.set_desired(2_000_000);
    play(&mut estimator, 0..10, &feedbacks);
    let allocations = allocation_counter::measure(|| play(&mut estimator, 10..300, &feedbacks));
    assert!(estimator.snapshot().loss > 0.0, "feedback was taken in");
    assert_eq!(allocations.count_total, 0);
}
