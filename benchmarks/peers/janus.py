"""Janus, Debian's package: its VideoRoom over WebSocket; settings from the comments in its own configuration files."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.building import debian_package, pins
from benchmarks.peers.peer import Peer, Running, Unavailable, write_files
from benchmarks.processes import Process, free_port

CORE = """\
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{library}/plugins"
    transports_folder = "{library}/transports"
    events_folder = "{library}/events"
    loggers_folder = "{library}/loggers"
    debug_level = 2
    session_timeout = 300
    {event_loops}
}}
media: {{
    twcc_period = 100
}}
nat: {{
    ice_lite = true
    ice_enforce_list = "lo"
    ignore_mdns = true
}}
plugins: {{
    disable = "{other_plugins}"
}}
transports: {{
    disable = "{other_transports}"
}}
"""

WEBSOCKETS = """\
general: {{
    json = "compact"
    ws = true
    ws_port = {port}
    ws_ip = "127.0.0.1"
    wss = false
}}
admin: {{
    admin_ws = false
    admin_wss = false
}}
"""

ONE_LOOP = "event_loops = 1"
"""'Provision the correct value according to the available resources (e.g., CPUs available)': there is one."""

VIDEO_ROOM, OVER_WEBSOCKET = "libjanus_videoroom.so", "libjanus_websockets.so"


class Janus(Peer):
    def __init__(self, name: str, settings: str, event_loops: str) -> None:
        self.name = name
        self.settings = f"VideoRoom over WebSocket, ICE lite, {settings}; other plugins and transports off"
        self._event_loops = event_loops

    def prepare(self) -> str:
        return debian_package(pins()["janus"]["package"], "janus")

    def start(self, folder: Path) -> Running:
        port, library = free_port(), _library()
        core = CORE.format(
            folder=folder,
            library=library,
            event_loops=self._event_loops,
            other_plugins=_others(library / "plugins", VIDEO_ROOM),
            other_transports=_others(library / "transports", OVER_WEBSOCKET),
        )
        websockets = WEBSOCKETS.format(port=port)
        files = {
            "janus.jcfg": core,
            "janus.transport.websockets.jcfg": websockets,
            "janus.plugin.videoroom.jcfg": "general: {}\n",
        }
        write_files(folder, files)
        process = Process(self.name, ["janus", "--configs-folder", str(folder)], folder, {})
        process.wait_for_port(port)
        return Running(process, ("--adapter", "janus", "--url", f"ws://127.0.0.1:{port}/janus"))


def _library() -> Path:
    """Where this system keeps Janus' parts; the folder has the name of the machine's kind in it."""
    found = sorted(Path("/usr/lib").glob(f"**/janus/plugins/{VIDEO_ROOM}"))
    if not found:
        raise Unavailable("Janus is installed without its VideoRoom plugin")
    return found[0].parents[1]


def _others(folder: Path, wanted: str) -> str:
    return ",".join(sorted(path.name for path in folder.glob("*.so") if path.name != wanted))


ONE_LOOP_FOR_ALL = Janus("janus", "`event_loops = 1`, as many as cores", ONE_LOOP)
LOOP_PER_HANDLE = Janus("janus-threads", "a thread per participant (its default)", "")
