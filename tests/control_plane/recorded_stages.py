"""What AWS was recorded to answer about stages and policies."""

from __future__ import annotations

import json

from .double import Double, bare, fact, is_refused, patch, stage_of

LOG_GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:orders"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
        }
    ],
}
#: What the first patch of a method fills in.
NINE = {
    "metricsEnabled",
    "dataTraceEnabled",
    "throttlingBurstLimit",
    "throttlingRateLimit",
    "cachingEnabled",
    "cacheTtlInSeconds",
    "cacheDataEncrypted",
    "requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy",
}


@fact("On the wire, the list of GetStages is called item.")
def _(aws: Double) -> None:
    status, _, answer = bare(aws, "GET", f"/restapis/{aws.api}/stages")
    assert (status, list(answer)) == (200, ["item"])
    assert [one["stageName"] for one in answer["item"]] == [aws.stage]


@fact("Lists of REST APIs and certificates are called item, too, and have a position.")
def _(aws: Double) -> None:
    assert set(bare(aws, "GET", "/restapis?limit=1")[2]) == {"item", "position"}
    assert set(bare(aws, "GET", "/clientcertificates")[2]) == {"item"}


@fact("Variables that were all removed are an empty object.")
def _(aws: Double) -> None:
    patch(aws, ("replace", "/variables/colour", "blue"))
    assert stage_of(aws)["variables"] == {"colour": "blue"}
    patch(aws, ("remove", "/variables/colour"))
    assert stage_of(aws)["variables"] == {}


@fact("A stage without a cache keeps the size that it had.")
def _(aws: Double) -> None:
    on = ("replace", "/cacheClusterEnabled", "true"), ("replace", "/cacheClusterSize", "0.5")
    patch(aws, *on)
    patch(aws, ("replace", "/cacheClusterEnabled", "false"))
    assert (stage_of(aws)["cacheClusterEnabled"], stage_of(aws)["cacheClusterSize"]) == (
        False,
        "0.5",
    )


@fact("A throttle of -1 occurs.")
def _(aws: Double) -> None:
    path = "/*/*/throttling/"
    patch(aws, ("replace", path + "burstLimit", "-1"), ("replace", path + "rateLimit", "-1"))
    settings = stage_of(aws)["methodSettings"]["*/*"]
    assert (settings["throttlingBurstLimit"], settings["throttlingRateLimit"]) == (-1, -1)


@fact("Keys of method settings are */*, ~1/GET for the root, and ~1pets~1{petId}/OPTIONS.")
def _(aws: Double) -> None:
    keys = ["*/*", "~1/GET", "~1pets~1{petId}/OPTIONS", "~1{proxy+}/ANY"]
    patch(aws, *(("replace", f"/{key}/logging/loglevel", "ERROR") for key in keys))
    assert sorted(stage_of(aws)["methodSettings"]) == sorted(keys)
    patch(aws, *(("remove", f"/{key}") for key in keys[1:]))
    assert list(stage_of(aws)["methodSettings"]) == ["*/*"]


@fact("The first patch of a method fills nine members, without loggingLevel.")
def _(aws: Double) -> None:
    patch(aws, ("replace", "/~1pets/GET/metrics/enabled", "true"))
    settings = stage_of(aws)["methodSettings"]["~1pets/GET"]
    assert set(settings) == NINE
    assert settings["metricsEnabled"] is True
    assert settings["cacheDataEncrypted"] is False
    patch(aws, ("replace", "/~1pets/GET/logging/loglevel", "INFO"))
    assert set(stage_of(aws)["methodSettings"]["~1pets/GET"]) == {*NINE, "loggingLevel"}


@fact("The removal of a method setting that is not there is a 400, and nothing else is changed.")
def _(aws: Double) -> None:
    good = ("replace", "/description", "changed")
    wrong = ("remove", "/~1pets/DELETE")
    is_refused(lambda: patch(aws, good, wrong), 400, "BadRequestException")
    assert stage_of(aws).get("description") != "changed"


@fact("Members of canarySettings can be replaced, and single overrides removed.")
def _(aws: Double) -> None:
    canary = "/canarySettings/"
    patch(
        aws,
        ("replace", canary + "percentTraffic", "12.5"),
        ("replace", canary + "useStageCache", "true"),
        ("replace", canary + "stageVariableOverrides/a", "1"),
        ("replace", canary + "stageVariableOverrides/b", "2"),
    )
    patch(aws, ("remove", canary + "stageVariableOverrides/a"))
    assert stage_of(aws)["canarySettings"] == {
        "percentTraffic": 12.5,
        "useStageCache": True,
        "stageVariableOverrides": {"b": "2"},
    }
    patch(aws, ("remove", "/canarySettings"))
    assert "canarySettings" not in stage_of(aws)


@fact("An empty access log format is a 400.")
def _(aws: Double) -> None:
    _log(aws)
    empty = ("replace", "/accessLogSettings/format", "")
    is_refused(lambda: patch(aws, empty), 400, "BadRequestException", "format")
    assert stage_of(aws)["accessLogSettings"]["format"] == "$context.requestId"


@fact("An access log needs a destination and a format, with a request id in it.")
def _(aws: Double) -> None:
    path = "/accessLogSettings/"
    destination = ("replace", path + "destinationArn", LOG_GROUP)
    for operations in (
        [destination],
        [("replace", path + "format", "$context.requestId")],
        [destination, ("replace", path + "format", "$context.status")],
    ):
        is_refused(lambda: patch(aws, *operations), 400, "BadRequestException")  # noqa: B023
    assert "accessLogSettings" not in stage_of(aws)
    extended = ("replace", path + "format", '{"id":"$context.extendedRequestId"}')
    patch(aws, destination, extended)
    patch(aws, ("remove", "/accessLogSettings"))
    assert "accessLogSettings" not in stage_of(aws)


@fact("The ARN of a log group must not end in :*.")
def _(aws: Double) -> None:
    _log(aws)
    wrong = ("replace", "/accessLogSettings/destinationArn", f"{LOG_GROUP}:*")
    is_refused(lambda: patch(aws, wrong), 400, "BadRequestException", ":*")


def _log(aws: Double) -> None:
    path = "/accessLogSettings/"
    patch(
        aws,
        ("replace", path + "destinationArn", LOG_GROUP),
        ("replace", path + "format", "$context.requestId"),
    )


@fact("A policy comes escaped once more: its quotes, and its slashes.")
def _(aws: Double) -> None:
    policy = bare(aws, "GET", f"/restapis/{aws.api}")[2]["policy"]
    assert r"{\"Version\":" in policy.replace(" ", "")
    assert r"execute-api:\/*" in policy
    assert json.loads(json.loads(f'"{policy}"')) == POLICY
