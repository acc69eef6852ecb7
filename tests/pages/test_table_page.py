"""What the page of a table says follows from its declaration."""

from __future__ import annotations

from apigw_vtab.pages.joins import joins_of
from apigw_vtab.pages.lists import by_kind, policy
from apigw_vtab.pages.permissions import actions_to_read
from apigw_vtab.pages.table_page import escaped, table_page
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.registry import TABLES

BY_NAME = {table.name: table for table in TABLES}
QUEUES = Table(
    "queues",
    "The queues.",
    key=("queue_url",),
    reads=(
        Read("sqs", "GetQueueAttributes", {"QueueUrl": "queue_url"}),
        Read("sqs", "ListQueues", items="QueueUrls", asks={"queue_url": {"MaxResults": ("1",)}}),
    ),
    examples={"Which there are": "\n        select queue_url\n        from queues\n    "},
)


def page(name: str) -> str:
    return table_page(BY_NAME[name], TABLES, "somewhere")


def joined(name: str, *columns: str) -> set[str]:
    """The tables that one joins to by these columns."""
    found = joins_of(BY_NAME[name], TABLES).get(("account_id", "region", *columns), [])
    return {table.name for table in found}


def test_an_example_stands_there_as_it_can_be_run() -> None:
    said = table_page(QUEUES, [], "somewhere")
    assert "Which there are:\n\n```sql\nselect queue_url\nfrom queues;\n```\n" in said


def test_a_call_is_told_with_when_it_is_made_its_action_path_and_quota() -> None:
    assert (
        "| GetResources | for each row of [`rest_apis`](rest_apis.md), or for the `rest_api_id`"
        " that a statement gives, in pages of 500 | `apigateway:GET` on `/restapis/*/resources` |"
        " 5 in 2 seconds, in each account |" in page("resources")
    )


def test_a_call_for_one_row_is_told_with_the_columns_that_it_needs() -> None:
    assert "| GetStage | for a statement that gives `api_id` and `stage_name` |" in page(
        "v2_stages"
    )


def test_a_list_for_each_choice_is_told_with_the_choices() -> None:
    assert "for each `resource_owner`: SELF and OTHER_ACCOUNTS" in page("domain_names")


def test_what_lies_in_the_answer_of_another_table_says_so() -> None:
    assert "its answer has the rows of [`resources`](resources.md), too" in page("methods")


def test_a_secret_says_what_it_needs() -> None:
    assert "| `value` | TEXT | secret, hidden |" in page("api_keys")
    assert "GetApiKeys with `includeValues=true`" in page("api_keys")
    assert "dropped at once unless a statement names it" in page("usage_plan_keys")


def test_a_column_that_takes_a_call_for_each_row_says_so() -> None:
    assert "GetDeployment with `embed=apisummary`, one call for each row" in page("deployments")


def test_a_write_is_told_with_its_columns() -> None:
    assert "| `insert` | GenerateClientCertificate | `description`, `tags` |" in page(
        "client_certificates"
    )
    assert "## Writes" not in table_page(QUEUES, [], "somewhere")


def test_an_update_is_told_with_each_operation_that_it_may_take() -> None:
    stages = page("v2_stages")
    assert "| `update` | UpdateStage | `access_log_settings`, `auto_deploy`," in stages
    assert "| `update` | DeleteRouteSettings | `route_settings` | `apigateway:DELETE` on" in stages
    assert "| `update` | TagResource | `tags` | `apigateway:POST` on `/tags/*` |" in stages
    assert "| `update` | TagResource | `tags` | `apigateway:PUT` on `/tags/*` |" in page("api_keys")


def test_a_write_says_what_callers_wait_for_and_its_own_quota() -> None:
    assert "Callers notice UpdateMethod only after a deployment of the REST API" in page("methods")
    assert "| 1 in 20 seconds, in each account |" in page("account_settings")


def test_a_table_joins_to_those_whose_whole_key_it_has() -> None:
    assert joined("stages", "client_certificate_id") == {"client_certificates"}
    assert joined("stages", "rest_api_id", "deployment_id") == {"deployments"}
    assert joined("methods", "rest_api_id", "authorizer_id") == {"authorizers"}


def test_a_table_joins_to_those_that_have_its_whole_key() -> None:
    assert {"stages", "v2_stages"} <= joined("client_certificates", "client_certificate_id")
    assert {"methods", "usage_plan_stages"} <= joined("rest_apis", "rest_api_id")


def test_the_same_id_in_two_services_is_no_join() -> None:
    assert "v2_vpc_links" not in joined("vpc_links", "vpc_link_id")


def test_a_column_that_is_null_when_read_is_no_join() -> None:
    assert "deployments" not in joined("stages", "rest_api_id", "stage_name")


def test_the_actions_are_those_of_the_declarations_whatever_the_service() -> None:
    assert actions_to_read([QUEUES]) == ["sqs:GetQueueAttributes", "sqs:ListQueues"]
    assert actions_to_read([BY_NAME["accounts"]]) == []
    assert '"Resource": "*"' in policy([QUEUES])


def test_the_list_has_each_table_once_with_what_it_belongs_to() -> None:
    lines = list(by_kind(TABLES))
    for name in BY_NAME:
        assert sum(line.count(f"[`{name}`]") for line in lines) == 1
    (of_rest_apis,) = (line for line in lines if line.startswith("[`rest_apis`]"))
    assert "[`methods`]" in of_rest_apis


def test_text_means_itself_in_a_cell() -> None:
    assert escaped("a|b <c> */* \\d") == r"a\|b \<c> \*/\* \\d"
