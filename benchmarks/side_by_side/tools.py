"""The three tools, each in its own process and environment, and what they say in the same words."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.side_by_side.rows import NO_ROW, RowKey, Said

PROWLER, CUSTODIAN = "prowler==5.46.0", "c7n==0.9.53"
POLICIES = Path(__file__).with_name("policies.yml")
# Our words in those of the other tool. What it has no word for stays ours, and is a difference.
AS_PROWLER = {"alarm": "FAIL", "ok": "PASS", "skip": NO_ROW}
AS_CUSTODIAN = {"alarm": "listed", "ok": NO_ROW, "skip": NO_ROW, "info": NO_ROW}
# The path of what Custodian lists, by the members that tell what it is; the first that fits counts.
PATHS = {
    "httpMethod": "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}",
    "restApiId stageName": "/restapis/{restApiId}/stages/{stageName}",
    "StageName": "/apis/{parent}/stages/{StageName}",
    "RouteId": "/apis/{parent}/routes/{RouteId}",
    "ApiId": "/apis/{ApiId}",
    "clientCertificateId": "/clientcertificates/{clientCertificateId}",
    "domainName": "/domainnames/{domainName}",
    "account_id": "/account",
    "endpointConfiguration": "/restapis/{id}",
}
PRIVATE_DOMAIN = re.compile(r"^(arn:[^:]+:apigateway:[^:]+):\d{12}:(/domainnames/[^+]+)\+.*$")
V2_STAGE = re.compile(r" in stage (.*) has access logging (?:en|dis)abled\.$", re.DOTALL)


def installed(requirement: str, cache: Path) -> Path:
    """Install a tool in a virtual environment of its own, once; return its folder of commands."""
    folder = cache / requirement.replace("==", "-")
    binaries = folder / "bin"
    if not (folder / "complete").exists():
        print(f"Installing {requirement} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        ran([str(binaries / "pip"), "install", "-q", requirement], os.environ)
        (folder / "complete").touch()
    return binaries


def ran(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command, and return its output; raise SystemExit with what it says if it fails."""
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        raise SystemExit(f"{words[0]} ended with {done.returncode}:\n{said}")
    return done.stdout + done.stderr


def prowler(
    cache: Path, regions: Sequence[str], environment: Mapping[str, str], folder: Path
) -> dict[RowKey, Said]:
    """Run every check that Prowler has of API Gateway."""
    command = installed(PROWLER, cache) / "prowler"
    said = ran(
        [
            *(str(command), "aws", "--service", "apigateway", "apigatewayv2"),
            *("--region", *regions, "-M", "csv", "-o", str(folder), "-F", "findings"),
            *("--no-banner", "--no-color", "--ignore-exit-code-3", "--log-level", "ERROR"),
        ],
        environment,
    )
    # It goes on without what it could not read, and ends as if nothing had happened.
    if re.search(r"\[Module: |\bERROR\b|\bCRITICAL\b", said):
        raise SystemExit(f"Prowler could not read everything:\n{said}")
    with (folder / "findings.csv").open(encoding="utf-8", newline="") as lines:
        return dict(_of_prowler(row) for row in csv.DictReader(lines, delimiter=";"))


def _of_prowler(row: Mapping[str, str]) -> tuple[RowKey, Said]:
    # It leaves out the slash of version 2's ARNs.
    arn = row["RESOURCE_UID"].replace("::apis/", "::/apis/")
    if stage := V2_STAGE.search(row["STATUS_EXTENDED"]):
        # It names the API alone.
        arn = f"{arn}/stages/{stage[1]}" if "::/apis/" in arn else arn
    key = RowKey(row["CHECK_ID"], row["ACCOUNT_UID"], row["REGION"], arn)
    return key, Said(row["STATUS"], row["STATUS_EXTENDED"])


def custodian(
    cache: Path, regions: Sequence[str], environment: Mapping[str, str], folder: Path, account: str
) -> dict[RowKey, Said]:
    """Run every policy of policies.yml, which are named for our controls."""
    command = installed(CUSTODIAN, cache) / "custodian"
    each = [word for region in regions for word in ("--region", region)]
    ran(
        [str(command), "run", "-s", str(folder), "--cache-period", "0", *each, str(POLICIES)],
        environment,
    )
    return {
        RowKey(file.parent.name, account, region, f"arn:aws:apigateway:{region}::{path}"): Said(
            "listed"
        )
        for region in regions
        for file in sorted((folder / region).glob("*/resources.json"))
        for resource in json.loads(file.read_text())
        for path in paths_of(resource)
    }


def paths_of(resource: Mapping[str, Any]) -> list[str]:
    """Return the path of a resource that Custodian lists, or those of its methods that matched."""
    methods = resource.get("c7n:matched-resource-methods", [{}])
    return [path_of({**resource, **method}) for method in methods]


def path_of(resource: Mapping[str, Any]) -> str:
    """Return what comes after the region in a resource's ARN."""
    for members, path in PATHS.items():
        if resource.keys() >= set(members.split()):
            return path.format_map({"parent": resource.get("c7n:parent-id"), **resource})
    raise SystemExit(f"Custodian lists what this script does not know: {sorted(resource)}")


def ours(
    regions: Sequence[str], environment: Mapping[str, str], *words: str
) -> list[dict[str, Any]]:
    """Run `check` as a user does, and return every finding."""
    command = [sys.executable, "-m", "apigw_vtab", "check", *words, "--all", "--limit", "0"]
    more = ["--region", ",".join(regions), "--fail-on", "never", "--output", "json"]
    done = subprocess.run(
        [*command, *more], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"apigw-vtab ended with {done.returncode}:\n{done.stderr}")
    findings: list[dict[str, Any]] = json.loads(done.stdout)
    return findings


def without_id(arn: str) -> str:
    """Return a domain name's ARN as the others write it: a private one has its account and id."""
    return PRIVATE_DOMAIN.sub(r"\1::\2", arn)


def as_side(findings: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> dict[RowKey, Said]:
    """Return our findings, under the rule's id where one was asked for, in another tool's words."""
    return {
        RowKey(rule, one["account_id"], one["region"], without_id(one["resource"])): Said(
            words.get(one["status"], one["status"]), one["reason"]
        )
        for one in findings
        for rule in str(one.get("rules") or one["control"]).split(", ")
    }
