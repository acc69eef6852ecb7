"""Ids and moments of a declared estate: the same for the same day, whatever else it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from apigw_vtab.sandbox.documents.kinds import KINDS
from apigw_vtab.sandbox.documents.store import Item
from apigw_vtab.sandbox.gateway import GatewayBackend
from apigw_vtab.sandbox.wire import (
    ID_CHARACTERS,
    REST_API_ID_LENGTH,
    SHORT_ID_LENGTH,
    iso_date,
    present,
)

ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
    '"requestTime":"$context.requestTime","httpMethod":"$context.httpMethod",'
    '"resourcePath":"$context.resourcePath","status":"$context.status"}'
)


def fixed_id(length: int, *path: str) -> str:
    """Return the identifier of the thing at this path, whatever else is in the estate."""
    generator = Random("/".join(path))
    return "".join(generator.choices(ID_CHARACTERS, k=length))


def moment(today: date, days_ago: int, *path: str) -> datetime:
    """Return a moment so many days ago, at a fixed time of day for the thing at this path."""
    seconds = Random("/".join(path)).randrange(24 * 60 * 60)
    midnight = datetime.combine(today - timedelta(days=days_ago), time(), timezone.utc)
    return midnight + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Ground:
    """The account and region that an estate is put into, and the day that it is put there."""

    backend: GatewayBackend
    today: date

    @cached_property
    def where(self) -> tuple[str, str]:
        """The account's id and the region."""
        return self.backend.account_id, self.backend.region_name

    def id(self, *path: str, length: int = SHORT_ID_LENGTH) -> str:
        """Return the id of the thing at this path of the account and region."""
        return fixed_id(length, *self.where, *path)

    def rest_api(self, name: str) -> str:
        """Return the id of a REST API, declared or not."""
        return self.id("restapis", name, length=REST_API_ID_LENGTH)

    def web_api(self, name: str) -> str:
        """Return the id of an HTTP or WebSocket API, declared or not."""
        return self.id("apis", name, length=REST_API_ID_LENGTH)

    def certificate(self, label: str) -> str:
        """Return the id of the client certificate with this label, whether declared or gone."""
        return self.id("clientcertificates", label)

    def at(self, days_ago: int, *path: str) -> int:
        """Return a moment so many days ago, in epoch seconds."""
        return int(moment(self.today, days_ago, *self.where, *path).timestamp())

    def iso(self, days_ago: int, *path: str) -> str:
        """Return a moment so many days ago, as version 2 has it."""
        return iso_date(self.at(days_ago, *path))

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of another service in this account and region."""
        account_id, region = self.where
        return f"arn:aws:{service}:{region}:{account_id}:{resource}"

    def role(self, name: str) -> str:
        """Return the ARN of a role in this account."""
        return f"arn:aws:iam::{self.where[0]}:role/{name}"

    def function(self, name: str) -> str:
        """Return the URI under which API Gateway calls a Lambda function."""
        prefix = f"arn:aws:apigateway:{self.where[1]}:lambda:path/2015-03-31/functions"
        return f"{prefix}/{self.arn('lambda', f'function:{name}')}/invocations"

    def access_log(self, stage: str) -> dict[str, str]:
        """Return the settings of a stage's access log, which goes to a group of its own."""
        return {
            "destinationArn": self.arn("logs", f"log-group:/aws/apigateway/{stage}"),
            "format": ACCESS_LOG_FORMAT,
        }

    def uuid(self, *path: str) -> UUID:
        """Return the UUID of the thing at this path."""
        return UUID(int=Random("/".join((*self.where, *path))).getrandbits(128), version=4)

    def add(self, template: str, parents: tuple[str, ...], item: dict[str, Any]) -> Item:
        """Add a document with what AWS adds to each, and without what is not set."""
        given = KINDS[template].given
        item = present({**given, **item}, but=tuple(given))
        return self.backend.documents.add(template, parents, item)
