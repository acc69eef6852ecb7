"""How a change reads as an AWS CLI command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.errors import UsageError
from apigw_vtab.writes.aws_cli import commands, ids_to_come
from tests.conftest import REGIONS
from tests.writes.aws_cli_cases import (
    HOSTILE,
    certificate_deleted,
    certificate_made,
    certificate_replaced,
    deployment_made,
    hostile_change,
    lane,
    row_changed,
    stage_changed,
    stage_of_version_2_changed,
)

WHERE = "--profile first --region eu-west-1 --endpoint-url http://127.0.0.1:9"


def profile_and_endpoint(profile: str | None = None, endpoint_url: str | None = None) -> str:
    """What a command says of the account that a user has opened."""
    profiles = [profile] if profile else []
    where = open_accounts(profiles, endpoint_url)[0].lane(REGIONS[0])
    (line,) = commands([stage_changed(where, description="x")])
    found = re.search(r"update-stage (.*) --rest-api-id", line)
    assert found
    return found[1].replace(f"--region {REGIONS[0]}", "-").strip()


# The form


def test_plain_words_are_options_and_the_rest_is_json() -> None:
    assert commands([stage_changed(lane(), description="x")]) == [
        f"AWS_PAGER= aws apigateway update-stage {WHERE} --rest-api-id api0000001 --stage-name prod"
        """ --cli-input-json '{"patchOperations":"""
        """[{"op":"replace","path":"/description","value":"x"}]}'"""
    ]


def test_a_made_certificate_is_in_a_variable_which_is_looked_at_before_each_use() -> None:
    where = lane()
    change = stage_changed(where, 2, client_certificate_id="$certificate_1")
    assert commands([certificate_made(where, 1, description="new"), change]) == [
        f'export certificate_1="$(aws apigateway generate-client-certificate {WHERE} --description'
        ' new --query clientCertificateId --output text)" && test -n "$certificate_1"',
        f'test -n "$certificate_1" && AWS_PAGER= aws apigateway update-stage {WHERE} --rest-api-id'
        " api0000001 --stage-name prod --cli-input-json '"
        '{"patchOperations":[{"op":"replace","path":"/clientCertificateId","value":"'
        """'"$certificate_1"'"}]}'""",
    ]


def test_the_id_of_a_deployment_is_kept_only_where_it_is_needed() -> None:
    where = lane()
    deployed, unused = deployment_made(where, 1, stage_name="prod"), deployment_made(where, 2)
    by_hand = stage_changed(where, 3, deployment_id="$deployment_1")
    assert commands([deployed])[0].startswith("AWS_PAGER= aws apigateway create-deployment")
    assert commands([unused])[0].startswith('export deployment_2="$(aws apigateway create-depl')
    first, second = commands([deployed, by_hand])
    assert first.startswith('export deployment_1="$(aws apigateway create-deployment')
    assert second.startswith('test -n "$deployment_1" && ')


def test_a_change_rests_on_those_of_the_same_resource_and_on_what_they_rest_on() -> None:
    where = lane()
    lines = commands(
        [
            certificate_made(where, 1),
            stage_changed(where, 2, client_certificate_id="$certificate_1"),
            stage_changed(where, 3, stage="other", description="x"),
            deployment_made(where, 4, stage_name="prod"),
        ]
    )
    rests = [re.findall(r'test -n "(.*?)" && ', line) for line in lines]
    assert rests == [[], ["$certificate_1"], [], ["$certificate_1", "$changed_2"]]
    assert 'export changed_2="$(aws apigateway update-stage' in lines[1]
    assert lines[1].endswith('--query stageName --output text)" && test -n "$changed_2"')


def test_a_certificate_is_deleted_only_if_every_stage_has_let_go_of_it() -> None:
    where = lane()
    lines = commands(
        [
            certificate_replaced(where, 1, "old", "new", stage="one"),
            certificate_replaced(where, 2, "old", "new", stage="two"),
            certificate_replaced(where, 3, "older", "new", stage="three"),
            certificate_deleted(where, 4, "old"),
        ]
    )
    start = 'test -n "$changed_1" && test -n "$changed_2" && AWS_PAGER= aws apigateway delete'
    assert lines[3].startswith(start)
    assert lines[2].startswith("AWS_PAGER= ")


def test_version_2_takes_its_members_as_json() -> None:
    update, *_ = stage_of_version_2_changed(lane())
    assert commands([update]) == [
        f"AWS_PAGER= aws apigatewayv2 update-stage {WHERE} --api-id a1b2 --cli-input-json "
        r"""'{"StageName":"\u0024default","AutoDeploy":true,"RouteSettings":"""
        r"""{"GET /it\u0027s":{"ThrottlingRateLimit":0.5,"DetailedMetricsEnabled":true}}}'"""
    ]


def test_what_aws_answers_nothing_to_is_in_a_variable_as_a_word_of_ours() -> None:
    lines = commands(stage_of_version_2_changed(lane()))
    assert [re.findall("aws (.*?) --profile", line)[0] for line in lines] == [
        "apigatewayv2 update-stage",
        "apigatewayv2 delete-access-log-settings",
        "apigatewayv2 tag-resource",
        "apigatewayv2 untag-resource",
    ]
    assert lines[1].endswith('--output text && echo done)" && test -n "$changed_2"')
    assert lines[3].startswith(
        'test -n "$changed_1" && test -n "$changed_2" && test -n "$changed_3" && AWS_PAGER= '
    )


def test_the_settings_of_an_account_have_no_id() -> None:
    role = "arn:aws:iam::111122223333:role/x"
    changes = row_changed(lane(), "account_settings", {}, {}, cloudwatch_role_arn=role)
    assert commands(changes) == [
        f"AWS_PAGER= aws apigateway update-account {WHERE} --cli-input-json '"
        """{"patchOperations":[{"op":"replace","path":"/cloudwatchRoleArn","""
        f""""value":"{role}"}}]}}'"""
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_is_one_line_of_printable_ascii(text: str) -> None:
    (line,) = commands([hostile_change(lane(), 1, text, text)])
    assert line.isascii()
    assert line.isprintable()
    # Only the quotes around the JSON: nothing in it ends them, and no shell is asked to expand.
    assert line.count("'") == 2
    assert not set("$`!") & set(line)


# What is an id to come, and what only looks like one


def test_a_text_that_looks_like_a_placeholder_is_a_text() -> None:
    where = lane()
    told = commands(
        [certificate_made(where, 1), stage_changed(where, 2, description="$certificate_1")]
    )
    assert not told[1].startswith("test")
    assert r'"value":"\u0024certificate_1"' in told[1]


def test_the_id_of_a_certificate_that_nobody_makes_is_a_text() -> None:
    (line,) = commands([stage_changed(lane(), client_certificate_id="$certificate_1")])
    assert r'"value":"\u0024certificate_1"' in line


def test_an_id_is_not_used_in_another_account() -> None:
    change = stage_changed(lane("second"), 2, client_certificate_id="$certificate_1")
    assert r'"value":"\u0024certificate_1"' in commands([certificate_made(lane(), 1), change])[1]


def test_an_id_of_an_earlier_dry_run_is_known() -> None:
    where = lane()
    earlier = set(ids_to_come([certificate_made(where, 1)]))
    (line,) = commands([certificate_deleted(where, 2, "$certificate_1")], earlier)
    assert line.startswith('test -n "$certificate_1" && ')
    assert line.endswith('--client-certificate-id "$certificate_1"')


# Whose keys, and where to


def test_a_profile_that_is_named_is_written() -> None:
    assert profile_and_endpoint("second") == "--profile second -"


def test_the_profile_of_the_environment_is_written() -> None:
    assert profile_and_endpoint() == "--profile first -"


def test_the_default_profile_is_written(
    aws_configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_PROFILE")
    aws_configuration.write_text(aws_configuration.read_text().replace("profile first", "default"))
    assert profile_and_endpoint() == "--profile default -"


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_keys_of_the_environment_go_before_its_profile(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv(name, "x")
    assert profile_and_endpoint(endpoint_url="http://127.0.0.1:9").startswith("-")
    named = profile_and_endpoint("second", "http://127.0.0.1:9")
    assert named.startswith("--profile second")


def test_a_machine_with_a_role_has_no_profile_to_write(
    aws_configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_PROFILE")
    aws_configuration.write_text("")
    assert profile_and_endpoint(endpoint_url="http://127.0.0.1:9").startswith("-")


def test_a_profile_that_looks_like_an_option_is_joined_to_its_own() -> None:
    (line,) = commands([stage_changed(lane("--debug"), description="x")])
    assert " --profile='--debug' --region " in line


def test_a_profile_that_cannot_be_pasted_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be pasted"):
        commands([stage_changed(lane("a\nb"), description="x")])


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_API_GATEWAY"])
def test_the_endpoint_of_the_environment_is_written(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert profile_and_endpoint() == "--profile first - --endpoint-url http://127.0.0.1:9"


def test_the_endpoint_of_the_configuration_is_written(aws_configuration: Path) -> None:
    text = aws_configuration.read_text()
    more = "[profile first]\nendpoint_url = http://127.0.0.1:9"
    aws_configuration.write_text(text.replace("[profile first]", more))
    assert profile_and_endpoint() == "--profile first - --endpoint-url http://127.0.0.1:9"
    assert profile_and_endpoint("second") == "--profile second -"


def test_the_endpoint_of_an_option_is_written() -> None:
    told = profile_and_endpoint(endpoint_url="http://127.0.0.1:9/a?b=c&d")
    assert told == "--profile first - --endpoint-url 'http://127.0.0.1:9/a?b=c&d'"
