"""Looking at the configuration before the server has to live with it."""

import json
from pathlib import Path

from signalling.cli.failure import EXIT_CODES, ExitCode
from tests.cli.command import KEYS, ROOT, hoichan

SECRET = KEYS["HOICHAN_AUTH_API_KEYS"].removeprefix("ward: ")


def test_a_good_configuration_is_called_good() -> None:
    checked = hoichan("config", "check", environment=KEYS)
    assert (checked.returncode, checked.stdout) == (0, "The configuration is good; 1 API key.\n")


def test_every_mistake_is_one_sentence_and_exit_code_3() -> None:
    checked = hoichan("config", "check", "--set", "http.prot=1", environment=KEYS)
    assert checked.returncode == 3
    assert checked.stderr == "http.prot (--set) is not a key of the configuration; did you mean http.port?\n"


def test_serve_refuses_to_start_without_a_key() -> None:
    started = hoichan("serve")
    assert started.returncode == 3
    assert started.stderr.startswith("auth.api_keys is missing")


def test_what_is_in_force_is_shown_with_where_it_came_from_but_no_secret(tmp_path: Path) -> None:
    toml = tmp_path / "hoichan.toml"
    toml.write_text("[log]\nformat = 'json'\n")
    shown = hoichan("config", "show", "--json", "--config", str(toml), environment={**KEYS, "HOICHAN_HTTP_PORT": "1"})
    assert SECRET not in shown.stdout + shown.stderr
    keys = json.loads(shown.stdout)
    assert keys["log.format"] == {"value": "json", "source": str(toml)}
    assert keys["http.port"] == {"value": 1, "source": "HOICHAN_HTTP_PORT"}
    assert keys["auth.api_keys"] == {"value": {"ward": "********"}, "source": "HOICHAN_AUTH_API_KEYS"}


def test_the_table_for_people_shows_no_secret_either() -> None:
    shown = hoichan("config", "show", environment=KEYS)
    assert shown.returncode == 0
    assert "rooms.resume_window_seconds" in shown.stdout
    assert SECRET not in shown.stdout + shown.stderr


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEYS["HOICHAN_AUTH_API_KEYS"])
    keys.chmod(0o644)
    checked = hoichan("config", "check", environment={"HOICHAN_AUTH_API_KEYS_FILE": str(keys)})
    assert checked.returncode == 3
    assert f"chmod o-rwx {keys}" in checked.stderr


def test_the_version_is_told_to_people_and_to_scripts() -> None:
    assert hoichan("version").stdout.startswith("hoichan ")
    assert json.loads(hoichan("version", "--json").stdout).keys() == {"hoichan", "python", "livekit-protocol"}


def test_the_exit_codes_are_documented() -> None:
    documented = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert all(f"| {code.value} |" in documented for code in ExitCode)
    assert all(f"{code.value} " in EXIT_CODES for code in ExitCode)
