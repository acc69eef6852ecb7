"""Accounts that are reached by profiles of the AWS configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.accounts import READ_TIMEOUT, Account
from apigw_vtab.aws.failures import ENVIRONMENT
from apigw_vtab.aws.reach.choice import PROFILE, matching, parted, patterns_in
from apigw_vtab.aws.regions import is_pattern
from apigw_vtab.aws.secrets_in_use import note_configured
from apigw_vtab.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from botocore.session import Session

    from apigw_vtab.aws.wire.sending import Wires

_ID = re.compile(r"\d{12}", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+", re.ASCII)
KEYS_OF_THE_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")


def open_accounts(
    profiles: Sequence[str],
    endpoint_url: str | None,
    timeout: float = READ_TIMEOUT,
    most_connections: int | None = None,
) -> list[Account]:
    """Open each named profile of the AWS configuration, or boto3's own choice if none is named.

    `profiles` are names, or patterns with `*` and `?`. `timeout` is in seconds, and
    `most_connections` to a host, where it is less than usual. Raises UsageError for an unknown
    profile, a pattern that matches none, or a broken configuration.
    """
    from apigw_vtab.aws.wire.sending import Wires

    named = (*named_profiles(profiles),) or (None,)
    return open_profiles(named, endpoint_url, timeout, Wires(most_connections))


def open_profiles(
    names: Sequence[str | None], endpoint_url: str | None, timeout: float, wires: Wires
) -> list[Account]:
    """Open profiles by their names; None is boto3's own choice. Raises UsageError as above."""
    from botocore.exceptions import ConfigParseError, ProfileNotFound

    from apigw_vtab.aws.sessions import ReadingSession

    accounts, parsed = [], None
    for profile in names:
        try:
            session = ReadingSession(profile)
            # Each session would read the whole configuration again, and keep it.
            session._config = parsed
            session.get_scoped_config()
            parsed = session.full_config
        except ProfileNotFound:
            wanted = profile or os.environ.get("AWS_PROFILE") or ""
            known = _profiles_of_the_configuration()
            raise UsageError(
                f"No profile {wanted!r} in your AWS configuration."
                f"{did_you_mean(wanted, known)} "
                f"It has: {', '.join(known) or 'none; run aws configure'}."
            ) from None
        except ConfigParseError as error:
            raise UsageError(f"{error}. Fix the AWS configuration, and try again.") from None
        cli_profile = _cli_profile(session, profile)
        account = Account(
            session,
            endpoint_url=endpoint_url,
            timeout=timeout,
            cli_profile=cli_profile,
            wires=wires,
            is_of_environment=profile is None and _has_keys_of_environment(session),
        )
        if cli_profile is not None:
            account.configured_id = configured_id(account.settings)
        accounts.append(account)
    note_configured(session)
    return accounts


def configured_id(settings: Mapping[str, Any]) -> str | None:
    """Return the id of the account that a profile's settings lead to, where they leave no doubt.

    botocore takes a role before all else that a profile has, and a role of IAM Identity Center
    before keys; where a token's file is named, the role may be that of the environment:
    https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
    """
    if "web_identity_token_file" in settings:
        return None
    if "role_arn" in settings:
        role = _ROLE.fullmatch(str(settings["role_arn"]))
        return role[1] if role else None
    account = str(settings.get("sso_account_id", ""))
    return account if settings.get("sso_role_name") and _ID.fullmatch(account) else None


def named_profiles(patterns: Sequence[str]) -> list[str]:
    """Return the profiles that patterns name, each once, pattern by pattern.

    Commas part them. Raises UsageError for an empty one, and a pattern that matches none.
    """
    found: dict[str, None] = {}
    for pattern in _parted(patterns):
        if not is_pattern(pattern):
            found.setdefault(pattern)
            continue
        known = _profiles_of_the_configuration()
        found.update(dict.fromkeys(matching([pattern], known, lambda one: (one,), "profile")))
    return list(found)


def _parted(texts: Sequence[str]) -> tuple[str, ...]:
    """Return patterns one by one; a profile may have a comma in its name. Raises UsageError."""
    parts = parted(texts, PROFILE)
    # The configuration is read only where that matters.
    if not any("," in text for text in texts):
        return parts
    return patterns_in(texts, _profiles_of_the_configuration(), lambda one: (one,))


def _cli_profile(session: Session, named: str | None) -> str | None:
    """Return the profile that leads the AWS CLI to the same keys as a session, or None.

    Keys in the environment go before a profile that only AWS_PROFILE names; with --profile they
    would not: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
    """
    if named is not None:
        return named
    if any(os.environ.get(name) for name in KEYS_OF_THE_ENVIRONMENT):
        return None
    # Without it in the configuration, as on a machine that has a role, the CLI would refuse it.
    name = session.profile or "default"
    return name if name in session.available_profiles else None


def _has_keys_of_environment(session: Session) -> bool:
    """Return whether botocore takes the environment's keys before those of AWS_PROFILE.

    A token of the environment comes after a role of the profile:
    https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
    """
    keys, token = (os.environ.get(name) for name in KEYS_OF_THE_ENVIRONMENT)
    settings = session.get_scoped_config()
    has_role = "role_arn" in settings and "web_identity_token_file" not in settings
    return bool(keys or (token and not has_role))


def known_profiles(open_now: Sequence[Account]) -> list[str]:
    """Return the known profiles: those that are open and, outside the sandbox, all others."""
    names = [account.profile for account in open_now if account.profile != ENVIRONMENT]
    if any(account.is_sandbox for account in open_now):
        return names
    return list(dict.fromkeys([*names, *_profiles_of_the_configuration()]))


def _profiles_of_the_configuration() -> list[str]:
    import botocore.session

    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    return sorted(core.available_profiles)
