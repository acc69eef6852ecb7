"""Makes the text of docs/rules.md from queries/rules.csv and queries/frameworks.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apigw_vtab.controls.frameworks import NO_NUMBER, NOT_READ, Framework
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.suites import SUITES

INTRODUCTION = """# Rules and frameworks

`check ID` checks a rule by the id that its author gives it, with that rule's parameters and
severity; `--suite NAME` checks all of one author. A rule is answered by one of
[our controls](controls.md), or by two where one covers REST APIs and the other HTTP and WebSocket
APIs. This page is generated from `queries/rules.csv` and `queries/frameworks.csv`.
"""
# https://github.com/nccgroup/ScoutSuite, https://cloudcustodian.io/docs/aws/resources/
WITHOUT_IDS = """
## Without ids

These tools have no rule of their own with an id, so there is nothing to look up:

| tool | why |
| --- | --- |
| [ScoutSuite](https://github.com/nccgroup/ScoutSuite) | it has no rule about API Gateway |
| [Cloud Custodian](https://cloudcustodian.io/docs/aws/resources/rest-api.html) | \
its users write their own policies, from filters such as `client-certificate` and `wafv2-enabled` |
"""
# The packs whose page was read whole; PCI DSS 4.0's is that with global resource types.
READ = (
    "HIPAA, PCI DSS 4.0, FedRAMP and FedRAMP Moderate, the security and the reliability pillar of\n"
    "the Well-Architected Framework, FFIEC, RBI's framework for urban banks, NIST CSF, NIST\n"
    "800-171 and CIS Controls 8"
)
FRAMEWORKS = f"""
## Frameworks

`check --framework NAME` checks the rules that anybody maps to a framework, and counts by
requirement; `NAME/SOURCE`, such as `pci-dss-4.0/prowler`, takes one author's word alone. The names
that authors use are names here, too. Where an author maps a rule to a framework and names no
requirement, it stands under `{NO_NUMBER}`; where he names some and we could not read which, under
`{NOT_READ}`. A requirement that two authors spell differently is one, spelled as AWS does.

The requirements of `aws-config` come from three works of AWS. Whole pages of conformance packs in
the AWS Config Developer Guide, read in November 2026 in a copy, not live
([c2hans/aws-docs](https://github.com/c2hans/aws-docs) at 63cf41d, 6f36358, 4be7d6f and 9a3d9b4),
give those of
{READ}.
[cdk-nag](https://github.com/cdklabs/cdk-nag) gives those of NIST 800-53 and PCI DSS 3.2.1.
The [Guard Rules Registry](https://github.com/aws-cloudformation/aws-guard-rules-registry) of March
2024 gives the others; it has them for caches and execution logs alone, and lacks some that pages
of AWS name.
"""


def page(rules: Sequence[Rule], frameworks: Sequence[Framework]) -> str:
    """Return the page: counts, the rules of each suite, and the frameworks."""
    lines = [INTRODUCTION, *_counts(rules)]
    for name, suite in SUITES.items():
        lines += [f"\n## {suite.title}\n", f"`--suite {name}`\n"]
        lines += _table(rule for rule in rules if rule.suite == name)
    lines.append(WITHOUT_IDS.rstrip())
    lines += [FRAMEWORKS, "| framework | title | mapped by | rules |", "| --- | --- | --- | --- |"]
    for one in frameworks:
        count = len({mapping.rule for mapping in one.mappings})
        lines.append(f"| `{one.name}` | {one.title} | {', '.join(one.sources)} | {count} |")
    return "\n".join(lines) + "\n"


def _counts(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield how many rules of each suite are answered, on purpose otherwise, or not evaluated."""
    yield "| suite | rules | answered | of them otherwise, on purpose | not evaluated |"
    yield "| --- | --- | --- | --- | --- |"
    total = [0, 0, 0, 0]
    for name in SUITES:
        own = [rule for rule in rules if rule.suite == name]
        ids = {rule.id for rule in own}
        answered = {rule.id for rule in own if rule.control}
        otherwise = {rule.id for rule in own if rule.control and rule.note}
        figures = [len(ids), len(answered), len(otherwise), len(ids - answered)]
        total = [one + more for one, more in zip(total, figures, strict=True)]
        yield f"| `{name}` | {' | '.join(map(str, figures))} |"
    yield f"| all | {' | '.join(map(str, total))} |"


def _table(rules: Iterator[Rule]) -> Iterator[str]:
    yield "| rule | what it checks | control | note |"
    yield "| --- | --- | --- | --- |"
    lines: dict[str, list[Rule]] = {}
    for rule in rules:
        lines.setdefault(rule.id, []).append(rule)
    for name, some in lines.items():
        first = some[0]
        ids = ", ".join(dict.fromkeys([f"[{name}]({first.page})", *first.also]))
        controls = ", ".join(_control(rule) for rule in some if rule.control) or "*not evaluated*"
        notes = " ".join(dict.fromkeys(rule.note for rule in some if rule.note))
        yield "| " + " | ".join(map(_cell, (ids, first.title, controls, notes))) + " |"


def _control(rule: Rule) -> str:
    given = ", ".join(f"{name}={value}" for name, value in rule.parameters.items())
    return f"[{rule.control}](controls.md#{rule.control})" + (f" with `{given}`" if given else "")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*/*", "`*/*`")
