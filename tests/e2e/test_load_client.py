"""The benchmark's load client, as an operator starts it, against a server of our own."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from signalling.config.secrets import DEVELOPMENT_SECRET
from tests.running import ROOT, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
MANIFEST = ROOT / "media" / "core" / "Cargo.toml"
PACKAGE = ("--package", "hoichan-benchmarks", "--bin", "load")


@pytest.fixture(scope="module")
def load() -> Path:
    """The program; built the first time, which takes minutes."""
    build = ["cargo", "build", "--locked", "--quiet", "--manifest-path", str(MANIFEST), *PACKAGE]
    subprocess.run(build, check=True)
    metadata = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--manifest-path", str(MANIFEST)]
    described = json.loads(subprocess.run(metadata, check=True, capture_output=True).stdout)
    return Path(described["target_directory"]) / "debug" / "load"


def run(load: Path, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    url = ("--url", f"ws://127.0.0.1:{port}", "--api-secret", DEVELOPMENT_SECRET)
    command = [str(load), *url, "--json", "-", "--quiet", "--duration", "3", "--warm-up", "0.5", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_viewer_gets_camera_and_microphone_and_all_of_it_is_genuine(load: Path, server: int) -> None:
    who = ("--video-publishers", "1", "--audio-publishers", "1", "--subscribers", "3", "--room", "load-client")
    ran = run(load, server, *who)
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout)
    assert result["participants"] == {"wanted": 5, "joined": 5, "failed": 0, "errors": []}
    assert result["tracks"] == {"expected": 6, "with_media": 6}
    assert result["received"]["video_packets"] > 0
    assert result["received"]["audio_packets"] > 0
    assert result["received"]["forged"] == 0
    assert result["delay_ms"]["count"] == result["received"]["opened"]
    assert result["first_frame_ms"]["count"] == 3
    assert "api_secret" not in result["options"]


def test_viewers_who_ask_for_another_layer_get_it(load: Path, server: int) -> None:
    who = ("--video-publishers", "1", "--subscribers", "2", "--switch-every", "1", "--room", "load-layers")
    ran = run(load, server, *who)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["switch_ms"]["count"] >= 2


def test_a_server_that_is_not_there_is_named_as_the_reason(load: Path) -> None:
    ran = run(load, free_port(socket.SOCK_STREAM), "--subscribers", "1")
    assert ran.returncode == 1
    assert "nobody could join: Connection refused" in ran.stderr
