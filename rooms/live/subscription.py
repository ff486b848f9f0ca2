"""What one subscriber wants and gets, and whom one publisher admits."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms.live.events import TrackPermission, TrackSettings
from rooms.live.ids import Identity, ParticipantSid, Seconds, TrackSid
from rooms.live.info import VideoQuality
from rooms.live.layers import Forwarding

SETTLING_SECONDS: Seconds = 0.2
"""How long new settings wait for better ones: livekit-client's adaptive stream sends "disabled", then HIGH, then the
real size within 150 ms of a subscription (measured), and each switch would cost a key frame."""


@dataclass(frozen=True, slots=True)
class SubscriptionPermission:
    """A publisher's rule for its tracks; everybody may subscribe unless it says otherwise."""

    all_participants: bool = True
    allowed: tuple[TrackPermission, ...] = ()

    def admits(self, sid: ParticipantSid, identity: Identity, track: TrackSid) -> bool:
        return self.all_participants or any(
            (line.participant == sid or line.identity == identity) and (line.all_tracks or track in line.tracks)
            for line in self.allowed
        )


@dataclass(frozen=True, slots=True)
class Settling:
    """Settings that take effect at `due`, unless newer ones replace them before."""

    due: Seconds
    settings: TrackSettings


@dataclass(slots=True)
class Subscriptions:
    """One subscriber's side.

    `wishes` are explicit, all else follows `automatic`. `current` is what is being sent, and how. `denied` was wanted
    but is not admitted by its publisher; `impossible` is what the client cannot take; `starved` what its link cannot.
    """

    automatic: bool
    adaptive: bool
    wishes: dict[TrackSid, bool] = field(default_factory=dict)
    settings: dict[TrackSid, TrackSettings] = field(default_factory=dict)
    settling: dict[TrackSid, Settling] = field(default_factory=dict)
    current: dict[TrackSid, Forwarding] = field(default_factory=dict)
    denied: set[TrackSid] = field(default_factory=set)
    impossible: set[TrackSid] = field(default_factory=set)
    starved: set[TrackSid] = field(default_factory=set)

    def wants(self, track: TrackSid) -> bool:
        return self.wishes.get(track, self.automatic) and track not in self.impossible

    def settings_of(self, track: TrackSid) -> TrackSettings:
        """As asked for, else a first guess: little for clients that will soon tell the size they need."""
        first_guess = TrackSettings(quality=VideoQuality.LOW if self.adaptive else VideoQuality.HIGH)
        return self.settings.get(track, first_guess)

    def settle(self, now: Seconds, track: TrackSid, settings: TrackSettings) -> None:
        """Note new settings. A row of changes takes effect at the time set by its first."""
        waiting = self.settling.get(track)
        self.settling[track] = Settling(waiting.due if waiting else now + SETTLING_SECONDS, settings)

    def due(self, now: Seconds) -> list[TrackSid]:
        """The tracks whose settings have settled, now in force."""
        due = [track for track, settling in self.settling.items() if settling.due <= now]
        for track in due:
            self.settings[track] = self.settling.pop(track).settings
        return due

    def forget(self, track: TrackSid) -> None:
        """The track is over."""
        for by_track in (self.wishes, self.settings, self.settling, self.current):
            by_track.pop(track, None)
        self.denied.discard(track)
        self.impossible.discard(track)
        self.starved.discard(track)

    def deadline(self) -> Seconds | None:
        return min((settling.due for settling in self.settling.values()), default=None)
