"""Run the suite of the Array API consortium and compare what fails with ``known_failures.toml``.

python tests/conformance/run_suite.py PATH_OF_THE_SUITE [--backend jax] [--recorded] [--only linalg fft]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).parent
KNOWN = tomllib.loads((HERE / "known_failures.toml").read_text())


def expected(backend: str, recorded: bool) -> dict[str, bool]:
    """The items that are known to fail, and whether they do so only sometimes."""
    kinds = [backend, "recorded"] if recorded else [backend]
    return {f["item"]: f.get("sometimes", False) for kind in kinds for f in KNOWN["failures"].get(kind, [])}


def run(file: Path, backend: str, recorded: bool) -> tuple[int, int, set[str]]:
    """How many items of one file of the suite passed and were skipped, and which failed."""
    environment = {
        **os.environ,
        "ARRAY_API_TESTS_MODULE": "zkynet_recorded" if recorded else "zkynet",
        "ARRAY_API_TESTS_VERSION": KNOWN["version"],
        "ZKYNET_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
    }
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        suite = file.parent.parent
        done = subprocess.run(
            [*command, *KNOWN["options"], str(file)], cwd=suite, env=environment, capture_output=True, text=True
        )
        if not report.exists():
            sys.exit(f"the suite did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        cases = list(ET.parse(report).iter("testcase"))
    failed = {f"{file.name}::{c.get('name')}" for c in cases if any(e.tag in ("failure", "error") for e in c)}
    skipped = sum(any(e.tag == "skipped" for e in c) for c in cases)
    return len(cases) - len(failed) - skipped, skipped, failed


def main() -> None:
    """Run what was asked for; the exit status says whether exactly the known items failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path, help="a checkout of array-api-tests, with its submodule")
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--recorded", action="store_true", help="with a graph behind every float array")
    parser.add_argument("--only", nargs="*", help="files of the suite, such as linalg for test_linalg.py")
    options = parser.parse_args()
    passed = skipped = 0
    failed: set[str] = set()
    files = sorted((options.suite.resolve() / "array_api_tests").glob("test_*.py"))
    files = [f for f in files if not options.only or f.stem.removeprefix("test_") in options.only]
    for file in files:
        good, left_out, bad = run(file, options.backend, options.recorded)
        print(f"{file.stem:45} {good:4} passed, {len(bad)} failed, {left_out} skipped", flush=True)
        passed, skipped, failed = passed + good, skipped + left_out, failed | bad
    known = expected(options.backend, options.recorded)
    names = {f.name for f in files}
    new = sorted(failed - set(known))
    here = [k for k, sometimes in known.items() if not sometimes and k.split("::")[0] in names]
    gone = sorted(set(here) - failed)
    print(f"{passed} passed, {len(failed)} failed, {skipped} skipped", *sorted(failed), sep="\n  ")
    for title, items in (("failed, and is not known to", new), ("is known to fail, but passed", gone)):
        for item in items:
            print(f"{title}: {item}")
    sys.exit(bool(new or gone))


if __name__ == "__main__":
    main()
