"""Makes the text of docs/rules.md from queries/rules.csv and queries/frameworks.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apigw_vtab.controls.frameworks import NO_NUMBER, Framework
from apigw_vtab.controls.rules import SUITES, Rule

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
its users write their own policies, out of filters such as `client-certificate` and `wafv2-enabled` |
"""
FRAMEWORKS = f"""
## Frameworks

`check --framework NAME` checks the rules that anybody maps to a framework, and counts by
requirement; `NAME/SOURCE`, such as `pci-dss-4.0/prowler`, takes one author's word alone. The names
that authors use are names here, too. Where an author maps a rule to a framework without a
requirement, or we could not read which one, it stands under `{NO_NUMBER}`. The requirements of
`aws-config` are those that AWS gives in [cdk-nag](https://github.com/cdklabs/cdk-nag), which has
them for HIPAA, NIST 800-53 and PCI DSS 3.2.1.
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
