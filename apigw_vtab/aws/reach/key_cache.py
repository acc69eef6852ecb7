"""Session keys on disk, where and as the AWS CLI keeps them, so that either finds the other's.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html#cli-configure-role-cache
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.call import Call

if TYPE_CHECKING:
    from botocore.credentials import Credentials

# What a header can hold.
_WORD = re.compile(r"[!-~]+")
KEPT = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


def cache_folder() -> str:
    """Return the AWS CLI's folder of session keys."""
    return os.path.expanduser(os.path.join("~", ".aws", "cli", "cache"))


class KeyCache:
    """botocore's cache of session keys in files that only their owner can read.

    A folder that cannot be written costs nothing but the keys' being asked for again; `warn` is
    told once.
    """

    def __init__(self, folder: str, warn: Callable[[str], None]) -> None:
        from botocore.utils import JSONFileCache

        self._folder = folder
        self._files = JSONFileCache(folder)
        self._warn = warn

    def __contains__(self, key: str) -> bool:
        try:
            _check(self._files[key])
        except (KeyError, TypeError, ValueError, RecursionError):
            return False
        return True

    def __getitem__(self, key: str) -> Any:
        return self._files[key]

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            if not os.path.isdir(self._folder):
                os.makedirs(self._folder, 0o700, exist_ok=True)
            self._files[key] = value
        except OSError as error:
            self._warn(
                f"Cannot keep session keys in {self._folder} ({error.strerror}): the next run will "
                "ask for them again. --no-credential-cache does without."
            )
            return
        # An older botocore leaves it to the umask of the process.
        with contextlib.suppress(OSError):
            os.chmod(os.path.join(self._folder, f"{key}.json"), 0o600)

    def __delitem__(self, key: str) -> None:
        with contextlib.suppress(OSError):
            os.remove(os.path.join(self._folder, f"{key}.json"))


class FetchedKeys:
    """Keys that one of botocore's fetchers asks for, keeps and renews.

    `cache` is where they are kept, which may be a file, and `method` botocore's name for the way.
    `is_kept`: those that were fetched last came from there.
    """

    def __init__(self, cache: Any, method: str) -> None:
        self._cache, self._method = cache, method
        self.call: Call | None = None
        self.is_kept = True

    def fetch(self) -> Credentials:
        """Return the keys, from the cache or from AWS. Raises botocore's errors."""
        from botocore.credentials import RefreshableCredentials

        self.is_kept = True
        fetch = self._fetcher().fetch_credentials
        return RefreshableCredentials.create_from_metadata(fetch(), fetch, self._method)

    def forget(self, access_key: str) -> None:
        """Keep the keys with this access key no longer; others may have come meanwhile."""
        key = self._fetcher()._cache_key
        if key in self._cache and self._cache[key]["Credentials"]["AccessKeyId"] == access_key:
            del self._cache[key]

    def _fetcher(self) -> Any:
        raise NotImplementedError


def _check(kept: Any) -> None:
    """Raise KeyError, TypeError or ValueError for what is not a set of session keys."""
    keys = kept["Credentials"]
    if not all(isinstance(keys[name], str) and _WORD.fullmatch(keys[name]) for name in KEPT):
        raise ValueError("not a word")
    # As botocore reads it; older Pythons do not know the letters of its zone.
    text = keys["Expiration"].replace("UTC", "+00:00").replace("Z", "+00:00")
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("no zone")
