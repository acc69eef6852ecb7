"""The files of --export: each is in its place before anything is printed, whoever reads that."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from apigw_vtab.errors import UsageError
from apigw_vtab.output.files import kept_text
from apigw_vtab.output.terminal import harmless

if TYPE_CHECKING:
    from apigw_vtab.controls.findings import Report
    from apigw_vtab.output.files import WholeFiles
    from apigw_vtab.output.style import Style


def refuse_same_file(paths: Sequence[Path]) -> None:
    """Raise UsageError if two outputs would go to one file, where the later would win."""
    seen: set[str] = set()
    for path in paths:
        if (real := os.path.realpath(path)) in seen:
            raise UsageError(f"{path} is named twice: each output needs a file of its own.")
        seen.add(real)


class ReportFiles:
    """The files that one report goes to; they are opened at once, to fail before AWS is read."""

    def __init__(
        self, files: WholeFiles, paths: Sequence[Path], others: Sequence[Path] = ()
    ) -> None:
        """Open the files; they get their names with all of `files`. `others` are names, too.

        Raises UsageError for a name whose suffix is no format or that a part of a report can get,
        and for what cannot be written.
        """
        from apigw_vtab.output.reports.registry import report_format_of

        self._files = files
        self._names = [report_format_of(path) for path in paths]
        for path, name in zip(paths, self._names, strict=True):
            _refuse_part(path, name, (*paths, *others))
        self._opened = [(path, files.open(path)) for path in paths]

    def write(self, report: Report, style: Style) -> list[str]:
        """Write the report to each file; return what to tell the user about them."""
        from apigw_vtab.output.reports.registry import count_and_reason, parts_of, write_report

        told: list[str] = []
        for (path, file), name in zip(self._opened, self._names, strict=True):
            written, parts, reason = 0, 0, ""
            for parts, part in enumerate(parts_of(report, name), 1):
                own = self._files.open(numbered(path, parts)) if parts > 1 else file
                write_report(part, name, own, style)
                # It gets its name at the end, but the files that can be open are few.
                own.close()
                count, reason = count_and_reason(part, name)
                written += count
            told += _told(path, name, parts, written, report, reason)
        return told


def numbered(path: Path, number: int) -> Path:
    """Return the name of a file's further part: `findings.asff.json`, `findings-2.asff.json`."""
    stem, dot, suffixes = path.name.partition(".")
    return path.with_name(f"{stem}-{number}{dot}{suffixes}")


def _refuse_part(path: Path, name: str, others: Iterable[Path]) -> None:
    """Raise UsageError if another output has a name that a further part of a report can get."""
    from apigw_vtab.output.reports.registry import DIVISIONS

    if name not in DIVISIONS:
        return
    stem, dot, suffixes = path.name.partition(".")
    part = re.compile(rf"{re.escape(stem)}-(?:[2-9]|[1-9]\d+){re.escape(dot + suffixes)}")
    folder = os.path.realpath(path.parent)
    for other in others:
        for one in (other, Path(os.path.realpath(other))):
            if part.fullmatch(one.name) and os.path.realpath(one.parent) == folder:
                raise UsageError(
                    f"{other} is also the name of a further part of {path}, which is divided "
                    "among files: give one of them another name."
                )


def _told(
    path: Path, name: str, parts: int, written: int, report: Report, reason: str
) -> Iterator[str]:
    from apigw_vtab.output.reports.registry import DIVISIONS

    files = str(path)
    if parts > 1:
        last = numbered(path, parts).name
        files += f" and {last}" if parts == 2 else f" and {parts - 1:,} more, to {last}"
    line = f"{files}: {written:,} {'finding' if written == 1 else 'findings'}"
    if lost := len(report.findings) - written:
        line += f"; {lost:,} left out, {reason}"
    if report.sample:
        line += f"; {report.sample}"
    yield line
    left_over = numbered(path, parts + 1)
    if name in DIVISIONS and left_over.exists():
        yield f"{left_over}: not of this report, but of an earlier one; delete it."


def tell(*lines: str) -> None:
    """Say on stderr what was written, or what that waits for."""
    for line in lines:
        click.echo(harmless(line), err=True)


@contextlib.contextmanager
def screen(*, kept: bool) -> Iterator[IO[str]]:
    """Yield standard output; if `kept`, nothing reaches it unless the block succeeds.

    What is kept may end in a pipe that nobody reads any more: everything else is done by then.
    """
    if not kept:
        yield sys.stdout
        return
    with kept_text(is_terminal=sys.stdout.isatty()) as file:
        yield file
        file.seek(0)
        with contextlib.suppress(BrokenPipeError):
            for text in iter(lambda: file.read(1 << 16), ""):
                sys.stdout.write(text)
            sys.stdout.flush()
