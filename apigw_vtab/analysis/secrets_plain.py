"""What a variable with a secret's name may hold instead: a setting, a host, a reference. Pure."""

from __future__ import annotations

import re

from apigw_vtab.analysis.secrets_shapes import is_made_by_chance, is_uuid


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_SETTINGS = _words(
    "true false yes no on off enabled disabled required optional none null nil undefined unset",
    "empty todo tbd na n/a placeholder replace_me",
)
# These may be passwords, and are no keys or tokens.
_CHOICES = _SETTINGS | _words(
    "changeme example dummy sample default jwt iam aws_iam cognito cognito_user_pools custom",
    "oauth oauth2 oidc saml basic bearer header authorizer query cookie session hmac mtls apikey",
    "api_key authorization strong weak opaque reference prod production dev development test qa",
    "uat stage staging beta sandbox live seconds minutes hours days vault ssm secretsmanager",
    "awscurrent awsprevious awspending",
)
_PLACEHOLDER = re.compile(
    r"(?:replace|change|your|insert|enter|put|add|set|fill)[-_.]"
    r"(?:me|with|your|the|here|this|in|api|own)[\w.-]*|your[\w.-]*here|x{3,}|\.{3,}|-+|_+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d+)?[a-zA-Z]{0,4}|\d+(?:[.:,/]\d+)+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]*Z?)?")
_REFERENCE = re.compile(
    r"arn:aws[a-z-]*:|alias/|(?:ssm|vault|resolve|secrets-?manager):|projects/|stageVariables\."
    r"|(?:method|integration)\.re(?:quest|sponse)\.|context\."
)
# A header, an algorithm, a method of OAuth.
_TERM = re.compile(r"[Xx](?:-[A-Za-z]+)+|(?:HS|RS|ES|PS)\d{3}|client_[a-z_]+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?::[a-z0-9+.-]+)*://")
_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:com|net|org|io|local|internal|cloud|app|aws|eu|co|uk|de|gov|edu|info|svc)"
    r"(?::\d+)?(?:/.*)?",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"[A-Za-z.~][\w.-]*|\d{1,4}")
_LABEL = re.compile(r"[A-Za-z][a-z]*\d{0,3}(?:[-_./][A-Za-z]?[a-z]*\d{0,3})+")
_LABEL_WORDS = _words(
    "secret secrets credential credentials creds password passwords token tokens key keys rds",
    "config prod production dev test qa uat stage staging",
)


def is_plain(text: str, *, is_password: bool) -> bool:
    """Tell a setting, a number, a host, a path or a reference from what one keeps secret."""
    lower = text.lower()
    if lower in (_SETTINGS if is_password else _CHOICES) or _PLACEHOLDER.fullmatch(text):
        return True
    if is_reference(text) or is_url(text) or is_host(text) or _DATE.fullmatch(text):
        return True
    if "/" in text:
        return all(map(_is_segment, text.strip("/").split("/")))
    if is_password:
        return False
    return bool(_NUMBER.fullmatch(text) or _TERM.fullmatch(text) or lower.startswith("example"))


def is_reference(text: str) -> bool:
    """Tell an ARN and other ways to say where a value is."""
    return _REFERENCE.match(text) is not None


def is_url(text: str) -> bool:
    """Tell a URL, also one that has more than one scheme, as JDBC's have."""
    return _URL.match(text) is not None


def is_host(text: str) -> bool:
    """Tell a host name, with a port and a path or without."""
    return _HOST.fullmatch(text) is not None


def is_label(text: str) -> bool:
    """Tell what a secret is called elsewhere, such as `orders-db-credentials`."""
    words = re.split(r"[-_./]", text.lower())
    return _LABEL.fullmatch(text) is not None and not _LABEL_WORDS.isdisjoint(words)


def _is_segment(text: str) -> bool:
    """Tell a part of a path."""
    return is_uuid(text) or bool(_SEGMENT.fullmatch(text) and not is_made_by_chance(text, 8))
