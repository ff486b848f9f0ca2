"""What an operator's collector gets."""

import json
import logging
import sys

from signalling.logs import JsonFormatter


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("rooms").makeRecord(
        "rooms", logging.WARNING, __file__, 1, message, arguments, None, extra=extra
    )


def test_a_record_is_one_line_of_json_with_its_fields() -> None:
    line = JsonFormatter().format(record("%s closed", "phòng 1", room="phòng 1", people=3))
    content = json.loads(line)
    assert "\n" not in line
    assert content.pop("time").endswith("+00:00")
    assert content == {
        "level": "warning",
        "logger": "rooms",
        "message": "phòng 1 closed",
        "room": "phòng 1",
        "people": 3,
    }


def test_a_name_with_a_line_break_forges_no_second_record() -> None:
    assert JsonFormatter().format(record("joined: %s", 'An\n{"level": "info"}')).count("\n") == 0


def test_a_fault_keeps_its_traceback() -> None:
    faulty = record("failed")
    try:
        int("why")
    except ValueError:
        faulty.exc_info = sys.exc_info()
    assert "ValueError: invalid literal" in json.loads(JsonFormatter().format(faulty))["exception"]
