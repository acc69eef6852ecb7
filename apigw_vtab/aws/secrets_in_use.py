"""Keeps the credentials in use out of what is shown, however AWS quotes them back.

AWS answers a wrong signature with the headers that should have been signed, the session token among
them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""

from __future__ import annotations

import html
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.session import Session

LONGEST_DETAIL = 2_000
# What is read of a message; a secret makes it longer than what is shown of it.
_READ = 20_000
HIDDEN = "***"
# A part of a secret this long is found wherever it begins. Shorter secrets are words.
_BLOCK = 8
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)")
# How text is written inside a URL, JSON and XML, also if it went through two of them.
_ESCAPED = re.compile(
    r"(?:%(?:25)*[0-9A-Fa-f]{2})+|\\+u00[0-9A-Fa-f]{2}|\\+x[0-9A-Fa-f]{2}|\\+[nrtbf]|&(?:amp;)*#?\w{2,6};"
)
# Names of secrets with their values, which may go on behind a line break, and a login in a URL.
_NAMED = re.compile(
    r"""((?:security|session|access|refresh|id)[\s_-]?token | secret[\s_-]?(?:access[\s_-]?)?key
    | signature | password | proxy-authorization)
    ( ["'\\\s]* (?:[:=] | %3[aAdD] | &\#0*(?:58|61);) ["'\\\s]* (?:(?:basic|bearer)\s+)? )
    (?: [^\s&,'"<>;] | &\#x?[0-9A-Fa-f]+; )+
    (?: [\r\n]+ [ \t]* (?![^\s]*[:;]) [A-Za-z0-9+/=%_-]+ (?=[\s'"<&,]|$) )*""",
    re.VERBOSE | re.IGNORECASE,
)
_LOGIN = re.compile(r"(://)(?:[^\s/?#'\"]*|[^\s/?#'\":]*:[^\s'\"]*)@")
# The first letters of an access key's id say what it is the key of.
_KEY_ID = re.compile(r"(?<![A-Za-z0-9])(A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}")

# Each block of each secret, with the secret and its place there: letters and digits alone.
_blocks: dict[str, tuple[str, int]] = {}


def note(*secrets: str | None) -> None:
    """Remember secrets, so that `without_secrets` finds them in any message of this process."""
    for secret in filter(None, secrets):
        plain = _plain(secret)
        places = range(0, len(plain) - _BLOCK + 1, _BLOCK)
        _blocks.update({plain[at : at + _BLOCK]: (plain, at) for at in places})


def note_configured(session: Session) -> None:
    """Remember the keys of the environment and of all profiles: a role is assumed with them."""
    note(os.environ.get("AWS_SECRET_ACCESS_KEY"), os.environ.get("AWS_SESSION_TOKEN"))
    for profile in session.full_config.get("profiles", {}).values():
        note(profile.get("aws_secret_access_key"), profile.get("aws_session_token"))


def note_those_of(client: Any, session: Session) -> None:
    """Remember the credentials with which a client of a session signs, also when they change."""
    noted: set[tuple[str, str]] = set()

    def before_send(request: AWSPreparedRequest, **_: Any) -> None:
        signed = request.headers.get("Authorization") or b""
        text = signed.decode("latin-1") if isinstance(signed, bytes) else str(signed)
        found = _CREDENTIAL.search(text)
        signed_by = (found[1] if found else "", str(request.headers.get("X-Amz-Security-Token")))
        if found is None or signed_by in noted:
            return
        # It has just signed, so nothing is fetched here.
        if credentials := session.get_credentials():
            frozen = credentials.get_frozen_credentials()
            note(frozen.secret_key, frozen.token)
        noted.add(signed_by)

    client.meta.events.register_first("before-send", before_send)


def without_secrets(message: str) -> str:
    """Return a message without secrets, cut to LONGEST_DETAIL characters."""
    text = message[:_READ]
    hidden = masked(text)
    if len(text) == len(message) and len(hidden) <= LONGEST_DETAIL:
        return hidden
    # The end may be the beginning of a secret.
    return f"{hidden[: min(LONGEST_DETAIL, len(hidden) - 2 * _BLOCK)]}..."


def masked(text: str) -> str:
    """Return a text of any length without secrets."""
    text = _NAMED.sub(rf"\1\2{HIDDEN}", _without_known(text))
    return _KEY_ID.sub(rf"\1{HIDDEN}", _LOGIN.sub(rf"\1{HIDDEN}@", text))


def _without_known(text: str) -> str:
    """Replace each part of a known secret, whatever stands between its letters."""
    if not _blocks:
        return text
    letters, places = _letters(text)
    parts, shown, at = [], 0, 0
    while at <= len(letters) - _BLOCK:
        found = _blocks.get(letters[at : at + _BLOCK])
        if found is None:
            at += 1
            continue
        secret, begin = found
        first, last = at, at + _BLOCK
        before, after = begin, begin + _BLOCK
        while first and before and letters[first - 1] == secret[before - 1]:
            first, before = first - 1, before - 1
        while last < len(letters) and after < len(secret) and letters[last] == secret[after]:
            last, after = last + 1, after + 1
        parts += [text[shown : max(places[first][0], shown)], HIDDEN]
        at, shown = last, places[last - 1][1]
    return "".join([*parts, text[shown:]])


def _letters(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the letters and digits of a text, decoded, and where each begins and ends."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        escape = _ESCAPED.match(text, at)
        end = escape.end() if escape else at + 1
        for letter in _plain(_decoded(escape[0]) if escape else text[at]):
            letters.append(letter)
            places.append((at, end))
        at = end
    return "".join(letters), places


def _decoded(escape: str) -> str:
    """Return what an escape of a URL, JSON or XML stands for; nothing for a line break."""
    if escape[0] == "\\":
        digits = escape.lstrip("\\")[1:]
        return chr(int(digits, 16)) if digits else ""
    before = ""
    while escape != before:
        before, escape = escape, html.unescape(unquote(escape, "latin-1"))
    return escape


def _plain(text: str) -> str:
    """Return a text's letters and digits, without case: all that survives any way of quoting."""
    return "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())
