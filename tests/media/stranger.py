"""A socket that belongs to no call: what it sends, and what it gets back for it."""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType
from typing import Any, Self, cast

from aioice import stun

Address = tuple[str, int]

CLIENT_HELLO = bytes.fromhex(
    "16feff0000000000000000003a"  # record: handshake, DTLS 1.0, epoch 0, 58 bytes
    "0100002e000000000000002e"  # ClientHello, 46 bytes, not fragmented
    "fefd" + "00" * 32 + "00" + "00" + "0002" + "0000" + "0100" + "0000"  # one suite: NULL with NULL
)


class Stranger:
    """A UDP socket on loopback that remembers every byte in either direction."""

    def __init__(self, server: Address) -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.bytes_sent = 0

    def send(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, self._server)
        self.bytes_sent += len(datagram)

    def received(self) -> list[bytes]:
        """Everything that came since the last call."""
        datagrams = []
        while True:
            try:
                datagrams.append(self._socket.recv(65536))
            except BlockingIOError:
                return datagrams

    async def answer(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, 65536)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()


def binding_request(username: str, password: str | None) -> bytes:
    """A check as a controlling agent sends it; without a password there is no MESSAGE-INTEGRITY."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = username
    request.attributes["PRIORITY"] = 1_845_501_695
    request.attributes["ICE-CONTROLLING"] = 7
    request.attributes["USE-CANDIDATE"] = None
    if password is not None:
        request.add_message_integrity(password.encode())
    request.add_fingerprint()
    return bytes(request)


def rtp(payload_type: int, sequence: int, ssrc: int, size: int = 1000) -> bytes:
    """A packet with the right header, and no idea of the key."""
    return struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, sequence * 3000, ssrc) + bytes(size)


def framed(datagram: bytes) -> bytes:
    """RFC 4571."""
    return len(datagram).to_bytes(2, "big") + datagram


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(2), "big")
    return await reader.readexactly(length)


class FramingRelay(asyncio.DatagramProtocol):
    """Carries one peer's datagrams over one TCP connection, so that a stack that only knows UDP speaks ICE-TCP."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._datagrams: asyncio.DatagramTransport | None = None
        self._peer: Address | None = None
        self._task = asyncio.create_task(self._downstream())

    @classmethod
    async def start(cls, server: Address) -> Self:
        relay = cls(*await asyncio.open_connection(*server))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: relay, local_addr=("127.0.0.1", 0))
        return relay

    @property
    def address(self) -> Address:
        assert self._datagrams is not None
        host, port = self._datagrams.get_extra_info("sockname")
        return host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._datagrams = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._peer = addr
        self._writer.write(framed(data))

    async def _downstream(self) -> None:
        while True:
            frame = await read_frame(self._reader)
            if self._datagrams is not None:
                self._datagrams.sendto(frame, self._peer)

    async def stop(self) -> None:
        assert self._datagrams is not None
        self._task.cancel()
        self._datagrams.close()
        self._writer.close()
        await asyncio.gather(self._task, self._writer.wait_closed(), return_exceptions=True)
