"""What `query` imports: each of these would keep the first call waiting."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.control_plane import Plane

SQL = "select region, rest_api_id, stage_name from stages"
NEEDLESS = {
    # boto3 is for what writes; reading needs no client and none of boto3's resources.
    *("boto3", "s3transfer", "boto3.resources", "moto"),
    # Reports, prompts, and what SQL could be.
    *("jinja2", "prompt_toolkit", "pygments", "yaml", "tabulate", "apsw.ext", "apsw.shell"),
    # What only other statements and other commands need.
    *("apigw_vtab.commands.confirm", "apigw_vtab.controls.findings", "apigw_vtab.controls.library"),
    *("apigw_vtab.controls.rehearsal", "apigw_vtab.controls.remedy", "apigw_vtab.writes.aws_cli"),
    *("apigw_vtab.output.reports.rows", "apigw_vtab.controls.selection"),
}


def imported(*words: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    code = (
        "import sys; from apigw_vtab.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stderr.split())


def needless(plane: Plane, words: Sequence[str]) -> set[str]:
    found = imported("query", *words, "--region", ",".join(plane.estate.regions))
    assert "botocore.session" in found
    return NEEDLESS & found


def test_a_query_imports_only_what_it_needs(plane: Plane) -> None:
    assert needless(plane, [SQL, "--output", "csv"]) == set()
    assert plane.count("GetStages") > 0


def test_a_list_of_regions_needs_no_other_service(plane: Plane) -> None:
    needless(plane, [SQL, "--output", "csv"])
    assert set(plane.counts.operations) == {"GetRestApis", "GetStages"}


def test_garbage_is_looked_for_again_once_everything_is_imported() -> None:
    code = (
        "import apigw_vtab.cli.main as cli, gc, sys; main = cli.main\n"
        "def watched(**given):\n"
        "    try: print(gc.isenabled(), file=sys.stderr); main(**given)\n"
        "    finally: print(gc.isenabled(), gc.get_freeze_count() > 0, file=sys.stderr)\n"
        "cli.main = watched; sys.argv[0] = 'apigw-vtab'\n"
        "from apigw_vtab.__main__ import run; run()"
    )
    words = [sys.executable, "-c", code, "query", "select 1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.split() == ["False", "True", "True"]
