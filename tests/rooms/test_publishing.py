from __future__ import annotations

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import UpdateParticipant
from rooms.live.info import AudioFeature, TrackRequest
from rooms.live.limits import Limits
from rooms.live.permission import Permission, TrackSource
from tests.rooms.stage import CAMERA, MICROPHONE, SCREEN, Stage


def test_others_learn_of_a_track_when_it_can_be_received_and_not_before() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    track = lan.declares(CAMERA)
    assert mai.knows[lan.sid].tracks == ()
    stage.negotiated(lan, track, CAMERA)
    assert [info.sid for info in mai.knows[lan.sid].tracks] == [track]
    assert mai.receives == {track}


@pytest.mark.parametrize(
    ("request_", "prefix"),
    [(CAMERA, "TR_VC"), (MICROPHONE, "TR_AM"), (SCREEN, "TR_VS")],
    ids=["camera", "mic", "screen"],
)
def test_a_sid_tells_kind_and_source(request_: TrackRequest, prefix: str) -> None:
    assert Stage().enters("lan").declares(request_).startswith(prefix)


def test_others_learn_of_the_track_before_they_are_sent_it() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    mai.forget()
    lan.publishes(CAMERA)
    kinds = [type(notice) for notice in mai.heard]
    assert kinds.index(fx.ParticipantsChanged) < kinds.index(fx.Subscribed)


def test_asking_twice_for_one_track_gives_one_track() -> None:
    lan = Stage().enters("lan")
    assert lan.declares(CAMERA) == lan.declares(CAMERA)


def test_publishing_the_same_camera_again_makes_a_new_track() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    first = lan.publishes(CAMERA)
    lan.does(ev.UnpublishTrack(participant=lan.sid, track=first))
    second = lan.publishes(CAMERA)
    assert first != second
    assert mai.receives == {second}


@pytest.mark.parametrize(
    ("permission", "request_"),
    [
        (Permission(can_publish=False), CAMERA),
        (Permission(can_publish_sources=frozenset({TrackSource.MICROPHONE})), CAMERA),
        (Permission(can_publish=False, can_publish_sources=frozenset({TrackSource.MICROPHONE})), SCREEN),
    ],
)
def test_what_the_token_does_not_grant_is_refused_in_words(permission: Permission, request_: TrackRequest) -> None:
    stage = Stage()
    lan, mai = stage.enters("lan", permission=permission), stage.enters("mai")
    lan.does(ev.AddTrack(participant=lan.sid, request=request_))
    refused = lan.last(fx.PublishRefused)
    assert refused.status is fx.RequestStatus.NOT_ALLOWED
    assert refused.request.cid == request_.cid
    assert request_.source.value in refused.message
    assert mai.knows[lan.sid].tracks == ()


def test_a_source_list_grants_what_it_lists() -> None:
    stage = Stage()
    lan = stage.enters(
        "lan", permission=Permission(can_publish=False, can_publish_sources=frozenset({TrackSource.MICROPHONE}))
    )
    assert lan.publishes(MICROPHONE)


def test_one_participant_cannot_publish_without_end() -> None:
    stage = Stage(limits=Limits(tracks_per_participant=2))
    lan = stage.enters("lan")
    for request_ in (CAMERA, MICROPHONE, SCREEN):
        lan.does(ev.AddTrack(participant=lan.sid, request=request_))
    assert len(lan.notices(fx.TrackPublished)) == 2
    assert lan.last(fx.PublishRefused).status is fx.RequestStatus.LIMIT_EXCEEDED


def test_a_revoked_grant_takes_the_tracks_that_stood_on_it() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera, microphone = lan.publishes(CAMERA), lan.publishes(MICROPHONE)
    only_voice = Permission(can_publish_sources=frozenset({TrackSource.MICROPHONE}))
    stage.administers(UpdateParticipant(identity=lan.identity, permission=only_voice))
    assert mai.receives == {microphone}
    assert lan.last(fx.TrackUnpublished) == fx.TrackUnpublished(camera, by_server=True)
    assert [info.sid for info in mai.knows[lan.sid].tracks] == [microphone]


def test_a_track_revoked_while_it_is_negotiated_never_appears() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.declares(CAMERA)
    stage.administers(UpdateParticipant(identity=lan.identity, permission=Permission(can_publish=False)))
    lan.forget()
    stage.negotiated(lan, camera, CAMERA)
    assert lan.last(fx.TrackUnpublished) == fx.TrackUnpublished(camera, by_server=True)
    assert mai.receives == set()


def test_mute_is_told_to_all_and_enforced() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    lan.does(ev.MuteTrack(participant=lan.sid, track=microphone, muted=True))
    assert mai.knows[lan.sid].tracks[0].muted
    assert lan.last(fx.TrackMuted) == fx.TrackMuted(microphone, muted=True, by_server=False)
    lan.does(ev.MuteTrack(participant=lan.sid, track=microphone, muted=False))
    assert not mai.knows[lan.sid].tracks[0].muted


def test_nobody_mutes_or_ends_what_another_publishes() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    assert mai.does(ev.MuteTrack(participant=mai.sid, track=microphone, muted=True)) == []
    assert mai.does(ev.UnpublishTrack(participant=mai.sid, track=microphone)) == []
    assert mai.receives == {microphone}


def test_a_track_published_muted_is_not_forwarded() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    muted = TrackRequest(cid="mic", kind="audio", source=TrackSource.MICROPHONE, muted=True)
    track = lan.publishes(muted)
    assert lan.last(fx.TrackMuted) == fx.TrackMuted(track, muted=True, by_server=False)


def test_a_track_is_described_anew() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera, microphone = lan.publishes(CAMERA), lan.publishes(MICROPHONE)
    lan.does(ev.UpdateVideoTrack(participant=lan.sid, track=camera, width=640, height=480))
    features = frozenset({AudioFeature.NOISE_SUPPRESSION})
    lan.does(ev.UpdateAudioTrack(participant=lan.sid, track=microphone, features=features))
    video, audio = mai.knows[lan.sid].tracks
    assert (video.width, video.height) == (640, 480)
    assert audio.audio_features == features


def test_leaving_takes_ones_tracks_along() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    lan.publishes(CAMERA)
    lan.publishes(MICROPHONE)
    stage.leaves(lan)
    assert mai.receives == set()
    assert stage.facts[-3:] == ["track_unpublished", "track_unpublished", "participant_left"]
