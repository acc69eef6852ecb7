"""No link in a text from elsewhere works; what is expected was shown inert by cmark-gfm."""

from __future__ import annotations

import pytest

from apigw_vtab.output.links import markdown_text, sarif_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://evil.example/x", r"https\://evil.example/x"),
        ("HTTP://evil.example", r"HTTP\://evil.example"),
        ("www.evil.example", r"www\.evil.example"),
        ("http://www.evil.example", r"http\://www\.evil.example"),
        ("http&colon;//evil.example", r"http\&colon;\//evil.example"),
        ("<http://evil.example>", r"\<http\://evil.example\>"),
        ("[x](http://evil.example)", r"\[x\](http\://evil.example)"),
        ("[x]: http://evil.example", r"\[x\]: http\://evil.example"),
        ("a@evil.example", "`a@evil.example`"),
        ("mailto:a@evil.example", "`mailto:a@evil.example`"),
        ("xmpp:a@evil.example/x", "`xmpp:a@evil.example`/x"),
        ("`a@evil.example`", r"\``a@evil.example`\`"),
        ("thanks @org/team", "thanks `@org`/team"),
    ],
)
def test_no_link_in_markdown_works(text: str, expected: str) -> None:
    assert markdown_text(text) == expected


@pytest.mark.parametrize("text", ["orders-api", "12:30", "a/b", "arn:aws:x::/restapis/y", "w.w"])
def test_what_is_no_link_stays_as_it_is(text: str) -> None:
    assert markdown_text(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x](http://evil.example)", r"\[x\](http://evil.example)"),
        ("[x](1)", r"\[x\](1)"),
        (r"\[x](1)", r"\\\[x\](1)"),
        (r"[x\](1)](2)", r"\[x\\\](1)\](2)"),
        ("aws --patch '[{\"op\": 1}]' [a] b", "aws --patch '[{\"op\": 1}]' [a] b"),
    ],
)
def test_no_link_in_a_message_of_sarif_works(text: str, expected: str) -> None:
    assert sarif_text(text) == expected
