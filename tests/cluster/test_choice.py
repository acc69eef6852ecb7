"""--workers and --cluster: what cannot be done is said before anything starts."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import apigw_vtab
from apigw_vtab import UsageError
from apigw_vtab.cluster.choice import ClusterChoice


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"workers": 2, "cluster": "tcp://localhost:8786"}, "Choose one of --workers"),
        ({"workers": 0}, "must be from 1 to 256, not 0"),
        ({"workers": -1}, "must be from 1 to 256, not -1"),
        ({"cluster": "localhost:8786"}, "give it as tcp://HOST:PORT"),
        ({"cluster": "tcp://user:secret@host:1"}, "give it as tcp://HOST:PORT"),
        ({"cluster": "tcp://localhost:8786", "sandbox": True}, "use --workers instead"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        apigw_vtab.connect(**options)


def test_a_cluster_writes_to_no_account_of_a_profile() -> None:
    with pytest.raises(UsageError, match="profiles of its own, which may be other accounts"):
        apigw_vtab.connect(cluster="tcp://localhost:8786", allow_writes=True)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'apigw-vtab\[cluster\]'"):
        apigw_vtab.connect(workers=2)


def test_nothing_asked_is_nothing_checked() -> None:
    assert not ClusterChoice().is_asked
    ClusterChoice().check(sandbox=True, writes_by_profile=True)
