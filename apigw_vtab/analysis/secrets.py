"""Which stage variables hold secrets, by the forms of their values and by their names. Pure.

A value is read here and goes nowhere: what is returned never has a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apigw_vtab.analysis.secrets_names import CREDENTIALS, PASSWORD, Says, hint
from apigw_vtab.analysis.secrets_plain import is_host, is_label, is_plain, is_reference, is_url
from apigw_vtab.analysis.secrets_shapes import (
    is_hex,
    is_made_by_chance,
    is_public,
    is_uuid,
    known_form,
    long_random,
    text_in_base64,
)

# AWS takes at most 512 characters; what is longer came from elsewhere, and is read this far.
_READ = 4096
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")
_LOGIN_IN_URL = re.compile(r"://[^/?#\s:@]{0,256}:[^/?#\s@]{1,256}@")
_WEBHOOK = re.compile(r"https?://[^?#]{0,512}?hook[^?#]*/([\w-]{16,})/?(?:[?#]|$)", re.IGNORECASE)
# A colon and a number is a port.
_USER_AND_PASSWORD = re.compile(r"[\w.~-]{1,64}:(?!\d{1,5}$)[^\s:/]{3,}")
_SCHEME = re.compile(r"(?:basic|bearer|token|apikey)[=:_~.-]+(.{8,})", re.IGNORECASE)
_JSON_TEXT = re.compile(r'"([\w.-]{1,64})"\s*:\s*"([^"]{1,512})"')
# Parameters that hold a secret although their names do not say so.
_IN_QUERY = frozenset({"code", "appid", "app_id", "key", "k", "sig", "subscription-key"})


def secret_in(name: str, value: object) -> str | None:
    """Return the kind of secret that a variable holds, in words, or None.

    The words never have a part of the value. What is no text holds no secret.
    """
    if not isinstance(value, str):
        return None
    text = value[:_READ].strip()
    return known_form(text) or _in_base64(text) or _in_text(name, text)


def _in_text(name: str, text: str) -> str | None:
    """Look at what the value has by name, then at the value by its own name, then for chance."""
    if is_reference(text):
        return None
    if _LOGIN_IN_URL.search(text):
        return "a password in a URL"
    parts = list(_parts(text))
    inside = next(filter(None, (_by_name(key, inner) for key, inner in parts)), None)
    if inside is not None:
        return f"{inside}, inside the value"
    if is_url(text):
        return _in_url(text, parts)
    said = _by_scheme(text) or _by_name(name, text)
    if said is not None or hint(name).says is Says.IDENTIFIER:
        return said
    return next(filter(None, (_random(key, inner) for key, inner in [*parts, (name, text)])), None)


def _in_base64(text: str) -> str | None:
    """Look into Base64 of readable text: a user and a password, a private key, JSON."""
    scheme = _SCHEME.fullmatch(text)
    for candidate in (text, scheme[1] if scheme else "", text.partition("=")[2]):
        held = text_in_base64(candidate)
        if held is None:
            continue
        if _USER_AND_PASSWORD.fullmatch(held):
            return "a user name and a password in Base64"
        if kind := known_form(held):
            return f"{kind} in Base64"
        for key, inner in _JSON_TEXT.findall(held):
            if kind := _by_name(key, inner):
                return f"{kind}, in JSON in Base64"
    return None


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a query or a list of settings holds: `a=1&b=2`, `a=1,b=2`, `password:x1`."""
    for piece in re.split(r"[?&#,;]", text):
        key, sign, inner = piece.partition("=")
        if not sign:
            key, _, inner = piece.partition(":")
            # `token:read` is a permission, and `password:hunter2` is none.
            if hint(key).says is not Says.SECRET or not any(map(str.isdigit, inner)):
                continue
        if inner.strip("=") and _NAME.fullmatch(key):
            yield key, inner


def _in_url(text: str, parts: list[tuple[str, str]]) -> str | None:
    """Look for a key in a URL's query, and at the end of a webhook's path."""
    for key, inner in parts:
        if key.lower() in _IN_QUERY and is_made_by_chance(inner, 16):
            return "a key in a URL's query"
        if kind := _random(key, inner):
            return f"{kind} in a URL's query"
    webhook = _WEBHOOK.match(text)
    if webhook and is_made_by_chance(webhook[1], 16):
        is_id = is_uuid(webhook[1]) and "-" in webhook[1]
        return None if is_id else "a key in a webhook's URL"
    return None


def _by_scheme(text: str) -> str | None:
    """Look for `Basic` or `Bearer` and something random."""
    found = _SCHEME.fullmatch(text)
    return "an authorization header" if found and is_made_by_chance(found[1], 16) else None


def _by_name(name: str, text: str) -> str | None:
    """Return what the name says that the text is, unless the text is plainly something else."""
    said = hint(name)
    if said.says not in (Says.SECRET, Says.PERHAPS) or is_public(text):
        return None
    if is_plain(text, is_password=said.kind == PASSWORD):
        return None
    if said.kind == CREDENTIALS and _USER_AND_PASSWORD.fullmatch(text):
        # `orders-auth:prod` is a function's alias.
        return None if is_plain(text.rpartition(":")[2], is_password=False) else said.kind
    if said.says is Says.SECRET:
        return None if said.may_be_label and is_label(text) else said.kind
    has_digits = any(map(str.isdigit, text))
    if said.kind == PASSWORD and has_digits and any(map(str.isalpha, text)):
        return said.kind
    return said.kind if is_uuid(text) or is_made_by_chance(text, 12 if has_digits else 20) else None


def _random(name: str, text: str) -> str | None:
    """Return what a long random text may be, if neither its name nor its form says what it is."""
    if hint(name).says is Says.IDENTIFIER or is_public(text) or is_host(text):
        return None
    if not is_hex(text) and text_in_base64(text) is not None:
        return None
    return long_random(text)
