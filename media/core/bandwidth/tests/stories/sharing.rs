//! One link, several who want all of it.

use crate::camera;
use crate::kit::World;
use crate::kit::link::Profile;
use crate::kit::source::Video;

#[test]
fn a_greedy_download_leaves_us_our_share_and_we_leave_it_its() {
    for buffer_ms in [100, 200, 500] {
        let mut shares = Vec::new();
        for seed in 1..=5 {
            let mut world = World::new(seed, Profile::new(2e6, buffer_ms, 60));
            let flow = world.call(0, Video::Elastic(2e6));
            world.download(20);
            world.run_until(140);
            shares.push(world.share(flow, 40, 140));
        }
        println!("P13, download, buffer of {buffer_ms} ms: shares {shares:.2?}");
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!((0.4..=0.6).contains(&mean), "{shares:?}");
        assert!(
            shares.iter().all(|share| (0.3..=0.7).contains(share)),
            "{shares:?}"
        );
    }
}

#[test]
fn the_link_is_ours_again_when_the_download_is_over() {
    let mut world = World::new(1, Profile::new(2e6, 200, 60));
    let flow = world.call(0, Video::Elastic(2e6));
    let download = world.download(20);
    world.run_until(60);
    world.stop(download);
    world.run_until(80);
    let after = world.figures(flow, 65, 80);
    after.print("P13, download over", 2e6);
    assert!(after.rate() > 0.75 * 2e6, "{}", after.rate());
    assert!(
        after.queue() < 300.0,
        "delay counts again: {}",
        after.queue()
    );
}

#[test]
fn two_calls_share_a_link_fairly_though_one_came_first() {
    for (name, video) in [("any rate", Video::Elastic(2e6)), ("layers", camera())] {
        let mut shares = Vec::new();
        for seed in 1..=5 {
            let mut world = World::new(seed, Profile::new(2e6, 300, 60));
            let first = world.call(0, video.clone());
            let second = world.call(20, video.clone());
            world.run_until(140);
            let share = world.share(second, 40, 140);
            shares.push(share);
            let figures = world.figures(first, 40, 140);
            let (usual, most) = (figures.usual_queue(), figures.queue());
            println!(
                "P13, two calls, {name}: share {share:.2}, queue {usual:.0} ms, at most {most:.0} ms"
            );
            assert!((0.35..=0.65).contains(&share), "{share}");
            assert!(usual < 280.0, "{usual}");
        }
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!((0.4..=0.6).contains(&mean), "{mean}");
    }
}
