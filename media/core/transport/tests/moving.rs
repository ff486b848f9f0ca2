//! What happens to a call when the network under it changes, or falls silent.

mod common;

use std::time::Duration;

use common::{Link, Version, World, credentials, secs, tcp, udp};
use hoichan_transport::{DtlsRole, Effect, Event, Reason};

/// A message must get through both ways: the path and the keys still serve.
fn talks(world: &mut World) {
    let before = (
        world.data("_reliable").len(),
        world.browser.application_messages().len(),
    );
    let stream = world
        .browser
        .stream_of("_reliable")
        .expect("the server opened it");
    world.send("_reliable", b"are you there?");
    world.browser.send(stream, 53, b"I am".to_vec());
    world.run_for(secs(2));
    let after = (
        world.data("_reliable").len(),
        world.browser.application_messages().len(),
    );
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

fn with_channel() -> World {
    let mut world = World::connected();
    world.open("_reliable");
    world.run_for(secs(1));
    talks(&mut world);
    world.effects.clear();
    world
}

#[test]
fn a_phone_that_changes_networks_keeps_its_call() {
    let mut world = with_channel();
    let (old, new) = (world.browser.paths[0], udp(7, 7777));
    world.browser.paths = vec![new];
    world.run_for(secs(1));
    assert_eq!(
        world.effects,
        [Effect::PathVerified(new), Effect::PathSelected(new)]
    );
    world.browser.reached_on = None;
    let sent_to_old = world.traffic[&old].sent;
    talks(&mut world);
    assert_eq!(world.browser.reached_on, Some(new));
    assert_eq!(
        world.traffic[&old].sent, sent_to_old,
        "nothing goes to the old address any more"
    );
}

#[test]
fn the_nomination_that_came_last_wins() {
    let mut world = with_channel();
    let (first, second) = (world.browser.paths[0], udp(1, 40_001));
    world.browser.paths = vec![first, second];
    world.run_for(secs(1));
    assert_eq!(
        world.effects,
        [Effect::PathVerified(second)],
        "a check alone does not move the call"
    );
    world.browser.paths = vec![second, first];
    world.run_for(secs(1));
    assert_eq!(world.effects.last(), Some(&Effect::PathSelected(second)));
    world.browser.paths = vec![first, second];
    world.run_for(secs(1));
    assert_eq!(world.effects.last(), Some(&Effect::PathSelected(first)));
    talks(&mut world);
}

#[test]
fn when_its_tcp_connection_breaks_a_call_falls_back_to_udp() {
    let mut world = with_channel();
    let (over_udp, over_tcp) = (world.browser.paths[0], tcp(1, 50_000, 3));
    world.browser.paths = vec![over_tcp, over_udp];
    world.run_for(secs(1));
    world.effects.clear();
    world.browser.paths = vec![over_udp];
    world.event(Event::PathClosed(over_tcp));
    assert_eq!(
        world.effects,
        [
            Effect::PathForgotten(over_tcp),
            Effect::PathSelected(over_udp)
        ]
    );
    talks(&mut world);
}

#[test]
fn when_its_only_connection_breaks_a_call_waits_for_the_next() {
    let mut world = with_channel();
    let (broken, next) = (world.browser.paths[0], tcp(1, 50_001, 4));
    world.browser.checking = false;
    world.event(Event::PathClosed(broken));
    world.send("_reliable", b"said into the gap");
    world.run_for(secs(8));
    assert_eq!(
        world.effects,
        [Effect::PathForgotten(broken), Effect::Disconnected]
    );
    world.browser.paths = vec![next];
    world.browser.checking = true;
    world.run_for(secs(7));
    assert!(world.has(&Effect::Reconnected));
    assert!(
        world
            .browser
            .application_messages()
            .contains(&&b"said into the gap"[..])
    );
    talks(&mut world);
}

#[test]
fn ten_thousand_paths_are_no_more_than_sixteen() {
    let mut world = with_channel();
    let real = world.browser.paths[0];
    for port in 1..=10_000 {
        let check = world.browser.check(false);
        world.inject(udp(200, port), &check);
    }
    let verified = world
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::PathVerified(_)))
        .count();
    let forgotten = world
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::PathForgotten(_)))
        .count();
    assert_eq!(
        (verified, verified - forgotten),
        (10_000, 15),
        "besides the one in use"
    );
    assert!(!world.has(&Effect::PathForgotten(real)));
    talks(&mut world);
}

#[test]
fn an_ice_restart_keeps_keys_and_channels() {
    let mut world = with_channel();
    world.event(Event::RestartIce(credentials("second")));
    world.run_for(secs(2));
    assert_eq!(world.effects, [], "the first generation goes on meanwhile");
    world.browser.server = credentials("second");
    world.browser.local = credentials("browser2");
    world.browser.paths = vec![udp(8, 8888)];
    world.run_for(secs(1));
    let path = world.browser.paths[0];
    let expected = [
        Effect::PathVerified(path),
        Effect::UfragRetired("serverUfrag".into()),
        Effect::PathSelected(path),
    ];
    assert_eq!(world.effects, expected);
    talks(&mut world);
    let answered = world.browser.successes;
    world.browser.server = credentials("server");
    world.run_for(secs(2));
    assert_eq!(
        world.browser.successes, answered,
        "the former credentials are good for nothing now"
    );
}

#[test]
fn a_restart_that_is_restarted_leaves_only_the_last_offer_standing() {
    let mut world = with_channel();
    world.event(Event::RestartIce(credentials("second")));
    world.event(Event::RestartIce(credentials("third")));
    assert_eq!(world.effects, [Effect::UfragRetired("secondUfrag".into())]);
    world.browser.server = credentials("third");
    world.run_for(secs(1));
    assert!(world.has(&Effect::UfragRetired("serverUfrag".into())));
    talks(&mut world);
}

#[test]
fn silence_is_told_after_7_seconds_and_ends_the_call_after_30() {
    let mut world = with_channel();
    world.browser.checking = false;
    world.browser.reading = false;
    world.run_for(Duration::from_millis(6_400));
    assert_eq!(world.effects, []);
    world.run_for(secs(1));
    assert_eq!(world.effects, [Effect::Disconnected]);
    world.run_for(secs(22));
    assert_eq!(world.failure(), None);
    world.run_for(secs(2));
    assert_eq!(
        world.effects,
        [Effect::Disconnected, Effect::Failed(Reason::ConsentExpired)]
    );
    let traffic = world.traffic.clone();
    world.browser.checking = true;
    world.send("_reliable", b"hello?");
    world.run_for(secs(5));
    let sent = |traffic: &std::collections::HashMap<_, common::Traffic>| -> usize {
        traffic.values().map(|one| one.sent).sum()
    };
    assert_eq!(
        sent(&world.traffic),
        sent(&traffic),
        "consent is gone: not another byte"
    );
}

#[test]
fn a_peer_cannot_point_us_at_a_victim_for_long() {
    let mut world = with_channel();
    let victim = udp(99, 53);
    let forged = world.browser.check(true);
    world.browser.nominating = false;
    world.inject(victim, &forged);
    assert!(world.has(&Effect::PathSelected(victim)));
    world.run_for(secs(31));
    assert_eq!(
        world.failure(),
        Some(Reason::ConsentExpired),
        "its own checks are no consent of the victim's"
    );
}

#[test]
fn a_peer_that_checks_as_seldom_as_it_may_is_never_called_silent() {
    let mut world = with_channel();
    world.browser.checking = false;
    let path = world.browser.paths[0];
    for _ in 0..20 {
        world.run_for(secs(6));
        let check = world.browser.check(true);
        world.inject(path, &check);
    }
    assert_eq!(world.effects, []);
}

#[test]
fn a_cut_of_10_seconds_is_survived() {
    let mut world = with_channel();
    (world.up.broken, world.down.broken) = (true, true);
    world.run_for(secs(10));
    assert_eq!(world.effects, [Effect::Disconnected]);
    (world.up.broken, world.down.broken) = (false, false);
    world.run_for(secs(1));
    assert_eq!(world.effects, [Effect::Disconnected, Effect::Reconnected]);
    world.effects.clear();
    talks(&mut world);
}

#[test]
fn media_counts_as_a_sign_of_life() {
    let mut world = with_channel();
    world.browser.checking = false;
    for _ in 0..60 {
        world.run_for(secs(1));
        world.event(Event::MediaSeen);
    }
    assert_eq!(world.effects, []);
}

#[test]
fn media_is_no_consent_before_the_call_stands() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    world.browser.checking = false;
    world.event(Event::MediaSeen);
    world.run_for(secs(31));
    assert_eq!(world.effects, [Effect::Failed(Reason::Timeout)]);
}

#[test]
fn closing_tells_the_browser_and_ends_everything() {
    let mut world = with_channel();
    world.event(Event::Close);
    world.run_for(secs(1));
    assert!(world.browser.server_closed);
    assert_eq!(world.effects, []);
    assert_eq!(world.server.deadline(), None);
}

#[test]
fn a_browser_that_closes_is_heard() {
    for version in [Version::Dtls12, Version::Dtls13] {
        let mut world = World::new(version, DtlsRole::Client, Link::new());
        world.run_for(secs(1));
        assert!(world.has(&Effect::Connected));
        world.browser.close(world.now);
        world.run_for(secs(1));
        assert_eq!(world.failure(), Some(Reason::ClosedByPeer), "{version:?}");
    }
}
