"""The parameters of saved queries: their defaults, and what values make sense.

A header line `-- params:` has `NAME=DEFAULT [RANGE]`, with commas between parameters. RANGE is
`0..365` (both included), `ERROR|INFO` (one of these words), `JWT|CUSTOM, ...` (some of these words,
with commas) or `o-*, ...` (a list, with commas, of texts in which each * stands for letters,
digits, hyphens and underscores; a * alone and ** stand for any text, *=* for any NAME=VALUE, and
what comes after a ! is refused, as in `*!aws:**, ...`, in any case). One with braces, such as
`arn:{partition}:logs:{region}:{account_id}:log-group:*`, has the form of an ARN, or one of several
with | between them: what is in braces is that of the row to which the value is applied. Without a
range, the default says the type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from apigw_vtab.aws.regions import partition_by_name
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

# Some 270 years of days; of many more, SQLite makes no date.
MOST = 100_000
# The patterns of a list that takes any text, and of one that takes names with their values.
ANY, PAIRS = "*", "*=*"

_DECLARED = re.compile(r"(?P<given>[^\[\]]*?)\s*(?:\[(?P<range>[^\[\]]+)\])?")
# A comma in a default or in a range is part of a list.
_BETWEEN = re.compile(r",(?=\s*[^\s,\[\]=]+=)(?![^\[\]]*\])")
_BOUNDS = re.compile(r"(-?[\d.]*\d)\.\.(-?\d[\d.]*)", re.ASCII)
_LIST = re.compile(r"([^\s,|]+(?:\s*\|\s*[^\s,|]+)*)\s*,\s*\.\.\.")
# What a form has for the partition, the account and the region of a row: those of any row.
_ANYWHERE = {"{partition}": "aws[a-z-]*", "{region}": "[a-z0-9-]+", "{account_id}": "[0-9]{12}"}
_PARTS = re.compile("(" + "|".join(map(re.escape, (*_ANYWHERE, "*"))) + ")")
# The characters of a log group's name, of which those of a stream's are some, and of a role's:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
_NAME, _ROLE_NAME = "[A-Za-z0-9_./#-]+", "[A-Za-z0-9_+=,.@/-]+"
_IN_WORDS = {ANY: "any text", PAIRS: "NAME=VALUE"}


@dataclass(frozen=True)
class Parameter:
    """A parameter with its default; at most one of the last four members is set.

    `pattern` is what each part of a list has to be: one of these, with | between them.
    """

    name: str
    default: str | int | float
    bounds: tuple[int | float, int | float] | None = None
    words: tuple[str, ...] = ()
    pattern: str = ""
    forms: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """The values that make sense, in words."""
        if self.words:
            return f"one of {', '.join(self.words)}"
        if self.pattern:
            form, _, refused = self.pattern.replace("**", "*").partition("!")
            one = ", ".join(form.split("|"))
            which = _IN_WORDS.get(one) or (f"one of {one}" if "|" in form else one)
            which += f" but {refused}" if refused else ""
            return f"{which}, or several with commas between them"
        if self.forms:
            return f"an ARN of the form {' or '.join(self.forms)}"
        if isinstance(self.default, str):
            return "text"
        number = "a whole number" if isinstance(self.default, int) else "a number"
        least, most = self.bounds or (-MOST, MOST)
        return f"{number} from {least} to {most}"

    def admits(self, value: SqlValue) -> bool:
        """Return whether a value makes sense."""
        if self.words:
            # What was read as a number is a word here.
            return str(value) in self.words
        if self.pattern:
            return value == self.default or all(
                re.fullmatch(_regex(self.pattern), part.strip()) for part in str(value).split(",")
            )
        if self.forms:
            return self._has_form(filled(str(value), "0" * 12, "region"), _ANYWHERE)
        if isinstance(self.default, str):
            return True
        least, most = self.bounds or (-MOST, MOST)
        types = int if isinstance(self.default, int) else (int, float)
        return isinstance(value, types) and least <= value <= most

    def typed(self, value: SqlValue) -> SqlValue:
        """Return a value as it stands in the SQL: an id of digits is a text."""
        is_number = isinstance(value, (int, float))
        return str(value) if is_number and isinstance(self.default, str) else value

    def fits(self, value: SqlValue, account_id: str, region: str) -> bool:
        """Return whether a value can be applied in an account and region."""
        if not self.forms:
            return True
        parts = (partition_by_name(region), region, account_id)
        own = dict(zip(_ANYWHERE, map(re.escape, parts), strict=True))
        return self._has_form(filled(str(value), account_id, region), own)

    def wanted_in(self, account_id: str, region: str) -> str:
        """Return the forms that fit an account and region."""
        forms = (filled(form, account_id, region) for form in self.forms)
        return " or ".join(forms).replace("{partition}", partition_by_name(region))

    @property
    def place_holders(self) -> str:
        """What a value can have in place of an account and a region, in words."""
        return " and ".join(
            one for one in ("{region}", "{account_id}") if any(one in form for form in self.forms)
        )

    def _has_form(self, text: str, parts: Mapping[str, str]) -> bool:
        regexes = (
            "".join(
                parts.get(part) or (_name_in(form) if part == "*" else re.escape(part))
                for part in _PARTS.split(form)
            )
            for form in self.forms
        )
        # AWS writes the ARN of a log group with :* at its end.
        return any(re.fullmatch(rf"{regex}(?::\*)?", text) for regex in regexes)

    def check(self, value: SqlValue, query: str) -> None:
        """Raise UsageError, naming the saved query, for a value that makes no sense."""
        if not self.admits(value):
            is_named = self.words or self.default == ""
            such_as = "" if is_named else f", such as {self.name}={self.default}"
            raise UsageError(
                f"{self.name}={value!r} is not valid: {query} takes {self.wanted}{such_as}."
            )


def filled(text: str, account_id: str, region: str) -> str:
    """Return a form, or a value of one, with the account and the region of a row."""
    return text.replace("{account_id}", account_id).replace("{region}", region)


def _name_in(form: str) -> str:
    return _ROLE_NAME if ":iam:" in form else _NAME


def _regex(pattern: str) -> str:
    """Return the regular expression of what a part of a list has to be."""
    if pattern == PAIRS:
        return r"\s*[^\s=][^=]*=.*"
    form, _, refused = pattern.partition("!")
    wanted = ".+" if form == ANY else "|".join(map(_text_regex, form.split("|")))
    return rf"(?!(?i:{_text_regex(refused)})\Z)(?:{wanted})" if refused else wanted


def _text_regex(form: str) -> str:
    escaped = re.escape(form).replace(r"\*\*", ".+")
    return escaped.replace(r"\*", r"[A-Za-z0-9_-]+")


def parts_of(text: str) -> list[str]:
    """Return the parameters of a header's value, each as it is written there."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def declared_parameters(text: str) -> dict[str, Parameter]:
    """Read the header's value. Raises UsageError for a parameter that cannot be read."""
    found: dict[str, Parameter] = {}
    for part in parts_of(text):
        declared = _DECLARED.fullmatch(part)
        if declared is None:
            raise UsageError(f"{part!r} is not a parameter: write NAME=DEFAULT [RANGE].")
        name, default = _named(declared["given"])
        one = _parameter(name, default, (declared["range"] or "").strip())
        if "," in str(default) and not one.pattern:
            raise UsageError(f"{part!r} is not a parameter: write NAME=DEFAULT [RANGE].")
        _refuse_impossible(one, part)
        if name in found:
            raise UsageError(f"{name} is declared twice: keep one of them.")
        found[name] = one
    return found


def _refuse_impossible(one: Parameter, part: str) -> None:
    """Raise UsageError for a range that holds nothing, or not the default; no default is a text."""
    if one.bounds and one.bounds[0] > one.bounds[1]:
        least, most = one.bounds
        raise UsageError(f"{part!r} takes nothing: write the lower end first, [{most}..{least}].")
    if one.bounds and isinstance(one.default, str):
        raise UsageError(f"{part!r} has a range of numbers, so its default has to be a number.")
    # A list takes its default whatever it is: look at the parts.
    bare = replace(one, default="") if one.pattern else one
    if one.default != "" and not bare.admits(one.default):
        raise UsageError(f"{part!r} does not take its own default: it takes {one.wanted}.")


def _parameter(name: str, default: str | int | float, text: str) -> Parameter:
    if not text:
        return Parameter(name, default)
    if found := _BOUNDS.fullmatch(text):
        least, most = (_plainest(bound) for bound in found.groups())
        if not isinstance(least, str) and not isinstance(most, str):
            return Parameter(name, default, bounds=(least, most))
    if found := _LIST.fullmatch(text):
        return Parameter(name, default, pattern=re.sub(r"\s", "", found[1]))
    if "{" in text:
        return Parameter(name, default, forms=tuple(form.strip() for form in text.split("|")))
    if "|" in text:
        return Parameter(name, default, words=tuple(word.strip() for word in text.split("|")))
    raise UsageError(
        f"[{text}] is not a range of {name}: write [0..365], [ERROR|INFO], [JWT|CUSTOM, ...] or "
        "[o-*, ...]."
    )


def read_parameters(given: Iterable[str]) -> dict[str, str | int | float]:
    """Read `name=value` texts; a value that is a plainly written number becomes a number.

    Raises UsageError for anything else.
    """
    return dict(map(_named, given))


def _named(text: str) -> tuple[str, str | int | float]:
    name, equals, value = text.partition("=")
    name = name.strip().lstrip(":$@")
    if not equals or not name.isidentifier():
        raise UsageError(f"{text!r} is not a parameter: write NAME=VALUE, such as days=30.")
    return name, _plainest(value.strip())


def _plainest(text: str) -> str | int | float:
    if re.fullmatch(r"0|-?[1-9]\d{0,17}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", text, re.ASCII):
        return float(text)
    return text
