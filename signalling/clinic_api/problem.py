"""What a caller is told when a request cannot be carried out: Problem Details for HTTP APIs (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """The caller's fault. `code` is stable and for programs, `sentence` for people."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.headers = headers or {}

    def response(self) -> web.Response:
        body = {"type": f"urn:hoichan:problem:{self.code}", "title": self.sentence, "status": self.status.value}
        return web.json_response(
            body, status=self.status, content_type="application/problem+json", headers=self.headers
        )
