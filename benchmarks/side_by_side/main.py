"""`python -m benchmarks side-by-side`: run the three tools, and print what they differ in."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.side_by_side import tools
from benchmarks.side_by_side.estate import ACCOUNT, REGION_NAMES, served
from benchmarks.side_by_side.reasons import OF_CUSTODIAN, OF_PROWLER
from benchmarks.side_by_side.rows import Compared, Difference, Reason, Side, compare, explain

CACHE = Path("~/.cache/apigw-vtab/side-by-side")
# Of a finding's columns, those that name its resource for a reader.
NAMES = ("rest_api", "api", "stage_name", "http_method", "path", "route_key", "domain_name")


def side_by_side(words: Sequence[str]) -> int:
    """Compare the tools; return 1 if a row differs without a reason, or a reason without a row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks side-by-side", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the tools are installed")
    cache = parser.parse_args(words).cache.expanduser().resolve()
    with served() as aws, tempfile.TemporaryDirectory() as folder:
        environment = _without_aws() | aws
        run = (cache, REGION_NAMES, environment)
        prowler = tools.prowler(*run, Path(folder, "prowler"))
        custodian = tools.custodian(*run, Path(folder, "custodian"), ACCOUNT.id)
        controls = [
            policy["name"] for policy in yaml.safe_load(tools.POLICIES.read_text())["policies"]
        ]
        as_prowler = tools.ours(REGION_NAMES, environment, "--suite", "prowler")
        # Custodian's filters look at OPTIONS as at every other method.
        as_custodian = tools.ours(
            REGION_NAMES, environment, *controls, "--param", "options=require"
        )
    names = {
        tools.without_id(one["resource"]): name_of(one) for one in (*as_prowler, *as_custodian)
    }
    unexplained = [
        report(tool, theirs, tools.as_side(findings, vocabulary), reasons, names)
        for tool, theirs, findings, vocabulary, reasons in (
            (tools.PROWLER, prowler, as_prowler, tools.AS_PROWLER, OF_PROWLER),
            (tools.CUSTODIAN, custodian, as_custodian, tools.AS_CUSTODIAN, OF_CUSTODIAN),
        )
    ]
    return int(any(unexplained))


def _without_aws() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def name_of(finding: Mapping[str, Any]) -> str:
    """Return the names of a finding's resource, from the API to the method."""
    return " ".join(str(finding[column]) for column in NAMES if finding.get(column))


def report(
    tool: str, theirs: Side, ours: Side, reasons: Sequence[Reason], names: Mapping[str, str]
) -> int:
    """Print one tool's tables; return how many rows, and how many reasons, have no other."""
    compared = compare(theirs, ours)
    explained = explain(compared, reasons, names)
    print(f"\n## {tool}\n")
    sides = f"{tool.partition('=')[0]} | apigw-vtab"
    print_table(f"rule | {sides} | equal | different", _totals(compared))
    print_table(f"rule | region | resource | {sides} | reason", _differences(explained, names))
    unexplained, unused = (
        explained.get(None, []),
        [one for one, rows in explained.items() if not rows],
    )
    print(
        f"{tool}: {sum(rule.equal for rule in compared)} rows equal,"
        f" {sum(len(rule.differences) for rule in compared)} different,"
        f" {len(unexplained)} of them unexplained; {len(unused)} reasons without a row."
    )
    for reason in filter(None, unused):
        print(f"No row differs so any more: {reason.rule}: {reason.why}", file=sys.stderr)
    return len(unexplained) + len(unused)


def print_table(header: str, rows: Iterator[tuple[object, ...]]) -> None:
    """Print a table in Markdown, a row a line, and an empty line."""
    print(f"| {header} |", re.sub(r"[^|]+", " --- ", f"|{header}|"), sep="\n")
    for row in rows:
        cells = (re.sub(r"\s+", " ", str(cell)).replace("|", "\\|") for cell in row)
        print(f"| {' | '.join(cells)} |")
    print()


def _totals(compared: Sequence[Compared]) -> Iterator[tuple[object, ...]]:
    for rule in compared:
        both = (_counted(rule.theirs), _counted(rule.ours))
        yield (rule.rule, *both, rule.equal, len(rule.differences))


def _counted(words: Mapping[str, int]) -> str:
    return ", ".join(f"{words[word]} {word}" for word in sorted(words))


def _differences(
    explained: Mapping[Reason | None, Sequence[Difference]], names: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    for reason, rows in explained.items():
        why = f"{reason.why} [Source]({reason.link})" if reason else "**unexplained**"
        for row in rows:
            said = "" if reason else f": {row.theirs.why} / {row.ours.why}"
            name = names.get(row.key.resource, row.key.resource)
            yield (row.key.rule, row.key.region, name, row.theirs.word, row.ours.word, why + said)
