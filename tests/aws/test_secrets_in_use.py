"""What AWS quotes of credentials is not shown, however it quotes it."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import pytest

from apigw_vtab.aws.secrets_in_use import LONGEST_DETAIL, note, without_secrets

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def made_up(number: int, seed: int) -> str:
    return "".join(Random(seed).choices(LETTERS, k=number)) + "=="


TOKEN, KEY = "IQoJb3JpZ2luX2VjE" + made_up(800, 1), made_up(40, 2)[:40]
NEVER_NOTED = made_up(800, 3)
note(TOKEN, KEY)


def broken(text: str, by: str) -> str:
    return by.join(textwrap.wrap(text, 64))


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "URL in lower case": lambda text: quote(text, safe="").lower(),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": lambda text: text.replace("+", " "),
    "JSON": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON with codes": lambda text: text.replace("/", "\\u002f").replace("+", "\\u002B"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text.replace("/", "\\u002f"))),
    "XML": lambda text: html.escape(text).replace("+", "&#43;").replace("/", "&#x2F;"),
    "XML in XML": lambda text: html.escape(html.escape(text).replace("=", "&#61;")),
    "bytes": lambda text: text.replace("/", "\\x2f"),
    "line breaks": lambda text: broken(text, "\n"),
    "carriage returns": lambda text: broken(text, "\r"),
    "both": lambda text: broken(text, "\r\n  "),
    "spaces": lambda text: broken(text, " "),
    "escaped line breaks": lambda text: broken(text, "\\n"),
    "line breaks in a URL": lambda text: broken(quote(text, safe=""), "%0D%0A"),
    "line breaks in XML": lambda text: broken(text, "&#13;&#xA;"),
    "folded header": lambda text: broken(text, "\n\t"),
    "quotes": lambda text: broken(text, '" + "'),
    "upper case": str.upper,
    "its first part": lambda text: text[:40],
    "its last part": lambda text: text[-60:],
}


def left(secret: str, shown: str) -> list[str]:
    """The parts of a secret, of ten characters, that are still shown."""
    shown = "".join(filter(str.isalnum, shown)).lower()
    plain = "".join(filter(str.isalnum, secret)).lower()
    return [plain[at : at + 10] for at in range(len(plain) - 9) if plain[at : at + 10] in shown]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [TOKEN, KEY], ids=["token", "key"])
@pytest.mark.parametrize(
    "message", ["The string should have been '{}'.", "x-amz-security-token:{}\n\nhost;x-amz-date"]
)
def test_a_credential_in_use_is_not_shown(way: str, secret: str, message: str) -> None:
    shown = without_secrets(message.format(WAYS[way](secret)))
    assert left(secret, shown) == []
    assert "***" in shown


@pytest.mark.parametrize("by", ["", "\n", "\r", "\r\n", "\r\n  ", "\\n", "%0A", "&#10;"])
@pytest.mark.parametrize(
    "message",
    [
        "GET\n/restapis\n\nhost:x\nx-amz-security-token:{}\n\nhost;x-amz-date\ne3b0c442",
        "GET /?X-Amz-Security-Token={}&X-Amz-Date=1",
        '{{"SessionToken": "{}", "Version": 1}}',
        "Authorization: AWS4-HMAC-SHA256 Credential=A, Signature={}",
        "aws_secret_access_key = {}\nregion = x",
    ],
)
def test_what_is_named_as_a_secret_is_not_shown(by: str, message: str) -> None:
    shown = without_secrets(message.format(broken(NEVER_NOTED, by)))
    assert left(NEVER_NOTED, shown) == []


@pytest.mark.parametrize(
    "url",
    ["http://ann:hunter2@proxy:8080/", "http://ann:hun/ter2@proxy", "http://a:hun@ter2@proxy"],
)
def test_a_login_in_a_url_is_not_shown(url: str) -> None:
    assert without_secrets(f"Cannot reach {url}").startswith("Cannot reach http://***@proxy")


@pytest.mark.parametrize(
    "message",
    [
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: apigateway:GET",
        "The security token included in the request is expired",
        'Could not connect to the endpoint URL: "https://apigateway.eu-west-1.amazonaws.com/x?y=1"',
        "The request signature we calculated does not match the signature you provided.",
        "Invalid value at 'x' (100%25 &amp; more): \\u002f",
    ],
)
def test_what_holds_no_secret_is_shown_as_it_is(message: str) -> None:
    assert without_secrets(message) == message


def test_a_message_without_end_is_cut_and_its_end_shows_no_part_of_a_secret() -> None:
    for length in range(LONGEST_DETAIL - 30, LONGEST_DETAIL + 30, 7):
        shown = without_secrets("x " * (length // 2) + TOKEN * 100)
        assert len(shown) < 3_000
        assert left(TOKEN, shown) == []


def test_of_an_access_key_the_kind_is_shown() -> None:
    shown = without_secrets("Credential=ASIAIOSFODNN7EXAMPLE/20261126/eu-west-1")
    assert shown == "Credential=ASIA***/20261126/eu-west-1"
