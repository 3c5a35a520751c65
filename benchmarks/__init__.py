"""Measurements beside the peers: ``nox -s bench``, or ``python -m benchmarks [topic ...]``."""
