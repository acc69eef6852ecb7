"""What AWS was recorded to answer about certificates, deployments and what they publish."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from .double import Double, at, bare, fact, is_refused, patch, stage_of

ACM = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


# Client certificates


@fact("A generated certificate lives 365 days.")
def _(aws: Double) -> None:
    status, _, made = bare(aws, "POST", "/clientcertificates", {"description": "new"})
    assert status == 201
    assert made["expirationDate"] - made["createdDate"] == 365 * 86_400
    is_listed = [
        one["clientCertificateId"] for one in bare(aws, "GET", "/clientcertificates")[2]["item"]
    ]
    assert made["clientCertificateId"] in is_listed


@fact("A certificate is detached by replacing it with nothing, and not by a removal.")
def _(aws: Double) -> None:
    made = aws.gateway.generate_client_certificate()["clientCertificateId"]
    patch(aws, ("replace", "/clientCertificateId", made))
    assert stage_of(aws)["clientCertificateId"] == made
    remove = ("remove", "/clientCertificateId")
    is_refused(lambda: patch(aws, remove), 400, "BadRequestException")
    patch(aws, ("replace", "/clientCertificateId", ""))
    assert "clientCertificateId" not in stage_of(aws)


@fact("A stage takes the ARN of a certificate from ACM, which GetClientCertificate does not know.")
def _(aws: Double) -> None:
    patch(aws, ("replace", "/clientCertificateId", ACM))
    assert stage_of(aws)["clientCertificateId"] == ACM
    assert ACM not in json.dumps(bare(aws, "GET", "/clientcertificates")[2])
    assert bare(aws, "GET", f"/clientcertificates/{quote(ACM, safe='')}")[0] == 404


@fact("A certificate that does not exist is a 404 where it is named.")
def _(aws: Double) -> None:
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"patchOperations": []})):
        status, headers, answer = bare(aws, method, "/clientcertificates/nosuch", body)
        assert (status, headers["x-amzn-errortype"]) == (404, "NotFoundException")
        assert answer["message"] == "Invalid client certificate identifier specified"


def _unknown(*, is_not_found: bool) -> Callable[[Double], None]:
    def holds(aws: Double) -> None:
        aws.choose(deletes_attached=True, unknown_is_not_found=is_not_found)
        code = "NotFoundException" if is_not_found else "BadRequestException"
        attach = ("replace", "/clientCertificateId", "nosuch")
        is_refused(lambda: patch(aws, attach), 404 if is_not_found else 400, code)
        assert "clientCertificateId" not in stage_of(aws)

    return holds


fact("One that does not exist cannot be attached (not known: 404).")(_unknown(is_not_found=True))
fact("One that does not exist cannot be attached (not known: 400).")(_unknown(is_not_found=False))


def _deleted(*, is_deleted: bool) -> Callable[[Double], None]:
    def holds(aws: Double) -> None:
        aws.choose(deletes_attached=is_deleted, unknown_is_not_found=True)
        made = aws.gateway.generate_client_certificate()["clientCertificateId"]
        patch(aws, ("replace", "/clientCertificateId", made))

        def delete() -> object:
            return aws.gateway.delete_client_certificate(clientCertificateId=made)

        if is_deleted:
            delete()
        else:
            is_refused(delete, 400, "BadRequestException", made)
        left = bare(aws, "GET", f"/clientcertificates/{made}")[0]
        assert left == (404 if is_deleted else 200)
        assert stage_of(aws)["clientCertificateId"] == made

    return holds


fact("A certificate that a stage has (not known: is deleted).")(_deleted(is_deleted=True))
fact("A certificate that a stage has (not known: cannot be).")(_deleted(is_deleted=False))


# Deployments


@fact("A deployment moves its stage, and leaves the stage's settings alone.")
def _(aws: Double) -> None:
    patch(aws, ("replace", "/tracingEnabled", "true"))
    made = aws.gateway.create_deployment(**at(aws), description="again")["id"]
    assert (stage_of(aws)["deploymentId"], stage_of(aws)["tracingEnabled"]) == (made, True)


@fact("A stage with an active canary is only deployed with canarySettings.")
def _(aws: Double) -> None:
    before = stage_of(aws)["deploymentId"]
    patch(aws, ("replace", "/canarySettings/percentTraffic", "10"))
    deploy = aws.gateway.create_deployment
    is_refused(lambda: deploy(**at(aws)), 400, "BadRequestException", "canary")
    assert stage_of(aws)["deploymentId"] == before
    made = deploy(**at(aws), canarySettings={"percentTraffic": 20.0})["id"]
    assert stage_of(aws)["deploymentId"] == before
    assert stage_of(aws)["canarySettings"] == {"percentTraffic": 20.0, "deploymentId": made}
    patch(aws, ("remove", "/canarySettings"))
    assert deploy(**at(aws))["id"] == stage_of(aws)["deploymentId"]


@fact("A REST API without methods cannot be deployed.")
def _(aws: Double) -> None:
    def deploy() -> object:
        return aws.gateway.create_deployment(restApiId=aws.api_without_methods, stageName="new")

    is_refused(deploy, 400, "BadRequestException", "doesn't contain any methods")


@fact("A REST API with a method that has no integration cannot be deployed.")
def _(aws: Double) -> None:
    api = aws.api_without_integration

    def deploy() -> object:
        return aws.gateway.create_deployment(restApiId=api, stageName="new")

    is_refused(deploy, 400, "BadRequestException", "No integration defined for method")


@fact("A 409 of a concurrent modification passes.")
def _(aws: Double) -> None:
    aws.refuse("conflict", 1)
    change = ("replace", "/description", "changed")
    is_refused(lambda: patch(aws, change), 409, "ConflictException", "try again later")
    patch(aws, change)
    assert stage_of(aws)["description"] == "changed"


@fact("An SCP's refusal ends in: with an explicit deny in a service control policy.")
def _(aws: Double) -> None:
    aws.refuse("denied-by-scp", 1)
    status, headers, answer = bare(aws, "GET", "/restapis")
    assert (status, headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    (words,) = (answer[name] for name in answer if name.lower() == "message")
    assert words.endswith("with an explicit deny in a service control policy")
    assert bare(aws, "GET", "/restapis")[0] == 200


# Resources and what was published


@fact("One GetResources with embed=methods has methods and integrations, and without it, neither.")
def _(aws: Double) -> None:
    path = f"/restapis/{aws.api}/resources"
    with_methods = bare(aws, "GET", f"{path}?embed=methods")[2]["item"]
    (method,) = (m for r in with_methods for m in r.get("resourceMethods", {}).values())
    assert method["methodIntegration"]["type"] == "HTTP_PROXY"
    bare_methods = bare(aws, "GET", path)[2]["item"]
    assert [m for r in bare_methods for m in r.get("resourceMethods", {}).values()] == [{}]


@fact("What a deployment published comes only from GetDeployment with embed=apisummary.")
def _(aws: Double) -> None:
    made = aws.gateway.create_deployment(**at(aws))["id"]
    path = f"/restapis/{aws.api}/deployments/{made}"
    assert "apiSummary" not in bare(aws, "GET", path)[2]
    assert "apiSummary" not in json.dumps(bare(aws, "GET", f"/restapis/{aws.api}/deployments")[2])
    summary = bare(aws, "GET", f"{path}?embed=apisummary")[2]["apiSummary"]
    assert [set(method) for verbs in summary.values() for method in verbs.values()] == [
        {"authorizationType", "apiKeyRequired"}
    ]
