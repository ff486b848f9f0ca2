"""The built web client, from memory: small, and one route per file, so no path of a request is ever opened."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

FOLDER = "web_client_dist"
IMMUTABLE_PREFIX = "/assets/"
"""Vite puts a hash of the content into these names, so their content never changes."""
SHORTEST_COMPRESSED_BYTES = 500
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOT_BUILT = "Hoichan is running, without its web client: `make setup` builds it.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file. `gzipped` is None where compression would save nothing."""

    content_type: str
    body: bytes
    gzipped: bytes | None
    headers: Mapping[str, str]

    def response(self, request: web.Request) -> web.Response:
        if self.headers[hdrs.ETAG] in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=304, headers=self.headers)
        if self.gzipped is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers = {**self.headers, hdrs.CONTENT_ENCODING: "gzip", hdrs.CONTENT_TYPE: self.content_type}
            return web.Response(body=self.gzipped, headers=headers)
        return web.Response(body=self.body, headers={**self.headers, hdrs.CONTENT_TYPE: self.content_type})


def built() -> dict[str, Page]:
    """The client that was built into this package; blocks."""
    return pages_of(resources.files("signalling").joinpath(FOLDER))


def pages_of(folder: Traversable) -> dict[str, Page]:
    """The files of `folder` by path, `/` among them. Without a build, `/` says so (it is also the health check)."""
    pages = {path: _page(path, file.read_bytes()) for path, file in _files(folder, "/")} if folder.is_dir() else {}
    index = pages.pop("/index.html", None)
    return {**pages, "/": index or _page("/not-built.txt", NOT_BUILT.encode())}


def routes(pages: Mapping[str, Page]) -> list[web.RouteDef]:
    return [web.get(path, _handler(page)) for path, page in pages.items()]


def _handler(page: Page) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return page.response(request)

    return answer


def _files(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for item in folder.iterdir():
        path = prefix + item.name
        found += _files(item, f"{path}/") if item.is_dir() else [(path, item)]
    return found


def _page(path: str, body: bytes) -> Page:
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    compressible = content_type.startswith(COMPRESSIBLE) and len(body) >= SHORTEST_COMPRESSED_BYTES
    immutable = path.startswith(IMMUTABLE_PREFIX)
    headers = {
        **SECURITY_HEADERS,
        hdrs.ETAG: f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable" if immutable else "no-cache",
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    charset = "; charset=utf-8" if content_type.startswith("text/") else ""
    return Page(
        content_type=content_type + charset,
        body=body,
        gzipped=gzip.compress(body, mtime=0) if compressible else None,
        headers=headers,
    )
