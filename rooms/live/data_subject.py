"""What a data message is about, as far as it decides who may send and who gets it."""

from enum import StrEnum


class DataSubject(StrEnum):
    ORDINARY = "ordinary"
    TRANSCRIPTION = "transcription"
    """Only agents send it."""
    METRICS = "metrics"
    """Only those get it who may subscribe to metrics."""
