use crate::kit::World;
use crate::kit::link::{Loss, Profile};
use crate::kit::source::Video;

fn layers() -> Video {
    Video::Layers(vec![150e3, 500e3, 1700e3])
}

fn print(world: &mut World, flow: usize, name: &str, seconds: usize, capacity: f64) {
    let caller = world.caller(flow);
    println!("--- {name}; probed {} kB", caller.probed_bytes / 1000);
    for second in 0..seconds {
        let at = second * 10..(second + 1) * 10;
        let most = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        println!(
            "{second:3} s  est {:8.0} ..{:8.0} kb/s  got {:6.0}  voice +{:5.0} ms  standing {:5.0} ms",
            caller.estimates[at.clone()].iter().copied().fold(f64::MAX, f64::min) / 1e3,
            most(&caller.estimates[at.clone()]) / 1e3,
            mean(&caller.delivered[at.clone()]) * 10.0 / 1e3,
            most(&caller.voice_delay[at.clone()]),
            most(&caller.queue[at]),
        );
    }
    let _ = capacity;
}

#[test]
fn p4() {
    for (name, video) in [("elastic", Video::Elastic(1700e3)), ("layers", layers())] {
        let mut world = World::new(1, Profile::new(300e3, 1000, 80));
        let flow = world.call(0, video);
        world.run_until(40);
        print(&mut world, flow, name, 40, 300e3);
    }
}

#[test]
fn p12() {
    for (name, video) in [("elastic", Video::Elastic(3500e3)), ("layers", Video::Layers(vec![150e3, 500e3, 1700e3, 2500e3]))] {
        let profile = Profile::new(3e6, 300, 60).then(20, 300e3).then(40, 3e6);
        let mut world = World::new(1, profile);
        let flow = world.call(0, video);
        world.run_until(60);
        print(&mut world, flow, name, 60, 300e3);
    }
}

#[test]
fn p9() {
    for share in [0.1, 0.2, 0.4] {
        let mut world = World::new(1, Profile::new(1e6, 300, 60).losing(Loss::Random(share)));
        let flow = world.call(0, Video::Elastic(2e6));
        world.run_until(40);
        print(&mut world, flow, &format!("P9 {share}"), 40, 1e6);
    }
}

#[test]
fn p5() {
    let fades = Loss::Fades { period: 20_000_000, length: 2_000_000, share: 0.15 };
    let mut world = World::new(1, Profile::new(2e6, 300, 40).losing(fades));
    let flow = world.call(0, layers());
    world.run_until(70);
    print(&mut world, flow, "P5", 70, 1e6);
}

#[test]
fn p6() {
    let mut world = World::new(1, Profile::new(1e6, 500, 600).jitter_ms(20).losing(Loss::Random(0.015)));
    let flow = world.call(0, Video::Elastic(1.5e6));
    world.run_until(60);
    print(&mut world, flow, "P6", 60, 1e6);
}

#[test]
fn p2() {
    let loss = Loss::Bursty { worse: 0.0077, better: 0.25, share: 1.0 };
    let mut world = World::new(1, Profile::new(1.5e6, 300, 120).jitter_ms(20).losing(loss));
    let flow = world.call(0, layers());
    world.run_until(60);
    print(&mut world, flow, "P2", 60, 1e6);
}

#[test]
fn p13_tcp() {
    for buffer in [100, 200, 500] {
    let mut world = World::new(1, Profile::new(2e6, buffer, 60));
    let flow = world.call(0, Video::Elastic(2e6));
    let tcp = world.download(20);
    world.run_until(120);
    print(&mut world, flow, &format!("P13 tcp {buffer}"), 120, 1e6);
    println!("share 40..120: {:.3} tcp {:.3}", world.share(flow, 40, 120), world.share(tcp, 40, 120));
    }
}

#[test]
fn p13_call() {
    for video in [Video::Elastic(2e6), layers()] {
    let mut world = World::new(1, Profile::new(2e6, 300, 60));
    let first = world.call(0, video.clone());
    let second = world.call(20, video);
    world.run_until(120);
    print(&mut world, first, "P13 call, first", 120, 1e6);
    println!("share 30..60: {:.3} {:.3}", world.share(first, 30, 60), world.share(second, 30, 60));
    println!("share 60..120: {:.3} {:.3}", world.share(first, 60, 120), world.share(second, 60, 120));
    }
}

#[test]
fn limited() {
    // Voice alone over a link with jitter, wanting no more; then video comes.
    let mut world = World::new(1, Profile::new(3e6, 300, 60).jitter_ms(30));
    let flow = world.call(0, Video::Elastic(100e3));
    world.run_until(60);
    print(&mut world, flow, "limited", 60, 1e6);
}
