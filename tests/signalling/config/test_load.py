"""What an operator writes, and what the server makes of it."""

import contextlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.config import Config, ConfigError, load
from signalling.config.schema import TABLES
from signalling.config.sources import EXPECTATIONS, VARIABLES, default_text

GOOD = "k: 7kP2vQ9xWmZ4rT8sLbN1cD6fGhJ3yXaE"
SECRET = GOOD.removeprefix("k: ")
KEYS = {"HOICHAN_AUTH_API_KEYS": GOOD}


def config(
    *, dev: bool = False, file: Path | None = None, environment: Mapping[str, str] = KEYS, flags: Iterable[str] = ()
) -> Config:
    return load(dev=dev, file=file, environment=environment, flags=flags).config


def problems(
    *, dev: bool = False, file: Path | None = None, environment: Mapping[str, str] = KEYS, flags: Iterable[str] = ()
) -> str:
    with pytest.raises(ConfigError) as refused:
        load(dev=dev, file=file, environment=environment, flags=flags)
    return "\n".join(refused.value.problems)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "hoichan.toml"


def test_the_defaults_file_lists_every_key_and_no_other() -> None:
    written = {f"{table}.{key}" for table, keys in tomllib.loads(default_text()).items() for key in keys}
    assert written == EXPECTATIONS.keys()


def test_every_default_has_a_comment_above_it() -> None:
    lines = default_text().splitlines()
    keys = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) == len(EXPECTATIONS)
    assert all(lines[number - 1].startswith("# ") for number in keys)


def test_only_the_keys_themselves_have_no_expectation() -> None:
    every = {f"{table}.{each.name}" for table, kind in TABLES.items() for each in fields(kind)}
    assert every - EXPECTATIONS.keys() == {"auth.api_keys"}


def test_the_documented_file_is_the_one_that_is_shipped() -> None:
    documented = Path(__file__).parents[3] / "config" / "default.toml"
    assert documented.read_text(encoding="utf-8") == default_text()


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(toml: Path) -> None:
    toml.write_text("[http]\nport = 1111\n[media]\nudp_port = 1112\ntcp_port = 1113\n")
    environment = {**KEYS, "HOICHAN_HTTP_PORT": "2221", "HOICHAN_MEDIA_UDP_PORT": "2222"}
    loaded = load(dev=False, file=toml, environment=environment, flags=["http.port=3331"])
    assert loaded.config.http.port == 3331
    assert loaded.config.media.udp_port == 2222
    assert loaded.config.media.tcp_port == 1113
    assert loaded.config.log.level == "info"
    assert loaded.sources["http.port"] == "--set http.port"
    assert loaded.sources["media.udp_port"] == "HOICHAN_MEDIA_UDP_PORT"
    assert loaded.sources["media.tcp_port"] == str(toml)
    assert loaded.sources["log.level"] == "default"


def test_the_environment_may_name_the_file(toml: Path) -> None:
    toml.write_text("[http]\nport = 1111\n")
    assert config(environment={**KEYS, "HOICHAN_CONFIG": str(toml)}).http.port == 1111


def test_a_mistyped_key_is_told_with_the_one_that_was_meant(toml: Path) -> None:
    toml.write_text("[http]\nprot = 1\n")
    assert problems(file=toml) == f"http.prot ({toml}) is not a key of the configuration; did you mean http.port?"
    assert "did you mean HOICHAN_HTTP_PORT?" in problems(environment={**KEYS, "HOICHAN_HTP_PORT": "1"})
    assert "did you mean log.level?" in problems(flags=["log.levle=info"])


def test_all_mistakes_are_told_at_once_each_with_what_was_expected() -> None:
    told = problems(flags=["http.port=70000", "log.format=xml", "media.tcp_enabled=maybe", "http.host=here"])
    assert "http.port is '70000' (--set http.port); expected a whole number from 0 to 65535" in told
    assert "log.format is 'xml' (--set log.format); expected one of console, json" in told
    assert "media.tcp_enabled is 'maybe' (--set media.tcp_enabled); expected true or false" in told
    assert "http.host is 'here' (--set http.host); expected an IP address" in told


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[http]\nport = true\n", "http.port is True"),
        ("[rooms]\nresume_window_seconds = nan\n", "rooms.resume_window_seconds is nan"),
        ("[webhook]\nurls = 'http://one'\n", "webhook.urls is 'http://one'"),
        ("[webhook]\nurls = ['ftp://one']\n", "each item an http:// or https:// URL"),
        ("[webhook]\nurls = ['http://user:word@one']\n", "without a password"),
        ("http = 3\n", "http ("),
        ("[http\n", "is not TOML"),
    ],
)
def test_what_is_no_value_of_its_key_is_named(toml: Path, content: str, expected: str) -> None:
    toml.write_text(content)
    assert expected in problems(file=toml)


def test_a_file_that_is_not_there_is_named(toml: Path) -> None:
    assert problems(file=toml) == f"{toml} cannot be read: No such file or directory"


def test_without_dev_there_is_no_default_key() -> None:
    assert "auth.api_keys is missing" in problems(environment={})


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("k: short", "has 5 characters; expected at least 32"),
        (f"k: {'ab' * 20}", "repeats a few characters"),
        ("devkey: development-only-secret-32-chars!!", "published development key"),
        ("k: development-only-secret-32-chars!!", "published development key"),
        ("no secret at all", "entry 1 is not `key: secret`"),
        (f"{GOOD}, {GOOD}", "entry 2 repeats the key k"),
        (" , ", "there is no key in it"),
    ],
)
def test_a_weak_or_broken_key_is_refused_and_never_quoted(keys: str, reason: str) -> None:
    told = problems(environment={"HOICHAN_AUTH_API_KEYS": keys})
    assert reason in told
    assert all(secret not in told for secret in (SECRET, "ab" * 20, "development-only", "short"))


def test_secrets_have_no_place_in_the_file_or_a_flag(toml: Path) -> None:
    toml.write_text(f"[auth]\napi_keys = {{ k = '{SECRET}' }}\n")
    for told in (problems(file=toml), problems(flags=[f"auth.api_keys={GOOD}"])):
        assert "no place for secrets" in told
        assert SECRET not in told


def test_a_key_file_is_read_unless_others_may_touch_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"# ours\n\n{GOOD}\n")
    keys.chmod(0o600)
    assert config(environment={"HOICHAN_AUTH_API_KEYS_FILE": str(keys)}).auth.api_keys == {"k": SECRET}
    keys.chmod(0o604)
    assert f"chmod o-rwx {keys}" in problems(environment={"HOICHAN_AUTH_API_KEYS_FILE": str(keys)})
    keys.unlink()
    assert f"{keys} cannot be read" in problems(environment={"HOICHAN_AUTH_API_KEYS_FILE": str(keys)})


def test_dev_binds_loopback_only_and_brings_its_own_key() -> None:
    dev = config(dev=True, environment={})
    assert (dev.http.host, dev.http.port) == ("127.0.0.1", 7880)
    assert (dev.media.host, dev.media.udp_port, dev.media.tcp_port) == ("127.0.0.1", 7882, 7881)
    assert dev.media.announced_ips == ("127.0.0.1",)
    assert dev.auth.api_keys == {"devkey": "development-only-secret-32-chars!!"}
    assert "expected a loopback address with --dev" in problems(dev=True, flags=["http.host=0.0.0.0"])


def test_one_of_the_cpus_is_left_to_signalling_unless_a_number_of_workers_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for cpus, workers in ((1, 1), (2, 1), (8, 7), (200, 64)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cpus=cpus: set(range(cpus)))
        assert config().media.workers == workers
    assert config(flags=["media.workers=3"]).media.workers == 3
    assert "expected a whole number from 0 to 64" in problems(flags=["media.workers=65"])


def test_a_server_on_every_address_announces_one_that_others_can_reach() -> None:
    (announced,) = config().media.announced_ips
    assert announced != "0.0.0.0"
    assert config(flags=["media.announced_ips=203.0.113.7, 2001:db8::7"]).media.announced_ips == (
        "203.0.113.7",
        "2001:db8::7",
    )
    assert "expected addresses that a client can reach" in problems(flags=["media.announced_ips=0.0.0.0"])


def test_webhooks_need_a_key_that_exists() -> None:
    url = "webhook.urls=https://his.example/hook"
    assert "webhook.api_key is ''" in problems(flags=[url])
    assert config(flags=[url, "webhook.api_key=k"]).webhook.urls == ("https://his.example/hook",)


def test_a_secret_is_not_part_of_how_the_configuration_prints() -> None:
    assert SECRET not in repr(config())


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=20), max_size=4))
def test_whatever_the_environment_says_there_is_a_config_or_a_config_error(environment: dict[str, str]) -> None:
    told = None
    with contextlib.suppress(ConfigError):
        told = config(environment={**KEYS, **environment})
    assert told is None or told.auth.api_keys == {"k": SECRET}
