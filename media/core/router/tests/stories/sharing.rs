//! Links that do not carry all that is wished for: who gets what, and when it changes.

use crate::kit::camera::Camera;
use crate::kit::gathering::Gathering;
use crate::kit::{self, World};
use hoichan_router::{ConsumerId, Event, ProducerId, Wish};

#[test]
fn a_link_that_becomes_thin_gets_less_at_once_and_more_when_it_has_been_good_for_a_while() {
    let mut call = Gathering::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[2]]);
    call.carries(800_000);
    call.passes(200);
    assert_eq!(call.layers(1000), [[1]]);
    call.carries(5_000_000);
    assert_eq!(call.layers(800), [[1]], "not yet");
    call.passes(1500);
    assert_eq!(call.layers(1000), [[2]]);
    assert_eq!(call.states(), [], "nothing was paused");
}

#[test]
fn what_is_desired_and_what_is_given_of_it_are_told() {
    let mut call = Gathering::begun(&[50]);
    for link in [5_000_000, 800_000] {
        call.carries(link);
        call.passes(12_000);
        let last = call
            .told
            .iter()
            .rfind(|one| one.desired_outgoing_bitrate > 0);
        let last = last.expect("each 5 s");
        let (desired, given) = (
            last.desired_outgoing_bitrate,
            last.allocated_outgoing_bitrate,
        );
        assert!(desired > 1_400_000 && given < link, "{last:?}");
        assert_eq!(given == desired, link == 5_000_000, "{last:?}");
    }
}

#[test]
fn what_would_fill_the_links_queue_is_cut_without_waiting_for_a_key_frame() {
    let mut call = Gathering::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    call.carries(300_000);
    call.cameras[0].key_frames = [false; 3];
    assert_eq!(
        call.world
            .heard(&mut call.cameras[0].peer)
            .keyframe_requests(),
        1
    );
    assert_eq!(
        call.layers(400),
        [Vec::<usize>::new()],
        "that request is lost"
    );
    call.passes(400);
    assert_eq!(call.layers(1000), [[0]], "the next one is not");
}

#[test]
fn the_least_important_is_paused_and_told_and_comes_back_with_a_key_frame() {
    let mut call = Gathering::begun(&[100, 50]);
    call.carries(5_000_000);
    call.passes(4000);
    call.carries(250_000);
    call.passes(400);
    assert_eq!(call.states(), [(1, true)]);
    assert_eq!(call.layers(2000), [vec![0], vec![]]);
    call.carries(2_000_000);
    call.passes(3000);
    assert_eq!(call.states(), [(1, false)]);
    assert_eq!(call.layers(1000), [[2], [0]]);
}

#[test]
fn nobody_is_told_of_a_weak_link_while_it_is_still_being_found_out() {
    let mut call = Gathering::begun(&[100, 50]);
    for kilobits in [200, 250, 300, 600, 1200] {
        call.carries(kilobits * 1000);
        call.passes(700);
    }
    call.passes(2000);
    assert_eq!(call.layers(1000), [[1], [1]]);
    assert_eq!(call.states(), []);
}

#[test]
fn audio_goes_on_when_the_link_carries_nothing_else() {
    let mut call = Gathering::begun(&[100, 50]);
    call.carries(5_000_000);
    call.passes(2000);
    call.carries(40_000);
    call.passes(400);
    call.voices = 0;
    assert_eq!(call.layers(10_000), [Vec::<usize>::new(), vec![]]);
    assert_eq!(call.voices, 500, "50 a second");
    assert_eq!(call.states(), [(0, true), (1, true)]);
}

#[test]
fn a_shared_screen_comes_whole_before_any_face() {
    let mut call = Gathering::begun(&[50, 200]);
    call.carries(550_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [vec![], vec![1]]);
    assert_eq!(call.states(), [(0, true)]);
}

#[test]
fn when_another_begins_to_speak_he_is_raised_and_the_other_lowered() {
    let mut call = Gathering::begun(&[100, 50]);
    call.carries(720_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[1], [0]]);
    let priority = |priority| Wish {
        priority,
        ..Wish::default()
    };
    call.wish(0, priority(50));
    call.wish(1, priority(100));
    call.passes(500);
    assert_eq!(call.layers(1000), [[0], [1]]);
}

#[test]
fn who_hides_one_picture_gets_more_of_another() {
    let mut call = Gathering::begun(&[50, 50, 50]);
    call.carries(2_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[1], [1], [1]]);
    let hidden = Wish {
        paused: true,
        ..Wish::default()
    };
    call.wish(1, hidden);
    call.wish(2, hidden);
    call.passes(1000);
    assert_eq!(call.layers(1000), [vec![2], vec![], vec![]]);
    assert_eq!(call.states(), [], "what one hides oneself is not told");
}

#[test]
fn who_hides_what_was_held_back_is_told_anew_when_it_is_shown_again() {
    let mut call = Gathering::begun(&[100, 50]);
    call.carries(250_000);
    call.passes(5000);
    assert_eq!(call.states(), [(1, true)]);
    let hidden = Wish {
        paused: true,
        ..Wish::default()
    };
    call.wish(1, hidden);
    assert_eq!(call.states(), [(1, false)]);
    call.wish(1, Wish::default());
    call.passes(200);
    assert_eq!(call.states(), [(1, true)]);
}

#[test]
fn who_begins_to_send_is_seen_from_the_first_key_frame_on() {
    let mut call = Gathering::begun(&[100]);
    call.carries(5_000_000);
    call.passes(3000);
    call.join(50);
    call.passes(20);
    assert!(call.seen[1][0] > 0);
}

#[test]
fn a_publisher_that_left_off_all_sizes_and_resumes_the_least_is_seen_soon() {
    let mut call = Gathering::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[2]]);
    call.cameras[0].sends = 0;
    call.passes(20_000);
    call.cameras[0].sends = 1;
    call.passes(2500);
    assert_eq!(call.layers(1000), [[0]]);
}

#[test]
fn who_comes_when_the_link_is_full_is_told_that_there_is_no_room() {
    let mut call = Gathering::begun(&[100]);
    call.carries(220_000);
    call.passes(5000);
    call.join(50);
    call.passes(1000);
    assert_eq!(call.states(), [(1, true)]);
    assert_eq!(call.layers(1000), [vec![0], vec![]]);
    let router = &mut call.world.router;
    router.remove_consumer(ConsumerId(20)).expect("known");
    call.passes(500);
    assert_eq!(call.states(), [(1, false)]);
}

#[test]
fn an_estimate_that_strays_a_little_changes_nothing() {
    let mut call = Gathering::begun(&[100, 50, 50]);
    for permille in [1000, 950, 1050].repeat(5) {
        call.carries(1_300 * permille);
        call.passes(400);
    }
    let switches = call.world.counter("layer_switches");
    call.states();
    for permille in [1040, 960, 1000, 1050, 990, 950, 1020].repeat(10) {
        call.carries(1_300 * permille);
        call.passes(300);
    }
    assert_eq!(call.world.counter("layer_switches"), switches);
    assert_eq!(call.states(), []);
}

#[test]
fn somebody_is_seen_at_once_though_nobody_knows_yet_what_the_link_carries() {
    let mut world = World::new();
    let subscriber = world.peer(2);
    let mut peers = [world.peer(3), world.peer(4)];
    let mut cameras = [Camera::new(5, "f"), Camera::new(6, "f")];
    let mut subscriber = subscriber;
    for (id, peer) in (20..).zip(&peers) {
        let producer = world.publish_video(peer, id, &["f"]);
        assert_eq!(producer, ProducerId(id));
        world.subscribe_with(
            &subscriber,
            id,
            producer,
            &kit::numbered_consumer(id),
            kit::WISH_BEST,
        );
    }
    for (peer, camera) in peers.iter_mut().zip(&mut cameras) {
        world.send(peer, &camera.frame(true, 2, 1000));
    }
    world.pass(200);
    assert!(!world.heard(&mut subscriber).rtp.is_empty());
    let is_told = |event: &Event| matches!(event, Event::ConsumerStreamState { .. });
    assert!(
        !world.take_events().iter().any(is_told),
        "what is not known is not told"
    );
}
