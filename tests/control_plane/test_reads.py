"""What the control plane answers to a read, as boto3 sees it: API Gateway, STS and EC2."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.control_plane import Plane, ServedEstate, serve
from tests.control_plane.clients import ACCOUNT, OTHER_REGION, REGION, client, first_api, refused
from tests.control_plane.conftest import SMALL

OTHER_ACCOUNT = "444455556666"


# --- API Gateway's reads ---


def test_a_rest_api_has_dates_and_members_that_boto3_knows(plane: Plane) -> None:
    item = client(plane).get_rest_apis(limit=1)["items"][0]
    assert item["name"] == "prod-orders-0000"
    assert isinstance(item["createdDate"], datetime)
    assert set(item) <= set(client(plane).meta.service_model.shape_for("RestApi").members)


@pytest.mark.parametrize(
    ("operation", "shape", "params"),
    [
        ("get_rest_api", "RestApi", {}),
        ("get_stages", "Stages", {}),
        ("get_stage", "Stage", {"stageName": "prod"}),
        ("get_deployments", "Deployments", {}),
    ],
)
def test_boto3_reads_what_the_wire_holds(
    plane: Plane, operation: str, shape: str, params: dict[str, str]
) -> None:
    gateway = client(plane)
    answer = getattr(gateway, operation)(restApiId=first_api(plane), **params)
    del answer["ResponseMetadata"]
    assert answer
    assert set(answer) <= set(gateway.meta.service_model.shape_for(shape).members)


def test_all_members_of_the_wire_are_in_botocores_model(plane: Plane) -> None:
    """An item with a member that boto3 drops would be our mistake."""
    lane = SMALL.lane(ACCOUNT, REGION)
    model = client(plane).meta.service_model
    for shape, items in {
        "RestApi": [lane.rest_api(place) for place in range(12)],
        "Stage": lane.stages(0) + lane.stages(1),
        "Deployment": lane.deployments(0),
        "ClientCertificate": list(lane.certificates().values()),
    }.items():
        for item in items:
            assert set(item) <= set(model.shape_for(shape).members), shape


def test_a_page_has_25_items_by_default(plane: Plane) -> None:
    page = client(plane).get_rest_apis()
    assert len(page["items"]) == 25
    assert page["position"]


def test_a_page_has_500_items_at_most() -> None:
    with serve(ServedEstate.numbered(rest_apis=501)) as plane:
        page = client(plane).get_rest_apis(limit=5_000)
        assert len(page["items"]) == 500
        assert len(client(plane).get_rest_apis(position=page["position"])["items"]) == 1


def test_the_last_page_has_no_position(plane: Plane) -> None:
    assert "position" not in client(plane).get_rest_apis(limit=60)


def test_the_paginator_reads_each_item_once(plane: Plane) -> None:
    pages = list(client(plane).get_paginator("get_rest_apis").paginate())
    assert [len(page["items"]) for page in pages] == [25, 25, 10]
    assert len({item["id"] for page in pages for item in page["items"]}) == 60


def test_a_position_is_good_in_its_own_lane_alone(plane: Plane) -> None:
    position = client(plane).get_rest_apis()["position"]
    with refused("BadRequestException", 400):
        client(plane, region=OTHER_REGION).get_rest_apis(position=position)


@pytest.mark.parametrize("rest_api_id", ["nothere", "0000000000", "UPPERCASE1"])
def test_an_unknown_rest_api_is_not_found(plane: Plane, rest_api_id: str) -> None:
    with refused("NotFoundException", 404) as error:
        client(plane).get_rest_api(restApiId=rest_api_id)
    assert error["Message"] == f"Invalid API identifier specified {ACCOUNT}:{rest_api_id}"


def test_an_error_names_its_code_in_the_header(plane: Plane) -> None:
    gateway = client(plane)
    with pytest.raises(gateway.exceptions.NotFoundException) as caught:
        gateway.get_stages(restApiId="nothere")
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == "NotFoundException"


def test_stages_can_be_asked_for_by_deployment(plane: Plane) -> None:
    gateway, api = client(plane), first_api(plane)
    deployment = gateway.get_stages(restApiId=api)["item"][0]["deploymentId"]
    assert len(gateway.get_stages(restApiId=api, deploymentId=deployment)["item"]) == 10
    assert gateway.get_stages(restApiId=api, deploymentId="other")["item"] == []


def test_an_unknown_stage_is_not_found(plane: Plane) -> None:
    with refused("NotFoundException", 404):
        client(plane).get_stage(restApiId=first_api(plane), stageName="nothere")


def test_client_certificates_page_too(plane: Plane) -> None:
    pages = list(client(plane).get_paginator("get_client_certificates").paginate())
    assert [len(page["items"]) for page in pages] == [25, 5]
    certificate = pages[0]["items"][0]
    assert (certificate["expirationDate"] - certificate["createdDate"]).days == 365


def test_one_client_certificate_can_be_read(plane: Plane) -> None:
    gateway = client(plane)
    listed = gateway.get_client_certificates()["items"][3]
    read = gateway.get_client_certificate(clientCertificateId=listed["clientCertificateId"])
    assert read["pemEncodedCertificate"] == listed["pemEncodedCertificate"]
    with refused("NotFoundException", 404):
        gateway.get_client_certificate(clientCertificateId="none00")


# --- lanes, STS and EC2 ---


def test_the_signature_tells_the_lane(plane: Plane) -> None:
    names = {first_api(plane), client(plane, region=OTHER_REGION).get_rest_apis()["items"][0]["id"]}
    assert len(names) == 2
    assert plane.counts.lanes == {f"{ACCOUNT}/{REGION}": 1, f"{ACCOUNT}/{OTHER_REGION}": 1}


def test_a_test_can_name_its_own_access_keys() -> None:
    estate = ServedEstate(
        [ACCOUNT, OTHER_ACCOUNT], [REGION], access_keys={"testing": OTHER_ACCOUNT}
    )
    with serve(estate) as plane:
        identity = client(plane, "sts", key="testing").get_caller_identity()
        assert identity["Account"] == OTHER_ACCOUNT


def test_caller_identity(plane: Plane) -> None:
    identity = client(plane, "sts").get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/auditor"


def test_assume_role_gives_keys_of_the_roles_account() -> None:
    with serve(ServedEstate([ACCOUNT, OTHER_ACCOUNT], [REGION])) as plane:
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/auditor"
        sts = client(plane, "sts")
        keys = sts.assume_role(RoleArn=role, RoleSessionName="audit")["Credentials"]
        assumed = client(plane, "sts", key=keys["AccessKeyId"])
        assert assumed.get_caller_identity()["Account"] == OTHER_ACCOUNT
        with refused("AccessDenied", 403):
            sts.assume_role(RoleArn="arn:aws:iam::999999999999:role/x", RoleSessionName="audit")


def test_regions_that_the_account_has_enabled(plane: Plane) -> None:
    regions = client(plane, "ec2").describe_regions()["Regions"]
    assert [region["RegionName"] for region in regions] == [REGION, OTHER_REGION]
    assert {region["OptInStatus"] for region in regions} == {"opt-in-not-required"}


def test_all_regions_include_those_not_opted_in(plane: Plane) -> None:
    ec2 = client(plane, "ec2")
    statuses = {
        region["RegionName"]: region["OptInStatus"]
        for region in ec2.describe_regions(AllRegions=True)["Regions"]
    }
    assert statuses["af-south-1"] == "not-opted-in"
    filters = [{"Name": "opt-in-status", "Values": ["not-opted-in"]}]
    some = ec2.describe_regions(AllRegions=True, Filters=filters)["Regions"]
    assert [region["RegionName"] for region in some] == ["af-south-1", "ap-east-1"]
    with refused("InvalidParameterValue", 400):
        ec2.describe_regions(RegionNames=["moon-1"])


def test_a_region_that_is_not_enabled_knows_no_key(plane: Plane) -> None:
    with refused("UnrecognizedClientException", 403) as error:
        client(plane, region="af-south-1").get_rest_apis()
    assert error["Message"] == "The security token included in the request is invalid."


def test_an_unknown_key_is_refused_by_each_service(plane: Plane) -> None:
    with refused("UnrecognizedClientException", 403):
        client(plane, key="unknown").get_rest_apis()
    with refused("InvalidClientTokenId", 403):
        client(plane, "sts", key="unknown").get_caller_identity()
    with refused("AuthFailure", 401):
        client(plane, "ec2", key="unknown").describe_regions()


def test_an_operation_that_is_not_served_is_refused(plane: Plane) -> None:
    with refused("MissingAuthenticationTokenException", 403):
        client(plane).get_tags(resourceArn="arn")
    with refused("InvalidAction", 400):
        client(plane, "ec2").describe_vpcs()


# --- the estate ---


def test_a_declared_lane_holds_what_was_declared() -> None:
    stages = [{"stageName": "a"}, {"stageName": "b", "clientCertificateId": "cert01"}]
    lane = {
        "rest_apis": [{"id": "api1", "name": 'O\'Neil, "x"\n日本', "stages": stages}],
        "client_certificates": [{"clientCertificateId": "cert01", "createdDate": 1_700_000_000.5}],
    }
    with serve(ServedEstate.declared({(ACCOUNT, REGION): lane})) as plane:
        gateway = client(plane)
        api = {"id": "api1", "name": 'O\'Neil, "x"\n日本'}
        assert gateway.get_rest_apis()["items"] == [api]
        assert gateway.get_stages(restApiId="api1")["item"] == [
            # AWS has no stage without a deployment.
            {"deploymentId": "first0", **stage}
            for stage in stages
        ]
        certificate = gateway.get_client_certificate(clientCertificateId="cert01")
        assert certificate["createdDate"].timestamp() == 1_700_000_000.5


def test_an_estate_of_full_regions_costs_nothing_until_it_is_read() -> None:
    estate = ServedEstate.numbered(
        accounts=20, regions=17, rest_apis=1_320, stages=10, certificates=60
    )
    lane = estate.lane(ACCOUNT, "sa-east-1")
    last = lane.rest_api(1_319)
    assert lane.place_of(last["id"]) == 1_319
    assert len({lane.rest_api(place)["id"] for place in range(1_320)}) == 1_320


def test_a_generated_estate_is_the_same_each_time() -> None:
    lanes = [ServedEstate.numbered().lane(ACCOUNT, REGION) for _ in range(2)]
    assert lanes[0].stages(7) == lanes[1].stages(7)
    assert lanes[0].certificates() == lanes[1].certificates()


def test_some_generated_stages_have_no_certificate_and_some_a_dangling_one() -> None:
    lane = SMALL.lane(ACCOUNT, REGION)
    ids = [s.get("clientCertificateId") for place in range(60) for s in lane.stages(place)]
    dangling = [name for name in ids if name and name not in lane.certificates()]
    assert ids.count(None) == 120
    assert len(dangling) == 12


def test_one_generated_rest_api_in_ten_is_a_prod_one() -> None:
    lane = SMALL.lane(ACCOUNT, REGION)
    names = [lane.rest_api(place)["name"] for place in range(60)]
    assert sum(name.startswith("prod-") for name in names) == 6


def test_a_misspelt_lane_is_refused() -> None:
    with pytest.raises(ValueError, match="certs"):
        ServedEstate.declared({(ACCOUNT, REGION): {"certs": []}})


def test_methods_come_only_with_embed(plane: Plane) -> None:
    gateway = client(plane)
    api = first_api(plane)
    _, bare = gateway.get_resources(restApiId=api)["items"]
    _, whole = gateway.get_resources(restApiId=api, embed=["methods"])["items"]
    assert bare["resourceMethods"] == {"GET": {}, "POST": {}}
    assert whole["resourceMethods"]["GET"]["authorizationType"] == "AWS_IAM"


def test_a_deployment_tells_its_methods_only_with_embed(plane: Plane) -> None:
    gateway = client(plane)
    api = first_api(plane)
    (listed,) = gateway.get_deployments(restApiId=api)["items"]
    where = {"restApiId": api, "deploymentId": listed["id"]}
    assert "apiSummary" not in listed | gateway.get_deployment(**where)
    summary = gateway.get_deployment(**where, embed=["apisummary"])["apiSummary"]
    assert summary["/orders"]["POST"] == {"authorizationType": "AWS_IAM", "apiKeyRequired": False}
