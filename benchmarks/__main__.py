"""Run the benchmarks of some topics, or of all, print one table each and write ``results/<topic>.json``."""

from __future__ import annotations

import importlib
import sys

from benchmarks.compare import report

TOPICS = (
    "attention",
    "checkpoints",
    "compiled_steps",
    "convolution",
    "data_loading",
    "engine",
    "importing",
    "optimizers",
    "pooling",
    "random_numbers",
    "recurrent",
    "training_loop",
)


def main(topics: list[str]) -> None:
    unknown = [t for t in topics if t not in TOPICS]
    if unknown:
        sys.exit(f"no benchmark called {', '.join(unknown)}; there are: {', '.join(TOPICS)}")
    for topic in topics or TOPICS:
        report(topic, importlib.import_module(f"benchmarks.{topic}").measure())


main(sys.argv[1:])
