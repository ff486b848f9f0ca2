"""The shell of webhooks: queues, clocks and HTTP around `delivery`."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Collection, Sequence
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs
from livekit.protocol import webhook as proto

from rooms.live.effects import Fact, FactKind
from signalling.auth.tokens import TokenAuthority
from signalling.server_api.webhooks.delivery import (
    Answered,
    Delivery,
    Event,
    Finished,
    GaveUp,
    Happened,
    Post,
    Stop,
    Timeout,
    Unreachable,
)
from signalling.server_api.webhooks.event import CONTENT_TYPE, encode, event_message, sign

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_logger = logging.getLogger(__name__)


class WebhookSender:
    """Tells every URL what happens: all of it, or `events` only.

    URLs come from the configuration only, and redirects are not followed.

    `outcomes` counts posts that were delivered, refused or unanswered, and events that were given up.

    `notify` may be called at any time; nothing is sent before `run` does. The inboxes need no bound of their own: `run`
    empties them without waiting for the network, into a `Delivery` that has one.
    """

    def __init__(
        self, urls: Sequence[str], authority: TokenAuthority, api_key: str, *, events: Collection[str] = ()
    ) -> None:
        self._authority = authority
        self._api_key = api_key
        self._events = frozenset(events or FactKind)
        self.outcomes: Counter[str] = Counter({"delivered": 0, "refused": 0, "unanswered": 0, "given_up": 0})
        self._inboxes: dict[str, asyncio.Queue[Event[proto.WebhookEvent]]] = {url: asyncio.Queue() for url in urls}

    def notify(self, fact: Fact) -> None:
        """Have `fact` told to every URL, if it is one of the events that are told."""
        if fact.kind not in self._events:
            return
        message = event_message(fact, event_id=f"EV_{secrets.token_hex(8)}", now=time.time())
        for inbox in self._inboxes.values():
            inbox.put_nowait(Happened(fact.room.name, message))

    def stop(self) -> None:
        """Have `run` return once everything is told or given up."""
        for inbox in self._inboxes.values():
            inbox.put_nowait(Stop())

    async def run(self) -> None:
        """Send until `stop`, or until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as http, asyncio.TaskGroup() as tasks:
            for url, inbox in self._inboxes.items():
                tasks.create_task(self._deliver(http, url, inbox))

    async def _deliver(
        self, http: aiohttp.ClientSession, url: str, inbox: asyncio.Queue[Event[proto.WebhookEvent]]
    ) -> None:
        clock = asyncio.get_running_loop().time
        delivery: Delivery[proto.WebhookEvent] = Delivery()
        async with asyncio.TaskGroup() as posts:
            while True:
                try:
                    async with asyncio.timeout_at(delivery.deadline()):
                        event = await inbox.get()
                except TimeoutError:
                    event = Timeout()
                for effect in delivery.handle(clock(), event):
                    match effect:
                        case Post():
                            posts.create_task(self._post(http, url, effect, inbox))
                        case GaveUp(message, reason):
                            self.outcomes["given_up"] += 1
                            _logger.warning("webhook %s %s to %s given up: %s", message.event, message.id, url, reason)
                        case Finished():
                            return

    async def _post(
        self,
        http: aiohttp.ClientSession,
        url: str,
        post: Post[proto.WebhookEvent],
        inbox: asyncio.Queue[Event[proto.WebhookEvent]],
    ) -> None:
        body = encode(post.payload, dropped=post.dropped)
        headers = {hdrs.CONTENT_TYPE: CONTENT_TYPE, hdrs.AUTHORIZATION: sign(self._authority, self._api_key, body)}
        try:
            async with http.post(url, data=body, headers=headers, allow_redirects=False) as response:
                is_taken = response.status < HTTPStatus.MULTIPLE_CHOICES
                self.outcomes["delivered" if is_taken else "refused"] += 1
                inbox.put_nowait(Answered(post.room, response.status))
        except (aiohttp.ClientError, TimeoutError) as error:
            self.outcomes["unanswered"] += 1
            _logger.info("webhook to %s failed, and is tried again: %r", url, error)
            inbox.put_nowait(Unreachable(post.room))
