//! Links that are thin, or become so.

use crate::camera;
use crate::kit::World;
use crate::kit::link::{Loss, Profile};
use crate::kit::source::Video;

#[test]
fn a_bloated_buffer_of_a_thin_link_stays_nearly_empty() {
    for (name, video) in [("any rate", Video::Elastic(2e6)), ("layers", camera())] {
        for seed in 1..=5 {
            let mut world = World::new(seed, Profile::new(300e3, 1_000, 80));
            let flow = world.call(0, video.clone());
            world.run_until(60);
            let figures = world.figures(flow, 0, 60);
            figures.print(&format!("P4, {name}"), 300e3);
            assert!(figures.queue() < 300.0);
            let settled = world.figures(flow, 5, 60);
            assert!(settled.usual_queue() < 200.0, "{}", settled.queue());
            assert!(
                (210e3..345e3).contains(&settled.mean()),
                "{}",
                settled.mean()
            );
            if matches!(video, Video::Elastic(_)) {
                assert!(settled.rate() > 0.8 * 300e3, "{}", settled.rate());
            }
        }
    }
}

#[test]
fn a_link_that_shrinks_tenfold_is_followed_down_in_two_seconds_and_up_in_ten() {
    let layers = Video::Layers(vec![150e3, 500e3, 1_700e3, 2_500e3]);
    for (name, video) in [("any rate", Video::Elastic(3.5e6)), ("layers", layers)] {
        for seed in 1..=5 {
            let profile = Profile::new(3e6, 100, 60).then(20, 300e3).then(60, 3e6);
            let mut world = World::new(seed, profile);
            let flow = world.call(0, video.clone());
            world.run_until(90);
            let begin = world.figures(flow, 0, 20);
            begin.print(&format!("P12, {name}, at 3 Mb/s"), 3e6);
            assert!(begin.until(|estimate| estimate > 2.1e6) < 5.0);
            let low = world.figures(flow, 20, 60);
            let down = low.until(|estimate| estimate < 330e3);
            let settled = world.figures(flow, 25, 60);
            settled.print(&format!("P12, {name}, down after {down:.1} s"), 300e3);
            assert!(down <= 2.0, "{down}");
            assert!(settled.queue() < 300.0, "{}", settled.queue());
            assert!(settled.rate() > 0.5 * 300e3);
            let high = world.figures(flow, 60, 90);
            let up = high.until(|estimate| estimate > 0.8 * 3e6);
            high.print(&format!("P12, {name}, up after {up:.1} s"), 3e6);
            assert!(up <= 10.0, "{up}");
        }
    }
}

#[test]
fn a_policer_that_drops_without_a_queue_is_found_out_by_its_loss() {
    for seed in 1..=5 {
        let mut world = World::new(seed, Profile::new(1e6, 60, 60));
        let flow = world.call(0, Video::Elastic(3e6));
        world.run_until(60);
        let settled = world.figures(flow, 10, 60);
        settled.print("policer", 1e6);
        assert!(settled.rate() > 0.6e6, "{}", settled.rate());
        assert!(settled.mean() < 1.3e6, "{}", settled.mean());
    }
}

#[test]
fn after_three_seconds_of_nothing_the_call_goes_on_as_before() {
    for seed in 1..=5 {
        let outage = Loss::Fades {
            period: 30_000_000,
            length: 3_000_000,
            share: 1.0,
        };
        let mut world = World::new(seed, Profile::new(2e6, 300, 60).losing(outage));
        let flow = world.call(0, camera());
        world.run_until(60);
        let during = world.figures(flow, 30, 33);
        assert!(
            during.least() < 0.6 * world.figures(flow, 28, 30).mean(),
            "less is sent into nothing"
        );
        let after = world.figures(flow, 33, 60);
        let back = after.until(|estimate| estimate > 0.8 * 2e6);
        after.print(&format!("P10, back after {back:.1} s"), 2e6);
        assert!(back <= 5.0, "{back}");
    }
}
