"""A session that gets ready for clients only when one is made."""

from __future__ import annotations

import copy

import botocore.session
import pytest

from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.sessions import ReadingSession

REGION = "us-east-1"


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each time that botocore's handlers are registered."""
    found: list[object] = []
    register = botocore.session.Session._register_builtin_handlers

    def note(session: botocore.session.Session, events: object) -> None:
        found.append(events)
        register(session, events)

    monkeypatch.setattr(botocore.session.Session, "_register_builtin_handlers", note)
    return found


def test_a_session_has_no_handlers_until_a_client_is_made(registered: list[object]) -> None:
    session = ReadingSession(None)
    assert session.get_credentials() is not None
    assert registered == []
    session.create_client("sts", REGION)
    assert registered == [session._events]


def test_they_are_registered_once_for_a_session_and_its_copies(registered: list[object]) -> None:
    session = ReadingSession(None)
    for one in (copy.copy(session), session, copy.copy(session)):
        one.create_client("sts", REGION)
    assert len(registered) == 1


def test_what_writes_has_them(registered: list[object]) -> None:
    (account,) = open_accounts(["first"], None)
    assert registered == []
    account.client("apigateway", REGION)
    assert len(registered) == 1
    account.close()
