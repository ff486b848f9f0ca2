//! Who joins which room, and as what.

use crate::load::clock;
use crate::load::options::{Adapter, Options};
use crate::load::sdp::MediaKind;
use crate::load::signalling::galene::Galene;
use crate::load::signalling::janus::Janus;
use crate::load::signalling::livekit::LiveKit;
use crate::load::signalling::whip::Whip;
use crate::load::signalling::{Assignment, CAMERA, MICROPHONE, Role, Signalling, identity};

/// Everybody: publishers first, rooms by turns.
#[must_use]
pub fn assignments(options: &Options) -> Vec<Assignment> {
    let groups = [
        (
            Role::Publisher(MediaKind::Video),
            options.video_publishers,
            CAMERA,
        ),
        (
            Role::Publisher(MediaKind::Audio),
            options.audio_publishers,
            MICROPHONE,
        ),
        (Role::Subscriber, options.subscribers, "viewer"),
    ];
    let run = clock::wall() as u32;
    let mut all = Vec::new();
    for (role, count, name) in groups {
        for (place, room_number) in
            (0..count).flat_map(|place| (0..options.rooms).map(move |room| (place, room)))
        {
            all.push(Assignment {
                number: all.len(),
                room: room_name(options, room_number),
                room_number,
                run,
                identity: identity(name, place, run),
                role,
                simulcast: !options.no_simulcast,
                highest_layer: options.highest_layer(),
                layout: options.layout,
                cameras: options.video_publishers,
                microphones: options.audio_publishers,
            });
        }
    }
    all
}

fn room_name(options: &Options, number: usize) -> String {
    match (options.rooms, options.adapter) {
        (1, _) => options.room.clone(),
        // There a group's subgroups need no file of their own.
        (_, Adapter::Galene) => format!("{}/{number}", options.room),
        _ => format!("{}-{number}", options.room),
    }
}

/// The adapter for one of them.
#[must_use]
pub fn signalling(options: &Options, assignment: Assignment) -> Box<dyn Signalling> {
    match options.adapter {
        Adapter::Livekit => {
            let keys = (options.api_key.as_str(), options.api_secret.as_str());
            Box::new(LiveKit::new(assignment, &options.url, keys))
        }
        Adapter::Janus => Box::new(Janus::new(assignment, &options.url)),
        Adapter::Galene => Box::new(Galene::new(assignment, &options.url)),
        Adapter::Whip => Box::new(Whip::new(assignment, &options.url)),
    }
}
