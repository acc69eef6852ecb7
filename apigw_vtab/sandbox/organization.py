"""The shop's organization: which accounts there are, and in which units.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

TARGET = "AWSOrganizationsV20161128."
ROOT = "r-shop"
# The most that a page has.
PAGE = 20


class OrganizationUnit(NamedTuple):
    """An organizational unit, and what it is in."""

    id: str
    name: str
    parent: str


class OrganizationMember(NamedTuple):
    """An account of the organization, and the unit that it is in."""

    id: str
    name: str
    parent: str
    state: str = "ACTIVE"


class SandboxOrganization(NamedTuple):
    """An organization; its first account manages it, and alone may ask about it."""

    units: Sequence[OrganizationUnit]
    members: Sequence[OrganizationMember]

    def answer(self, operation: str, asked: Mapping[str, Any], account: str) -> Response:
        """Return the answer to an operation that an account asks."""
        if account != self.members[0].id:
            message = f"You are not authorized to perform: organizations:{operation}"
            return _refused("AccessDeniedException", message)
        parent = str(asked.get("ParentId", ""))
        if parent and parent not in {ROOT, *(unit.id for unit in self.units)}:
            message = "You specified a root or OU that doesn't exist."
            return _refused("ParentNotFoundException", message)
        lists: dict[str, tuple[str, list[dict[str, Any]]]] = {
            "ListAccounts": ("Accounts", [_account(one) for one in self.members]),
            "ListAccountsForParent": (
                "Accounts",
                [_account(one) for one in self.members if one.parent == parent],
            ),
            "ListOrganizationalUnitsForParent": (
                "OrganizationalUnits",
                [
                    {"Id": one.id, "Name": one.name, "Arn": _arn("ou", one.id)}
                    for one in self.units
                    if one.parent == parent
                ],
            ),
            "ListRoots": (
                "Roots",
                [{"Id": ROOT, "Name": "Root", "Arn": _arn("root", ROOT), "PolicyTypes": []}],
            ),
        }
        if operation not in lists:
            return _refused("UnknownOperationException", "")
        member, found = lists[operation]
        start = int(asked.get("NextToken") or 0)
        size = min(PAGE, int(asked.get("MaxResults") or PAGE))
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return _answered({member: found[start : start + size], **more})


def _account(one: OrganizationMember) -> dict[str, Any]:
    return {
        "Id": one.id,
        "Arn": _arn("account", one.id),
        "Name": one.name,
        "Email": f"{one.name}@example.com",
        "State": one.state,
        "JoinedMethod": "CREATED",
    }


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:organizations::111122223333:{kind}/o-shop000000/{name}"


def _answered(members: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(members), status, mimetype="application/x-amz-json-1.1")


def _refused(code: str, message: str) -> Response:
    return _answered({"__type": code, "message": message}, 400)
