//! How a browser gets through to us, and how anyone else does not.

mod common;

use std::time::Duration;

use common::browser::sign;
use common::{Link, Traffic, Version, World, credentials, secs, udp};
use hoichan_transport::{Counter, DtlsRole, Effect, Event, Reason};
use hoichan_wire::stun::Role;

fn connects(version: Version, browser_role: DtlsRole, link: Link, within: Duration) {
    let mut world = World::new(version, browser_role, link);
    world.run_for(within);
    let path = world.browser.paths[0];
    let keys = world.browser.keys.clone().expect("the browser has keys");
    assert_eq!(world.keys(), Some(&keys[..]), "both sides derive the same");
    let milestones: Vec<_> = world
        .effects
        .iter()
        .filter(|effect| !matches!(effect, Effect::Keys { .. } | Effect::Count(_)))
        .collect();
    let expected = [
        Effect::PathVerified(path),
        Effect::PathSelected(path),
        Effect::Connected,
    ];
    assert_eq!(milestones, expected.iter().collect::<Vec<_>>());
    let we_are_client = browser_role == DtlsRole::Server;
    assert!(world.effects.iter().any(
        |effect| matches!(effect, Effect::Keys { we_are_client: ours, .. } if *ours == we_are_client)
    ));
}

#[test]
fn a_browser_connects_with_dtls_1_2() {
    connects(Version::Dtls12, DtlsRole::Client, Link::new(), secs(1));
}

#[test]
fn a_browser_connects_with_dtls_1_3() {
    connects(Version::Dtls13, DtlsRole::Client, Link::new(), secs(1));
}

#[test]
fn a_browser_that_speaks_both_connects() {
    connects(Version::Auto, DtlsRole::Client, Link::new(), secs(1));
}

#[test]
fn a_browser_that_waits_for_our_hello_connects() {
    connects(Version::Dtls12, DtlsRole::Server, Link::new(), secs(1));
    connects(Version::Auto, DtlsRole::Server, Link::new(), secs(1));
}

#[test]
fn a_browser_connects_over_a_satellite_with_a_tenth_lost() {
    for seed in 0..12 {
        let link = Link::new()
            .latency_ms(300)
            .jitter_ms(40)
            .loss(0.1)
            .seed(seed);
        connects(Version::Auto, DtlsRole::Client, link.clone(), secs(25));
        connects(Version::Dtls12, DtlsRole::Client, link, secs(25));
    }
}

#[test]
fn the_peers_side_may_be_known_late() {
    let mut world = World::unconnected(Version::Auto, DtlsRole::Client, Link::new());
    world.run_for(secs(2));
    assert!(world.browser.successes > 0, "checks are answered at once");
    assert!(world.has(&Effect::PathSelected(world.browser.paths[0])));
    assert_eq!(world.keys(), None);
    let fingerprints = vec![world.browser.fingerprint("sha-256")];
    world.event(Event::Connect {
        role: DtlsRole::Client,
        fingerprints,
    });
    world.run_for(Duration::from_millis(200));
    assert!(
        world.has(&Effect::Connected),
        "the ClientHello that came early was kept: {:?}",
        world.effects
    );
}

#[test]
fn a_peer_that_repeats_itself_before_it_is_known_fills_no_memory() {
    let mut world = World::unconnected(Version::Dtls12, DtlsRole::Client, Link::new());
    world.run_for(secs(1));
    let path = world.browser.paths[0];
    for _ in 0..1_000 {
        world.inject(path, &[22; 1_200]);
    }
    let kept = 1_000 - world.count(Counter::DtlsTooEarly);
    assert!(kept < 4, "the ClientHello and {kept} more were kept");
    let fingerprints = vec![world.browser.fingerprint("sha-256")];
    world.event(Event::Connect {
        role: DtlsRole::Client,
        fingerprints,
    });
    world.run_for(secs(1));
    assert!(world.has(&Effect::Connected));
}

#[test]
fn dtls_before_nomination_is_answered_and_connected_waits_for_it() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    world.browser.nominating = false;
    world.run_for(secs(2));
    assert!(world.keys().is_some());
    assert!(!world.has(&Effect::Connected));
    world.browser.nominating = true;
    world.run_for(secs(1));
    assert!(world.has(&Effect::Connected));
}

#[test]
fn any_announced_fingerprint_of_a_known_hash_will_do() {
    for algorithm in ["sha-256", "sha-384", "sha-512"] {
        let mut world = World::unconnected(Version::Auto, DtlsRole::Client, Link::new());
        let stranger = World::unconnected(Version::Auto, DtlsRole::Client, Link::new()).browser;
        let fingerprints = vec![
            stranger.fingerprint("sha-256"),
            world.browser.fingerprint(algorithm),
        ];
        world.event(Event::Connect {
            role: DtlsRole::Client,
            fingerprints,
        });
        world.run_for(secs(1));
        assert!(world.has(&Effect::Connected), "{algorithm}");
    }
}

#[test]
fn a_stranger_with_the_right_password_gets_no_keys() {
    for (version, role) in [
        (Version::Dtls12, DtlsRole::Client),
        (Version::Dtls13, DtlsRole::Client),
        (Version::Auto, DtlsRole::Server),
    ] {
        let mut world = World::unconnected(version, role, Link::new());
        let expected = World::unconnected(version, role, Link::new()).browser;
        let fingerprints = vec![expected.fingerprint("sha-256")];
        world.event(Event::Connect { role, fingerprints });
        world.run_for(secs(40));
        assert_eq!(
            world.failure(),
            Some(Reason::FingerprintMismatch),
            "{version:?}"
        );
        assert_eq!(world.keys(), None);
        assert!(!world.has(&Effect::Connected));
        assert!(
            matches!(world.effects.last(), Some(Effect::Failed(_))),
            "nothing comes after it"
        );
    }
}

#[test]
fn a_reoffer_with_the_same_fingerprints_changes_nothing_and_with_others_is_refused() {
    let mut world = World::connected();
    let fingerprints = vec![world.browser.fingerprint("sha-256")];
    world.event(Event::Connect {
        role: DtlsRole::Client,
        fingerprints,
    });
    assert_eq!(world.effects, []);
    let other = World::unconnected(Version::Auto, DtlsRole::Client, Link::new()).browser;
    world.event(Event::Connect {
        role: DtlsRole::Client,
        fingerprints: vec![other.fingerprint("sha-256")],
    });
    assert_eq!(world.effects, [Effect::Count(Counter::ConnectRefused)]);
}

#[test]
fn dtls_from_a_path_that_has_not_proved_itself_is_dropped() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    let attacker = udp(66, 6666);
    let client_hello = b"\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x01\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x04null";
    for _ in 0..200 {
        world.inject(attacker, client_hello);
        world.run_for(Duration::from_millis(10));
    }
    assert_eq!(world.traffic[&attacker].sent, 0);
    assert_eq!(world.count(Counter::DtlsUnverifiedPath), 200);
    assert!(
        world.has(&Effect::Connected),
        "and the browser connects meanwhile"
    );
}

#[test]
fn who_does_not_know_the_password_is_met_with_silence() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    let attacker = udp(66, 6666);
    let browser = &mut world.browser;
    let right_user = "serverUfrag:browserUfrag";
    let wrong_user = browser
        .request()
        .username("somebody:browserUfrag")
        .priority(1);
    let wrong_user = sign(wrong_user, &credentials("server").password);
    let wrong_password = sign(
        browser.request().username(right_user),
        "a guess of 22 characters",
    );
    let no_colon = sign(
        browser.request().username("serverUfrag"),
        &credentials("server").password,
    );
    let mut tampered = browser.check(true);
    tampered[25] ^= 1;
    // Up to PRIORITY, USERNAME and role, with the length mended: no MESSAGE-INTEGRITY, no FINGERPRINT.
    let mut unsigned = browser.check(false);
    unsigned.truncate(unsigned.len() - 32);
    unsigned[3] -= 32;
    for datagram in [
        &wrong_user,
        &wrong_password,
        &no_colon,
        &tampered,
        &unsigned,
    ] {
        world.inject(attacker, datagram);
    }
    assert_eq!(world.traffic[&attacker].sent, 0);
    assert_eq!(world.count(Counter::StunUnknownUser), 2);
    assert_eq!(world.count(Counter::StunIntegrity), 2);
    assert_eq!(
        world.count(Counter::StunMalformed),
        1,
        "the fingerprint shows the tampering"
    );
}

#[test]
fn an_answer_is_never_longer_than_a_question_from_an_unproved_path() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    let v6 = hoichan_transport::Path {
        remote: "[2001:db8::1]:9".parse().expect("an address"),
        ..udp(1, 1)
    };
    let request = world.browser.request().username("serverUfrag:b");
    let short = sign(request, &credentials("server").password);
    world.inject(v6, &short);
    assert_eq!(
        world.traffic[&v6],
        Traffic {
            received: short.len(),
            sent: 0
        }
    );
    assert_eq!(world.count(Counter::StunAmplification), 1);
    let check = world.browser.check(false);
    world.inject(v6, &check);
    let traffic = world.traffic[&v6];
    assert!(
        traffic.sent > 0 && traffic.sent <= traffic.received,
        "{traffic:?}"
    );
}

#[test]
fn a_peer_that_says_it_is_controlled_is_corrected() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    world.browser.checking = false;
    let path = world.browser.paths[0];
    let request = world
        .browser
        .request()
        .username("serverUfrag:b")
        .priority(1)
        .role(Role::Controlled(9));
    let request = sign(request, &credentials("server").password);
    world.inject(path, &request);
    world.run_for(secs(1));
    assert_eq!(world.browser.errors, [487]);
    assert_eq!(
        world.effects,
        [Effect::Count(Counter::StunRoleConflict)],
        "and its path is not taken"
    );
}

#[test]
fn an_unknown_attribute_that_must_be_understood_is_refused() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    world.browser.checking = false;
    let path = world.browser.paths[0];
    let request = world
        .browser
        .request()
        .username("serverUfrag:b")
        .role(Role::Controlling(9));
    // DATA (RFC 8656 §18.4) is required, and none of ours.
    let request = request.attribute(0x0013, b"what is this?");
    let datagram = sign(request, &credentials("server").password);
    world.inject(path, &datagram);
    world.run_for(secs(1));
    assert_eq!(world.browser.errors, [420]);
    assert_eq!(
        world.effects,
        [Effect::Count(Counter::StunUnknownAttribute)]
    );
}

#[test]
fn a_peer_that_never_completes_is_given_up_after_30_seconds() {
    let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
    world.browser.checking = false;
    world.run_for(secs(29));
    assert_eq!(world.failure(), None);
    world.run_for(secs(2));
    assert_eq!(world.failure(), Some(Reason::Timeout));
    assert_eq!(world.server.deadline(), None);
}
