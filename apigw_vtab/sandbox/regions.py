"""EC2's DescribeRegions, the only EC2 operation in the sandbox.

moto has it too, but its EC2 takes longer to import than everything else here together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from xml.sax.saxutils import escape

import botocore.loaders
from flask import Flask, Response, request

from apigw_vtab.aws.regions import ALWAYS_ENABLED

# DescribeRegions' filters, and the element that each looks at.
FILTERS = {
    "region-name": "regionName",
    "endpoint": "regionEndpoint",
    "opt-in-status": "optInStatus",
}


@lru_cache
def known_regions() -> tuple[str, ...]:
    """List the regions of the partition `aws`, from botocore's endpoint data."""
    partitions = botocore.loaders.Loader().load_data("endpoints")["partitions"]
    return tuple(sorted(next(p["regions"] for p in partitions if p["partition"] == "aws")))


def regions_app() -> Flask:
    """Make the Flask application that answers for EC2."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=answer, methods=["POST"])
    return app


def answer() -> Response:
    """Answer the current request in EC2's query protocol."""
    action = request.form.get("Action")
    if action != "DescribeRegions":
        return refused("InvalidAction", f"The sandbox has no EC2 action {action}")
    try:
        regions = list(describe_regions(request.form))
    except LookupError as wrong:
        return refused("InvalidParameterValue", f"Invalid value: {wrong.args[0]}")
    items = "".join(
        "<item>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in region.items()) + "</item>"
        for region in regions
    )
    body = (
        '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>sandbox</requestId><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )
    return Response(body, mimetype="text/xml")


def describe_regions(form: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the enabled regions; others are included if AllRegions is set or they are named."""
    names = numbered(form, "RegionName")
    every = form.get("AllRegions") == "true"
    for name in names or known_regions():
        if name not in known_regions():
            raise LookupError(name)
        enabled = name in ALWAYS_ENABLED
        region = {
            "regionName": name,
            "regionEndpoint": f"ec2.{name}.amazonaws.com",
            "optInStatus": "opt-in-not-required" if enabled else "not-opted-in",
        }
        if (enabled or every or names) and passes(region, form):
            yield region


def passes(region: Mapping[str, str], form: Mapping[str, str]) -> bool:
    """Return whether the region has one of the values of each filter."""
    count = len(numbered(form, "Filter", ".Name"))
    return all(
        region[FILTERS[form[f"Filter.{n}.Name"]]] in numbered(form, f"Filter.{n}.Value")
        for n in range(1, count + 1)
    )


def numbered(form: Mapping[str, str], name: str, suffix: str = "") -> list[str]:
    """Read a list as the query protocol sends it: NAME.1, NAME.2 and so on."""
    values: list[str] = []
    while (key := f"{name}.{len(values) + 1}{suffix}") in form:
        values.append(form[key])
    return values


def refused(code: str, message: str) -> Response:
    """Return an error in EC2's format."""
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    body = (
        f"<Response><Errors><Error>{error}</Error></Errors>"
        "<RequestID>sandbox</RequestID></Response>"
    )
    return Response(body, status=400, mimetype="text/xml")
