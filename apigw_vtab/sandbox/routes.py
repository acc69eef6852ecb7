"""Which operation of API Gateway a request is, by the paths in botocore's models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from botocore.model import OperationModel, Shape
from moto.core.utils import get_service_model

VERSIONS = {1: "apigateway", 2: "apigatewayv2"}
LABEL = re.compile(r"{[\w-]+}")


@dataclass(frozen=True)
class Asked:
    """A request: its operation, its path with `{}` for each label, and the labels' values."""

    operation: OperationModel
    template: str
    labels: tuple[str, ...]

    @property
    def version(self) -> int:
        """1 or 2, as API Gateway counts its models."""
        return 2 if self.template.startswith("/v2/") else 1


def find(method: str, raw_path: str) -> Asked | None:
    """Return what a request asks for, or None for what API Gateway does not have.

    `raw_path` is as it was sent: a label can hold an escaped slash.
    """
    version = 2 if raw_path.startswith("/v2/") else 1
    words = raw_path.strip("/").split("/")
    for template, operation in _by_length(version).get((method, len(words)), ()):
        if all(known in ("{}", word) for known, word in zip(template, words, strict=True)):
            labels = [unquote(w) for known, w in zip(template, words, strict=True) if known == "{}"]
            return Asked(operation, f"/{'/'.join(template)}", tuple(labels))
    return None


def wire_members(shape: Shape | None) -> dict[str, Shape]:
    """Return the members of a structure that travel in its body, by their names there."""
    members = getattr(shape, "members", {})
    return {
        str(member.serialization.get("name", name)): member
        for name, member in members.items()
        if "location" not in member.serialization
    }


@lru_cache
def _by_length(version: int) -> Mapping[tuple[str, int], list[tuple[list[str], OperationModel]]]:
    found: dict[tuple[str, int], list[tuple[list[str], OperationModel]]] = {}
    for method, words, operation in _operations(version):
        found.setdefault((method, len(words)), []).append((words, operation))
    # A path that says more is meant before one with labels in its place.
    for candidates in found.values():
        candidates.sort(key=lambda one: one[0].count("{}"))
    return found


def _operations(version: int) -> Iterator[tuple[str, list[str], OperationModel]]:
    model = get_service_model(VERSIONS[version])
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        # What is told apart by a query alone, such as ?mode=import, is moto's.
        if not query:
            yield operation.http["method"], LABEL.sub("{}", path).strip("/").split("/"), operation
