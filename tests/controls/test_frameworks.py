"""Published frameworks: their names, who maps rules to them, and what a requirement rests on."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.controls.frameworks import (
    NO_NUMBER,
    NOT_READ,
    find_framework,
    shipped_frameworks,
)
from apigw_vtab.controls.library import all_queries, shipped_folder
from apigw_vtab.controls.rules import shipped_rules
from apigw_vtab.controls.rules_page import page
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.controls.selection import Selection
from apigw_vtab.errors import UsageError
from tests.conftest import REGIONS, SMALL, operations
from tests.control_plane import Plane

KNOWN = shipped_frameworks(shipped_folder())
SHIPPED = all_queries()
# Those that every author is asked for first.
ASKED_FOR = (
    *("pci-dss-4.0", "nist-800-53-r5", "hipaa", "soc-2", "fedramp-moderate-r4", "iso-27001-2022"),
    *("well-architected-security", "nist-csf-1.1", "nist-800-171-r2", "cis-controls-8.1"),
    *("ffiec", "rbi-cyber-security"),
)


def test_every_mapped_rule_is_a_rule_of_its_author() -> None:
    rules = {(one.suite, one.id) for one in shipped_rules(shipped_folder())}
    mapped = {(one.source, one.rule) for framework in KNOWN for one in framework.mappings}
    assert mapped <= rules


def test_every_framework_has_a_title_and_a_rule() -> None:
    for one in KNOWN:
        assert one.title, one.name
        assert one.mappings, one.name
        assert {made.source for made in one.mappings} == set(one.sources), one.name


def test_a_name_is_of_one_framework() -> None:
    names = [
        name for one in KNOWN for name in {one.name, *(called.lower() for _, called in one.called)}
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ASKED_FOR)
def test_a_framework_is_found(name: str) -> None:
    assert find_framework(name, KNOWN).name == name


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("PCI-DSS-4.0", "pci-dss-4.0"),
        ("pci_dss_v40", "pci-dss-4.0"),
        ("NIST.800-53.r5", "nist-800-53-r5"),
        ("pci 4.0/prowler", "pci-dss-4.0/prowler"),
        ("soc-2/powerpipe", "soc-2/powerpipe"),
    ],
)
def test_what_an_author_calls_it_is_a_name_of_it(name: str, found: str) -> None:
    assert find_framework(name, KNOWN).name == found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pci-dss-4.1", r"No framework 'pci-dss-4\.1'\. Did you mean pci-dss-4\.0"),
        (
            "soc-2/securityhub",
            r"'securityhub' does not map soc-2\. Its sources are: powerpipe, prowler\.",
        ),
    ],
)
def test_an_unknown_name_gives_the_nearest(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_framework(name, KNOWN)


def requirements(framework: str, control: str) -> dict[str, tuple[str, ...]]:
    """The requirements that a control answers, with who says so."""
    chosen = Selection(frameworks=[framework]).choose(SHIPPED)
    found = [one for query in chosen if query.name == control for one in query.requirements]
    return {one.name: one.sources for one in found}


def test_a_requirement_has_all_who_map_a_rule_to_it() -> None:
    found = requirements("nist-800-53-r5", "stage-waf-web-acl")
    assert found == {"AC-4(21)": ("aws-config", "powerpipe", "prowler", "securityhub")}


def test_one_source_alone_is_one_authors_word() -> None:
    assert requirements("nist-800-53-r5/securityhub", "stage-waf-web-acl") == {
        "AC-4(21)": ("securityhub",)
    }


def test_a_mapping_without_a_requirement_stands_for_the_whole() -> None:
    assert requirements("serverless", "stage-execution-logging") == {NO_NUMBER: ("aws-config",)}


def test_a_requirement_that_we_could_not_read_is_told_from_none() -> None:
    assert requirements("c5/aws-config", "stage-waf-web-acl") == {NOT_READ: ("aws-config",)}


def test_what_awss_page_of_a_pack_names_is_a_requirement() -> None:
    found = requirements("fedramp-moderate-r4/aws-config", "stage-execution-logging")
    assert [*found] == ["AC-2(g)", "AU-2(a)(d)", "AU-3", "AU-6(1)(3)", "AU-12(a)(c)", "SI-11"]


def test_a_requirement_that_authors_spell_differently_is_one() -> None:
    found = requirements("ffiec", "stage-waf-web-acl")
    assert found["D3.PC.Im.B.1"] == ("aws-config", "powerpipe", "prowler")
    assert "D3-PC-IM-B-1" not in {name.upper() for name in found}


def test_versions_are_kept_apart() -> None:
    assert "10.1" in requirements("pci-dss-3.2.1", "stage-execution-logging")
    assert "10.1" not in requirements("pci-dss-4.0", "stage-execution-logging")


def test_of_a_suite_and_a_framework_what_is_in_both_is_wanted() -> None:
    chosen = Selection(["prowler"], frameworks=["hipaa"]).choose(SHIPPED)
    assert [query.asked_ids for query in chosen] == [("apigateway_restapi_logging_enabled",)]


def test_a_users_control_with_an_id_of_the_framework_belongs_to_it() -> None:
    own = read_query("own", "-- references: api-gw-xray-enabled\nselect 1")
    (found,) = Selection(frameworks=["well-architected-reliability"]).choose([own])
    assert [one.name for one in found.requirements] == ["REL-6"]


def test_rules_of_a_framework_that_nobody_answers_are_named() -> None:
    selection = Selection(frameworks=["nist-800-53-r5"])
    asked = {name for query in selection.choose(SHIPPED) for name in query.asked_ids}
    left = {one.id for one in selection.not_evaluated()}
    mapped = {one.rule for one in find_framework("nist-800-53-r5", KNOWN).mappings}
    assert asked | left == mapped


def test_the_command_lists_them() -> None:
    result = CliRunner().invoke(main, ["frameworks", "--output", "json"])
    (pci,) = (one for one in json.loads(result.stdout) if one["framework"] == "pci-dss-4.0")
    assert pci["mapped by"] == "aws-config, powerpipe, prowler"


def test_the_page_of_rules_and_frameworks_is_current() -> None:
    made = page(shipped_rules(shipped_folder()), KNOWN)
    path = shipped_folder().parent / "docs" / "rules.md"
    assert path.read_text() == made, "run: python -m apigw_vtab.pages"


def test_twelve_frameworks_take_one_reading_and_have_a_line_each(plane: Plane) -> None:
    asked = [word for name in ASKED_FOR for word in ("--framework", name)]
    result = CliRunner().invoke(main, ["check", *asked, "--region", REGIONS[0]])
    assert len(ASKED_FOR) == 12
    # `operations` finds a call that was made twice.
    assert operations(plane)["GetStages"] == SMALL.rest_apis
    begun = [line.split()[0] for line in result.stdout.splitlines() if line.strip()]
    assert {name: begun.count(name) for name in ASKED_FOR} == dict.fromkeys(ASKED_FOR, 1)
    assert "Requirements of" not in result.stdout
    assert "The requirements of a framework: name it alone" in result.stdout


def test_one_framework_has_a_line_for_its_requirements(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["check", "--framework", "hipaa", "--region", REGIONS[0]])
    assert "Requirements of hipaa" in result.stdout
    assert "164.312(b)" in result.stdout


def test_the_requirements_of_a_framework_are_listed_with_rules_and_controls() -> None:
    result = CliRunner().invoke(main, ["frameworks", "hipaa/prowler", "--output", "json"])
    rows = json.loads(result.stdout)
    assert {row["mapped by"] for row in rows} == {"prowler"}
    found = [row for row in rows if row["rule"] == "apigateway_restapi_logging_enabled"]
    assert {row["controls"] for row in found} == {"stage-execution-logging"}
