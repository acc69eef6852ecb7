"""Where the documents of one account and region are: by the path of their collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apigw_vtab.sandbox.wire import iso_date, now

Item = dict[str, Any]


class Store:
    """The documents as they are stored.

    `find_api` raises what AWS answers for a REST API that does not exist, `check_certificate` for a
    client certificate.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        find_api: Callable[[str], object],
        check_certificate: Callable[[str], None],
    ) -> None:
        self.account_id, self.region = account_id, region
        self.find_api, self.check_certificate = find_api, check_certificate
        self.stored: dict[str, list[Item]] = {}
        self.account: Item = {
            "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
            "features": ["UsagePlans"],
            "apiKeyVersion": "4",
        }

    @property
    def principal(self) -> str:
        """Who calls, as AWS names it in a refusal."""
        return f"arn:aws:sts::{self.account_id}:assumed-role/auditor/apigw-vtab"

    def add(self, template: str, parents: Sequence[str], item: Item) -> Item:
        """Add an item as it is, without AWS's checks."""
        path = template.replace("{}", "%s") % tuple(parents)
        self.stored.setdefault(path, []).append(item)
        return item

    def at(self, path: str) -> Sequence[Item]:
        """Return what is stored at the path of a collection."""
        return self.stored.get(path, ())

    def web_api(self, api_id: str) -> Item:
        """Return the HTTP or WebSocket API of this id, which has to exist."""
        return next(one for one in self.at("/v2/apis") if one["apiId"] == api_id)


def date(version: int) -> int | str:
    """Return this moment as a version of API Gateway sends it."""
    return iso_date(now()) if version == 2 else now()
