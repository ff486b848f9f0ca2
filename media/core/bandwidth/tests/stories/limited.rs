//! Calls that send less than they may: most of them, most of the time.

use crate::camera;
use crate::kit::World;
use crate::kit::link::Profile;
use crate::kit::source::Video;

#[test]
fn voice_alone_neither_lowers_nor_raises_what_is_believed() {
    for (name, jitter) in [("steady", 0), ("jittery", 30)] {
        for seed in 1..=5 {
            let mut world = World::new(seed, Profile::new(3e6, 300, 60).jitter_ms(jitter));
            let flow = world.call(0, Video::None);
            world.run_until(120);
            let figures = world.figures(flow, 1, 120);
            figures.print(&format!("voice alone, {name}"), 3e6);
            assert_eq!(world.caller(flow).probed_bytes, 0, "nobody wants more");
            assert!(figures.least() > 200e3, "{}", figures.least());
            assert!(figures.most() < 310e3, "{}", figures.most());
        }
    }
}

#[test]
fn who_joins_a_good_link_has_the_best_picture_in_two_seconds() {
    for seed in 1..=5 {
        let mut world = World::new(seed, Profile::new(5e6, 200, 50));
        let flow = world.call(0, camera());
        world.run_until(10);
        let figures = world.figures(flow, 0, 10);
        figures.print("joining", 5e6);
        assert!(figures.until(|estimate| estimate > 1.87e6) < 2.0);
    }
}

#[test]
fn probing_ends_when_there_is_room_for_all_that_is_desired() {
    let mut world = World::new(1, Profile::new(20e6, 200, 30));
    let flow = world.call(0, camera());
    world.run_until(10);
    let probed = world.caller(flow).probed_bytes;
    world.run_until(300);
    let figures = world.figures(flow, 10, 300);
    println!("probed {} kB in the first 10 s", probed / 1000);
    assert_eq!(world.caller(flow).probed_bytes, probed);
    assert!(
        figures.most() < 3e6,
        "nothing tells that there is more: {}",
        figures.most()
    );
    assert!(figures.least() > 1.87e6, "{}", figures.least());
}

#[test]
fn looking_for_more_than_there_is_costs_little() {
    for seed in 1..=5 {
        let mut world = World::new(seed, Profile::new(600e3, 500, 60));
        let flow = world.call(0, camera());
        world.run_until(120);
        let settled = world.figures(flow, 10, 120);
        let probed = world.caller(flow).probed_bytes as f64 * 8.0 / 120.0;
        settled.print(
            &format!("in want, probing with {:.1} kb/s", probed / 1e3),
            600e3,
        );
        assert!(probed < 0.05 * 600e3, "{probed}");
        assert!(settled.queue() < 300.0, "{}", settled.queue());
    }
}
