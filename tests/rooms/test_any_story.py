"""Whatever people do, whenever: random actors and actions against an oracle that only knows the rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import MutePublishedTrack, RemoveParticipant, UpdateParticipant
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.ids import Identity, ParticipantSid, TrackSid
from rooms.live.info import ParticipantInfo
from rooms.live.limits import Limits
from rooms.live.permission import Permission, TrackSource
from tests.rooms.stage import CAMERA, MICROPHONE, SCREEN, Person, Stage

CAPACITY = 3
REQUESTS = {"camera": CAMERA, "microphone": MICROPHONE, "screen": SCREEN}
NAMES = st.sampled_from("abcde")
PERMISSIONS = st.builds(
    Permission,
    can_subscribe=st.booleans(),
    can_publish=st.booleans(),
    can_publish_data=st.booleans(),
    can_publish_sources=st.frozensets(st.sampled_from([TrackSource.CAMERA, TrackSource.MICROPHONE]), max_size=2),
    can_update_own_metadata=st.booleans(),
    hidden=st.booleans(),
)


@dataclass
class Rules:
    """What the oracle knows of one person."""

    person: Person
    permission: Permission
    automatic: bool
    wishes: dict[TrackSid, bool] = field(default_factory=dict)
    tracks: dict[TrackSid, TrackSource] = field(default_factory=dict)
    admits: frozenset[str] | None = None
    """Identities; None for everybody."""

    def may_publish(self, source: TrackSource) -> bool:
        sources = self.permission.can_publish_sources
        return source in sources if sources else self.permission.can_publish


class AnyStory(RuleBasedStateMachine):
    """Nobody gets what they may not, everybody gets what they want and may, and the hidden stay hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(limits=Limits(max_participants=CAPACITY))
        self.here: dict[str, Rules] = {}
        self.versions: dict[tuple[ParticipantSid, ParticipantSid], int] = {}
        self.seen_effects = 0
        self.most = CAPACITY

    @rule(name=NAMES, permission=PERMISSIONS, automatic=st.booleans(), protocol=st.sampled_from([9, 17]))
    def comes(self, name: str, permission: Permission, automatic: bool, protocol: int) -> None:  # noqa: FBT001 - drawn
        others = [rules for known, rules in self.here.items() if known != name and not rules.permission.hidden]
        outcome = self.stage.tries_to_enter(
            ev.Join(
                connection=self.stage.connection(),
                identity=Identity(name),
                permission=permission,
                client=ev.ClientTraits(protocol=protocol),
                auto_subscribe=automatic,
            )
        )
        if len(others) >= CAPACITY and not permission.hidden:
            assert outcome is fx.Refusal.ROOM_FULL
        else:
            assert isinstance(outcome, Person)
            self.here[name] = Rules(outcome, permission, automatic)

    @rule(name=NAMES, what=st.sampled_from(list(REQUESTS)))
    def publishes(self, name: str, what: str) -> None:
        rules = self.here.get(name)
        if rules is None:
            return
        request = REQUESTS[what]
        before = len(rules.person.notices(fx.TrackPublished))
        rules.person.does(ev.AddTrack(participant=rules.person.sid, request=request))
        published = rules.person.notices(fx.TrackPublished)[before:]
        assert bool(published) == rules.may_publish(request.source)
        for notice in published:
            self.stage.negotiated(rules.person, notice.track.sid, request)
            rules.tracks[notice.track.sid] = request.source

    @rule(name=NAMES, other=NAMES)
    def tries_to_unpublish(self, name: str, other: str) -> None:
        """Also what belongs to somebody else."""
        rules, victim = self.here.get(name), self.here.get(other)
        if rules is None or victim is None or not victim.tracks:
            return
        track = next(iter(victim.tracks))
        rules.person.does(ev.UnpublishTrack(participant=rules.person.sid, track=track))
        if rules is victim:
            self._gone(track, victim)

    @rule(name=NAMES, other=NAMES, wanted=st.booleans())
    def wishes(self, name: str, other: str, wanted: bool) -> None:  # noqa: FBT001 - drawn
        rules, publisher = self.here.get(name), self.here.get(other)
        if rules is None or publisher is None:
            return
        tracks = tuple(publisher.tracks)
        rules.person.does(ev.Subscribe(participant=rules.person.sid, tracks=tracks, wanted=wanted))
        if publisher is not rules and not publisher.permission.hidden:
            rules.wishes.update(dict.fromkeys(tracks, wanted))

    @rule(name=NAMES, admitted=st.none() | st.frozensets(NAMES, max_size=2))
    def admits(self, name: str, admitted: frozenset[str] | None) -> None:
        rules = self.here.get(name)
        if rules is None:
            return
        lines = tuple(ev.TrackPermission(identity=Identity(other), all_tracks=True) for other in admitted or ())
        rules.person.does(
            ev.SetSubscriptionPermission(participant=rules.person.sid, all_participants=admitted is None, allowed=lines)
        )
        rules.admits = admitted

    @rule(name=NAMES, permission=PERMISSIONS)
    def is_permitted(self, name: str, permission: Permission) -> None:
        rules = self.here.get(name)
        self.stage.administers(UpdateParticipant(identity=Identity(name), permission=permission))
        if rules is None:
            return
        rules.permission = permission
        # Showing somebody hidden may take a room over its bound: nobody is thrown out for it.
        self.most = max(self.most, self._visible())
        for track, source in list(rules.tracks.items()):
            if not rules.may_publish(source):
                self._gone(track, rules)

    @rule(name=NAMES)
    def is_muted(self, name: str) -> None:
        rules = self.here.get(name)
        for track in list(rules.tracks) if rules else ():
            self.stage.administers(MutePublishedTrack(Identity(name), track, muted=True))

    @rule(name=NAMES)
    def is_removed(self, name: str) -> None:
        self.stage.administers(RemoveParticipant(Identity(name)))
        self.here.pop(name, None)

    @rule(name=NAMES, connected=st.booleans())
    def loses_or_finds_media(self, name: str, connected: bool) -> None:  # noqa: FBT001 - drawn
        rules = self.here.get(name)
        if rules is not None:
            kind = ev.MediaConnected if connected else ev.MediaInterrupted
            rules.person.does(kind(participant=rules.person.sid))

    @rule(name=NAMES, thief=NAMES)
    def tries_to_take_a_seat(self, name: str, thief: str) -> None:
        victim = self.here.get(name)
        if victim is None:
            return
        happened = self.stage.happens(
            ev.Resume(connection=self.stage.connection(), participant=victim.person.sid, identity=Identity(thief))
        )
        assert any(isinstance(effect, fx.Resumed) for effect in happened) == (thief == name)

    @rule(name=NAMES, to=st.frozensets(NAMES, max_size=2))
    def says_something(self, name: str, to: frozenset[str]) -> None:
        rules = self.here.get(name)
        if rules is None:
            return
        for other in self.here.values():
            other.person.opens_channels()
        deliveries = rules.person.says(b"x", to=tuple(to))
        reached = {sid for delivery in deliveries for sid in delivery.to}
        named = {other.person.sid for known, other in self.here.items() if known in to} if to else None
        everybody = {other.person.sid for known, other in self.here.items() if known != name}
        expected = everybody if named is None else everybody & named
        assert reached == (expected if rules.permission.can_publish_data else set())
        for delivery in deliveries:
            assert delivery.sender_identity == ("" if rules.permission.hidden else name)

    @rule(seconds=st.floats(0, 8))
    def time_passes(self, seconds: float) -> None:
        if self.here:
            self.stage.wait(seconds)

    @invariant()
    def the_roster_is_true(self) -> None:
        assert self.stage.present == set(self.here)
        assert self._visible() <= self.most

    @invariant()
    def everybody_gets_what_they_want_and_may(self) -> None:
        for rules in self.here.values():
            assert rules.person.receives == {
                track
                for publisher in self.here.values()
                for track in publisher.tracks
                if self._should_get(rules, publisher, track)
            }

    @invariant()
    def everybody_knows_who_publishes_and_nobody_hidden(self) -> None:
        for rules in self.here.values():
            expected = {
                other.person.sid for other in self.here.values() if other is not rules and not other.permission.hidden
            }
            known = rules.person.knows
            # A replaced sid is not announced to newer clients; they see the new one under the same identity.
            current = {sid for sid in known if sid in {other.person.sid for other in self.here.values()}}
            publishers = {other.person.sid for other in self.here.values() if other.tracks}
            assert current <= expected
            assert current >= expected & publishers

    @rule()
    def a_moment_passes(self) -> None:
        """Then everybody knows everything there is to know."""
        self.stage.wait(GATHERING_SECONDS)
        present = {info.sid: info for info in self.stage.room.participants()}
        hidden = {rules.person.sid for rules in self.here.values() if rules.permission.hidden}
        for rules in self.here.values():
            known = {sid: info for sid, info in rules.person.knows.items() if sid in present}
            assert known == {
                sid: info for sid, info in present.items() if sid not in hidden and sid != rules.person.sid
            }

    @invariant()
    def nothing_new_reveals_the_hidden_and_versions_grow(self) -> None:
        hidden = {rules.person.sid for rules in self.here.values() if rules.permission.hidden}
        for effect in self.stage.everything[self.seen_effects :]:
            for viewer, info in _told(effect):
                key = (viewer, info.sid)
                assert info.version >= self.versions.get(key, 0)
                self.versions[key] = info.version
                if info.sid in hidden and info.sid != viewer:
                    assert info.disconnect_reason is not None
        self.seen_effects = len(self.stage.everything)

    def _visible(self) -> int:
        return sum(1 for rules in self.here.values() if not rules.permission.hidden)

    def _should_get(self, subscriber: Rules, publisher: Rules, track: TrackSid) -> bool:
        return (
            subscriber is not publisher
            and subscriber.permission.can_subscribe
            and not publisher.permission.hidden
            and subscriber.wishes.get(track, subscriber.automatic)
            and (publisher.admits is None or subscriber.person.identity in publisher.admits)
        )

    def _gone(self, track: TrackSid, publisher: Rules) -> None:
        del publisher.tracks[track]
        for rules in self.here.values():
            rules.wishes.pop(track, None)


def _told(effect: fx.Effect) -> list[tuple[ParticipantSid, ParticipantInfo]]:
    """Who is told what of whom."""
    match effect:
        case fx.Announce(viewers, fx.ParticipantsChanged(infos)):
            return [(viewer, info) for viewer in viewers for info in infos]
        case fx.Notify(viewer, fx.Welcome(others=others, participant=own)):
            return [(viewer, info) for info in (own, *others)]
        case fx.Notify(viewer, fx.WelcomeBack(participants=infos)):
            return [(viewer, info) for info in infos]
        case _:
            return []


AnyStory.TestCase.settings = settings(stateful_step_count=40)
TestAnyStory = AnyStory.TestCase
