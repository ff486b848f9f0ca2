//! Links through the air: loss and jitter that no queue is to blame for.

use crate::camera;
use crate::kit::World;
use crate::kit::link::{Loss, Profile};
use crate::kit::source::Video;

#[test]
fn random_loss_is_not_taken_for_congestion() {
    for (share, least) in [(0.1, 0.8), (0.2, 0.75), (0.3, 0.7), (0.4, 0.6)] {
        for seed in 1..=5 {
            let profile = Profile::new(1e6, 300, 60).losing(Loss::Random(share));
            let mut world = World::new(seed, profile);
            let flow = world.call(0, Video::Elastic(2e6));
            world.run_until(60);
            let settled = world.figures(flow, 10, 60);
            settled.print(&format!("P9, {:.0} % lost", share * 100.0), 1e6);
            assert!(settled.mean() > least * 1e6, "{}", settled.mean());
            assert!(
                settled.least() > 0.2 * 1e6,
                "no collapse: {}",
                settled.least()
            );
            assert!(settled.mean() < 1.3e6);
        }
    }
}

#[test]
fn a_fade_costs_nothing_once_it_is_over() {
    let fades = Loss::Fades {
        period: 20_000_000,
        length: 2_000_000,
        share: 0.15,
    };
    for seed in 1..=5 {
        let mut world = World::new(seed, Profile::new(2e6, 300, 40).losing(fades));
        let flow = world.call(0, camera());
        world.run_until(80);
        for fade in [20, 40, 60] {
            let before = world.figures(flow, fade - 5, fade).mean();
            let during = world.figures(flow, fade, fade + 2);
            let after = world.figures(flow, fade + 3, fade + 18);
            after.print(
                &format!("P5, least in the fade {:.0} kb/s", during.least() / 1e3),
                2e6,
            );
            assert!(during.least() > 0.4 * before, "{}", during.least());
            assert!(
                after.least() > 0.8 * before.min(2e6),
                "{} of {before}",
                after.least()
            );
        }
    }
}

#[test]
fn a_satellite_link_is_filled_in_spite_of_its_distance() {
    for seed in 1..=5 {
        let profile = Profile::new(1e6, 500, 600)
            .jitter_ms(20)
            .losing(Loss::Random(0.015));
        let mut world = World::new(seed, profile);
        let flow = world.call(0, Video::Elastic(1.5e6));
        world.run_until(90);
        let all = world.figures(flow, 0, 90);
        let settled = world.figures(flow, 10, 90);
        settled.print("P6", 1e6);
        assert!(all.until(|estimate| estimate > 0.7e6) < 10.0);
        assert!(settled.rate() > 0.7e6, "{}", settled.rate());
        assert!(settled.mean() < 1.2e6, "{}", settled.mean());
    }
}

#[test]
fn the_edge_of_a_mobile_cell_carries_what_it_can() {
    let loss = Loss::Bursty {
        worse: 0.0077,
        better: 0.25,
        share: 1.0,
    };
    for seed in 1..=5 {
        let profile = Profile::new(1.5e6, 300, 120).jitter_ms(20).losing(loss);
        let mut world = World::new(seed, profile);
        let flow = world.call(0, camera());
        world.run_until(90);
        let settled = world.figures(flow, 10, 90);
        settled.print("P2", 1.5e6);
        assert!(settled.mean() > 0.7 * 1.5e6, "{}", settled.mean());
        assert!(settled.mean() < 1.4 * 1.5e6, "{}", settled.mean());
        assert!(settled.rate() > 450e3, "{}", settled.rate());
    }
}

#[test]
fn jitter_is_not_taken_for_a_queue() {
    for jitter in [5, 10, 20] {
        for seed in 1..=5 {
            let mut world = World::new(seed, Profile::new(3e6, 300, 60).jitter_ms(jitter));
            let flow = world.call(0, camera());
            world.run_until(60);
            let settled = world.figures(flow, 10, 60);
            settled.print(&format!("jitter of {jitter} ms"), 3e6);
            assert!(
                settled.mean() > 1.7e6,
                "the best layer fits: {}",
                settled.mean()
            );
            assert!(settled.rate() > 1.4e6, "{}", settled.rate());
        }
    }
}
