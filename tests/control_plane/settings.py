"""All settings of a control plane, as data, and what a handler sees of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from .estate import ServedEstate
from .faults import Fault
from .lanes import ServedLane
from .log import ServedCall
from .quota import Quota


def setting_from_json(name: str, data: Any) -> Any:
    """The value of one setting; the inverse of what `Settings.to_json` returns for it."""
    names = [setting.name for setting in fields(Settings)]
    if name not in names:
        raise ValueError(f"no setting is called {name!r}; there are: {', '.join(names)}")
    if name == "estate":
        return ServedEstate.from_json(data)
    if name == "quota":
        return Quota(**data) if data is not None else None
    if name == "faults":
        return tuple(Fault(**fault) for fault in data)
    return data


@dataclass(frozen=True)
class Settings:
    """What a control plane does; without a quota, nothing is throttled.

    `latency` is the seconds from the last byte of a call to its answer. `seed` decides the
    faults that have a probability. AssumeRole's keys say that they expire in `session_seconds`.

    Nobody has written down what AWS does with a certificate that is to be deleted while a stage has
    it, nor how it refuses to attach one that is not there: the last two settings choose.
    """

    estate: ServedEstate
    latency: float = 0.0
    quota: Quota | None = None
    faults: Sequence[Fault] = ()
    seed: int = 0
    session_seconds: float = 3_600.0
    deletes_attached_certificates: bool = False
    unknown_certificate_is_not_found: bool = True

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        """The inverse of `to_json`."""
        return cls(**{name: setting_from_json(name, value) for name, value in data.items()})

    def to_json(self) -> dict[str, Any]:
        """The settings as plain data."""
        return {
            **vars(self),
            "estate": self.estate.to_json(),
            "quota": None if self.quota is None else asdict(self.quota),
            "faults": [asdict(fault) for fault in self.faults],
        }


@dataclass(frozen=True)
class Ask:
    """A call as a handler sees it."""

    call: ServedCall
    request_id: str
    lane: ServedLane
    page_faults: frozenset[str]
    settings: Settings

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of path, query and body."""
        return self.call.params
