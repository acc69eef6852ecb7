"""Whether other processes make the calls, and which: what the options say, checked."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apigw_vtab.errors import UsageError

# A worker costs about 100 MB; more of them than cores share the same time.
MOST_WORKERS = 256
# Beside the workers, this process makes a few calls itself, for its lists of accounts.
OWN_CONNECTIONS = 16
_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]@]+):[0-9]{1,5}")


@dataclass(frozen=True)
class ClusterChoice:
    """How many workers are started here, or the address of a Dask scheduler that has some."""

    workers: int | None = None
    address: str | None = None

    @property
    def is_asked(self) -> bool:
        """Whether any other process is to make calls."""
        return self.workers is not None or self.address is not None

    @property
    def own_connections(self) -> int | None:
        """The most connections to a host that this process opens; None for as many as usual."""
        return OWN_CONNECTIONS if self.is_asked else None

    def check(self, *, sandbox: bool = False, writes_by_profile: bool = False) -> None:
        """Raise UsageError for what cannot be done.

        `writes_by_profile`: accounts of the profiles themselves may be changed.
        """
        for wrong, message in self._faults(sandbox, writes_by_profile):
            if wrong:
                raise UsageError(message)

    def _faults(self, sandbox: bool, writes_by_profile: bool) -> Iterator[tuple[bool, str]]:
        workers, address = self.workers, self.address
        yield (
            workers is not None and address is not None,
            "Choose one of --workers, which starts processes on this machine, and --cluster, "
            "which uses a Dask cluster that is running.",
        )
        yield (
            workers is not None and not 1 <= workers <= MOST_WORKERS,
            f"The number of workers must be from 1 to {MOST_WORKERS}, not {workers}.",
        )
        yield (
            address is not None and not _ADDRESS.fullmatch(address),
            f"{address!r} is not the address of a Dask scheduler: "
            "give it as tcp://HOST:PORT or tls://HOST:PORT.",
        )
        yield (
            address is not None and sandbox,
            "The sandbox is in this process, and no other machine can reach it: "
            "use --workers instead of --cluster.",
        )
        yield (
            address is not None and writes_by_profile,
            "A cluster has profiles of its own, which may be other accounts, and writes rest on "
            "what was read: use --workers, or accounts that are reached by a role.",
        )
        yield (
            self.is_asked and not _is_installed("distributed"),
            "Workers need Dask: pip install 'apigw-vtab[cluster]'",
        )
        yield (
            workers is not None and not _is_installed("cryptography"),
            "Workers need cryptography: pip install 'apigw-vtab[cluster]'",
        )


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
