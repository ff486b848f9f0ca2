"""The core's totals and its workers' figures as Prometheus' metric families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from media.stats import WorkerStatistics, drops, kept


class _Named(NamedTuple):
    metric: str
    help: str


RUN_LENGTH_BOUNDS = ("1", "2", "4", "8", "16", "32", "64")
"""Datagrams in one message, as `WorkerStatistics.run_lengths` counts them; the kernel takes no longer ones."""

_TOTALS = {
    "packets_received": _Named("packets_received", "RTP and RTCP datagrams that came in and were authentic."),
    "bytes_received": _Named("received_bytes", "Their bytes, as encrypted, without IP and UDP."),
    "packets_sent": _Named("packets_sent", "RTP packets sent to subscribers, retransmissions left out."),
    "padding_packets_sent": _Named("padding_packets_sent", "Packets sent only to find out what links carry."),
    "retransmitted_packets_sent": _Named("retransmitted_packets_sent", "Packets sent again because they were lost."),
    "retransmitted_packets_received": _Named("retransmitted_packets_received", "Lost packets that came in after all."),
    "recovered_packets": _Named("recovered_packets", "Lost audio packets that came back inside later ones (RED)."),
    "nack_count": _Named("nacks_received", "Requests of subscribers to send packets again."),
    "nacks_sent": _Named("nacks_sent", "Requests to publishers to send packets again."),
    "pli_count": _Named("plis_received", "Requests of subscribers for a key frame, as PLI."),
    "fir_count": _Named("firs_received", "Requests of subscribers for a key frame, as FIR."),
    "key_frames_requested": _Named("key_frames_requested", "Key frames asked of publishers."),
    "layer_switches": _Named("layer_switches", "Times that a subscriber was given another layer, first ones included."),
    "streams_paused": _Named("streams_paused", "Times that a link could not carry even the least layer of a video."),
    "datagrams_received": _Named("datagrams_received", "Datagrams that came in, of any kind, over UDP and TCP."),
    "datagrams_passed_on": _Named("datagrams_passed_on", "Those that came in at a worker which is not their own."),
    "udp_datagrams_sent": _Named("udp_datagrams_sent", "Datagrams sent over UDP, of any kind."),
    "udp_bytes_sent": _Named("udp_sent_bytes", "Their bytes, as encrypted, without IP and UDP."),
    "udp_messages_sent": _Named("udp_messages_sent", "Runs of equal datagrams handed to the kernel as one."),
    "udp_segmentation_fallbacks": _Named("udp_segmentation_fallbacks", "Runs that the kernel did not take as one."),
    "tcp_accept_failures": _Named("tcp_accept_failures", "Connections refused for want of file descriptors or memory."),
    "worker_faults": _Named("worker_faults", "Faults of our own in the media core, each contained."),
}

_WORKER_TOTALS = {
    "cpu_seconds": _Named("worker_cpu_seconds", "CPU time of a worker's thread, user and system."),
    "turns": _Named("worker_turns", "Times that a worker woke up."),
    "restarts": _Named("worker_restarts", "Times that a worker was replaced after a fault."),
}
_WORKER_GAUGES = {
    "busy_share": _Named("worker_busy_ratio", "Share of the last 100 ms that a worker spent at work."),
    "tick_seconds": _Named("worker_tick_seconds", "How long a worker lets datagrams gather, at present."),
    "transports": _Named("worker_transports", "Transports that live on a worker."),
    "producers": _Named("worker_producers", "Tracks that a worker receives."),
    "consumers": _Named("worker_consumers", "Tracks that a worker sends, one per subscriber."),
}
_WORKER_QUEUES = {"commands": "commands_waiting", "events": "events_waiting", "parcels": "parcels_waiting"}
_QUEUE_HELP = "What waits: commands for a worker, its events for Python, parcels from other workers."


def totals(counters: Mapping[str, int], prefix: str) -> Iterator[Metric]:
    """Of all workers together. What has no name of its own stands in `…core_events_total`, so that nothing is lost."""
    plain = dict(kept(counters))
    yield GaugeMetricFamily(
        f"{prefix}tcp_connections", "Connections for media over TCP that are open.", plain.pop("tcp_connections", 0)
    )
    for counter, named in _TOTALS.items():
        yield CounterMetricFamily(prefix + named.metric, named.help, plain.pop(counter, 0))
    others = CounterMetricFamily(f"{prefix}core_events", "Other things that the core counts.", labels=["event"])
    for event, count in sorted(plain.items()):
        others.add_metric([event], count)
    yield others
    dropped = CounterMetricFamily(
        f"{prefix}dropped", "Packets, datagrams and messages that came to nothing.", labels=["reason"]
    )
    for reason, count in sorted(drops(counters).items()):
        dropped.add_metric([reason], count)
    yield dropped


def workers(statistics: Sequence[WorkerStatistics], prefix: str) -> Iterator[Metric]:
    """Of each worker."""
    for family, named_by_attribute in (
        (CounterMetricFamily, _WORKER_TOTALS),
        (GaugeMetricFamily, _WORKER_GAUGES),
    ):
        for attribute, named in named_by_attribute.items():
            metric = family(prefix + named.metric, named.help, labels=["worker"])
            for worker in statistics:
                metric.add_metric([str(worker.worker)], getattr(worker, attribute))
            yield metric
    yield _queues(statistics, prefix)
    yield _run_lengths(statistics, prefix)


def _queues(statistics: Sequence[WorkerStatistics], prefix: str) -> Metric:
    lengths = GaugeMetricFamily(f"{prefix}queue_length", _QUEUE_HELP, labels=["queue", "worker"])
    for worker in statistics:
        for queue, attribute in _WORKER_QUEUES.items():
            lengths.add_metric([queue, str(worker.worker)], getattr(worker, attribute))
    return lengths


def _run_lengths(statistics: Sequence[WorkerStatistics], prefix: str) -> Metric:
    """Without a sum: `udp_datagrams_sent` is it."""
    lengths = HistogramMetricFamily(
        f"{prefix}udp_run_length_datagrams", "Datagrams in each message handed to the kernel.", labels=["worker"]
    )
    for worker in statistics:
        cumulative = list(accumulate(worker.run_lengths))
        bounds = [*zip(RUN_LENGTH_BOUNDS, cumulative, strict=True), ("+Inf", cumulative[-1])]
        lengths.add_metric([str(worker.worker)], bounds, sum_value=None)
    return lengths
