"""Figures as Prometheus reads them: its own parser stands for it."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rooms.live.admin_actions import RemoveParticipant
from rooms.live.ids import Identity
from signalling.metrics.exporter import Exporter
from tests.signalling.client.clinic import Clinic
from tests.signalling.metrics.figures import busy, report, worker

CONVENTIONAL = re.compile(r"hoichan_[a-z_]+")


def value(exporter: Exporter, name: str, **labels: str) -> float | None:
    """Of the one sample of that name and labels."""
    for family in text_string_to_metric_families(exporter.text().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_what_the_core_counts_is_exported_under_its_name() -> None:
    exporter = busy()
    assert value(exporter, "hoichan_packets_received_total") == 1_000
    assert value(exporter, "hoichan_received_bytes_total") == 900_000
    assert value(exporter, "hoichan_dropped_total", reason="bad_tag") == 3
    assert value(exporter, "hoichan_tcp_connections") == 2
    assert value(exporter, "hoichan_tcp_accept_failures_total") == 5
    assert value(exporter, "hoichan_datagrams_passed_on_total") == 6
    assert value(exporter, "hoichan_recovered_packets_total") == 7
    assert value(exporter, "hoichan_core_events_total", event="recovered_packets") is None


def test_what_nobody_has_named_yet_is_not_lost() -> None:
    assert value(busy(), "hoichan_core_events_total", event="something_new") == 4


def test_each_worker_is_told_apart() -> None:
    exporter = busy(workers=lambda: [worker(cpu_seconds=1.5), worker(1, cpu_seconds=2.5, commands_waiting=9)])
    assert value(exporter, "hoichan_worker_cpu_seconds_total", worker="0") == 1.5
    assert value(exporter, "hoichan_worker_cpu_seconds_total", worker="1") == 2.5
    assert value(exporter, "hoichan_queue_length", queue="commands", worker="1") == 9


def test_run_lengths_make_a_histogram() -> None:
    exporter = busy(workers=lambda: [worker(run_lengths=[5, 4, 3, 2, 1, 0, 7])])
    name = "hoichan_udp_run_length_datagrams_bucket"
    cumulative = [value(exporter, name, worker="0", le=bound) for bound in ("1", "2", "4", "8", "16", "32", "64")]
    assert cumulative == [5, 9, 12, 14, 15, 15, 22]
    assert value(exporter, name, worker="0", le="+Inf") == 22


def test_links_are_told_as_distributions() -> None:
    exporter = busy()
    exporter.media([report(downlink_loss=0.03, round_trip_time_ms=120.0, available_outgoing_bitrate_bps=250_000)])
    exporter.media([report(desired_outgoing_bitrate_bps=1_000_000, allocated_outgoing_bitrate_bps=250_000)])
    exporter.media([report(jitter_ms=7.0)])
    assert value(exporter, "hoichan_packet_loss_ratio_bucket", direction="down", le="0.02") == 2
    assert value(exporter, "hoichan_packet_loss_ratio_bucket", direction="down", le="0.05") == 3
    assert value(exporter, "hoichan_round_trip_time_seconds_count") == 1
    assert value(exporter, "hoichan_round_trip_time_seconds_sum") == pytest.approx(0.12)
    assert value(exporter, "hoichan_available_outgoing_bits_per_second_bucket", le="200000.0") == 0
    assert value(exporter, "hoichan_available_outgoing_bits_per_second_bucket", le="300000.0") == 1
    assert value(exporter, "hoichan_allocated_ratio_bucket", le="0.2") == 0
    assert value(exporter, "hoichan_allocated_ratio_bucket", le="0.3") == 1


def test_rooms_are_counted_as_they_are_and_as_things_happen() -> None:
    clinic = Clinic()
    exporter = busy(census=clinic.registry.census, messages=clinic.registry.messages)
    clinic.registry.watch(exporter.fact)
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    clinic.wait(0.5)
    lan.connects()
    mai.settles()
    assert value(exporter, "hoichan_rooms") == 1
    assert value(exporter, "hoichan_participants") == 2
    assert value(exporter, "hoichan_tracks", kind="video") == 1
    assert value(exporter, "hoichan_subscriptions", kind="video") == 1
    assert value(exporter, "hoichan_join_seconds_count") == 2
    assert value(exporter, "hoichan_join_seconds_sum") == pytest.approx(1.0)
    clinic.registry.administer("ward-3", RemoveParticipant(Identity("lan")))
    assert value(exporter, "hoichan_departures_total", reason="participant_removed") == 1
    assert value(exporter, "hoichan_room_events_total", event="participant_left") == 1
    assert value(exporter, "hoichan_participants") == 1


def test_no_figure_names_anybody_or_any_room() -> None:
    clinic = Clinic()
    exporter = busy(census=clinic.registry.census, messages=clinic.registry.messages, events=clinic.registry.counters)
    clinic.registry.watch(exporter.fact)
    lan = clinic.enters("patient-0042", room="ward-of-ms-nguyen")
    lan.publishes("cam", "video")
    lan.connects()
    text = exporter.text().decode()
    assert "patient-0042" not in text
    assert "ward-of-ms-nguyen" not in text
    assert lan.sid not in text


def test_names_keep_to_the_conventions_of_prometheus() -> None:
    families = [
        family
        for family in text_string_to_metric_families(busy().text().decode())
        if family.name.startswith("hoichan_")
    ]
    assert len(families) > 40
    for family in families:
        assert CONVENTIONAL.fullmatch(family.name), family.name
        assert family.documentation.endswith("."), family.name
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples), family.name


def test_the_event_loop_is_measured_too() -> None:
    exporter = busy()
    exporter.lag(0.004)
    assert value(exporter, "hoichan_event_loop_lag_seconds_bucket", le="0.005") == 1
    assert value(exporter, "hoichan_event_loop_cpu_seconds_total") == 7.25
