"""Figures for operators, in the format of Prometheus: what the server does, never for whom."""
