"""Runs the tests on every supported Python that the machine has, and writes the page.

`python -m tests.versions` runs them on each Python, and once more with the lowest versions that
setup.cfg allows; `python -m tests.versions 3.13 lowest` runs some of these. The results go into
docs/reliability.md, which a long run of the tests has written; earlier results stay.
"""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
LOWEST = re.compile(r"([A-Za-z0-9_-]+)(?:\[[\w,]+\])?\s*>=\s*([\d.]+)")


class VersionRun(NamedTuple):
    """One run of the tests: its versions, what pytest said at the end, whether all passed."""

    what: str
    said: str
    passed: bool
    seconds: float


def lowest() -> list[str]:
    """Return the lowest version of everything that setup.cfg asks for, as pip's constraints."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    wanted = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    return [f"{name}=={version}" for text in wanted for name, version in LOWEST.findall(text)]


def pythons() -> Iterator[tuple[str, str]]:
    """Yield the Pythons that are there, with their versions."""
    for version in PYTHONS:
        path = shutil.which(f"python{version}")
        # There may be a shim for a Python that is not there.
        if path and subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0:
            yield version, path


def run(what: str, python: str, constraints: Sequence[str] = ()) -> VersionRun:
    """Install into a fresh environment and run the tests."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        subprocess.run([python, "-m", "venv", environment], check=True)
        (Path(folder) / "lowest.txt").write_text("\n".join(constraints))
        pip = [f"{environment}/bin/pip", "install", "-q", "-c", f"{folder}/lowest.txt"]
        subprocess.run([*pip, "-e", ".[test]"], cwd=ROOT, check=True)
        began = time.monotonic()
        words = [f"{environment}/bin/python", "-m", "pytest", "-p", "no:cacheprovider", "-v"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout[-3000:], done.stderr[-2000:], file=sys.stderr)
    lines = [line.strip("= ") for line in done.stdout.splitlines() if line.strip()]
    return VersionRun(
        what, lines[-1] if lines else "", not done.returncode, time.monotonic() - began
    )


def main() -> int:
    """Run the tests with the versions that are asked for; the exit code says whether all passed."""
    found = dict(pythons())
    oldest = next(iter(found))
    asked = sys.argv[1:] or [*found, "lowest"]
    runs = [
        run(f"Python {oldest}, lowest versions of `setup.cfg`", found[oldest], lowest())
        if one == "lowest"
        else run(f"Python {one}", found[one])
        for one in asked
    ]
    text, _, before = PAGE.read_text().partition("\n## Versions\n")
    rows = dict(re.findall(r"^\| (Python .*?) \| (.*) \|$", before, re.MULTILINE))
    rows |= {one.what: re.sub(r" in .*", "", one.said) for one in runs}
    lines = ["\n## Versions\n", "| with | tests |", "| --- | --- |"]
    lines += [f"| {what} | {said} |" for what, said in sorted(rows.items())]
    PAGE.write_text(text + "\n".join(lines) + "\n")
    return 0 if all(one.passed for one in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
