"""What an AWS configuration says about sending, as far as our calls go by it."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from apigw_vtab.errors import UsageError

if TYPE_CHECKING:
    from botocore.session import Session


class WireSettings(NamedTuple):
    """How the calls of an account are sent; accounts that are configured alike have equal ones.

    `sts_regional` is botocore's `sts_regional_endpoints`; `verify` a file or folder of
    certificates, or True for botocore's own. Timeouts are in seconds.
    """

    user_agent: str
    fips: bool
    dual_stack: bool
    sts_regional: str
    verify: str | bool
    keep_alive: bool
    proxies: bool
    connect_timeout: float
    read_timeout: float
    # How often a call is sent at most, where the configuration says so.
    most_attempts: int | None


def settings_of(session: Session, config: Any, *, is_sandbox: bool) -> WireSettings:
    """Return what the configuration of a session says, under a `config` of botocore's.

    Raises botocore's errors for a configuration that cannot be used, and UsageError for such an
    environment.
    """
    from botocore.endpoint import EndpointCreator

    stored = _store(session, session.get_config_variable("region"))

    def configured(name: str) -> Any:
        given = getattr(config, name, None)
        return stored.get_config_variable(name) if given is None else given

    return WireSettings(
        _user_agent(session, config),
        bool(configured("use_fips_endpoint")),
        bool(configured("use_dualstack_endpoint")),
        _sts_regional(stored),
        EndpointCreator(None)._get_verify_value(stored.get_config_variable("ca_bundle")),
        bool(configured("tcp_keepalive")),
        not is_sandbox,
        config.connect_timeout,
        config.read_timeout,
        _most_attempts(stored),
    )


def configured_endpoint(session: Session, service: str) -> str | None:
    """Return the endpoint that the AWS configuration gives a service, or None.

    Raises botocore's InvalidConfigError where a profile names a section that is not there.
    """
    stored = copy.copy(session.get_component("config_store"))
    if stored.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    session._add_configured_endpoint_provider(client_name=service, config_store=stored)
    endpoint: str | None = stored.get_config_variable("endpoint_url")
    return endpoint


def _store(core: Any, region: str | None) -> Any:
    """Return a session's settings, with the defaults that its `defaults_mode` sets."""
    stored = copy.copy(core.get_component("config_store"))
    mode = core._resolve_defaults_mode(None, stored)
    if mode != "legacy":
        factory = core._get_internal_component("smart_defaults_factory")
        factory.merge_smart_defaults(stored, mode, region)
    return stored


def _user_agent(core: Any, config: Any) -> str:
    """Return what a client of the session with this `config` calls itself."""
    creator = core.get_component("user_agent_creator")
    creator.set_session_config(
        session_user_agent_name=core.user_agent_name,
        session_user_agent_version=core.user_agent_version,
        session_user_agent_extra=core.user_agent_extra,
    )
    return str(creator.with_client_config(config).to_string())


def _sts_regional(stored: Any) -> str:
    from botocore.args import VALID_REGIONAL_ENDPOINTS_CONFIG
    from botocore.exceptions import InvalidSTSRegionalEndpointsConfigError

    found = stored.get_config_variable("sts_regional_endpoints") or "regional"
    if found not in VALID_REGIONAL_ENDPOINTS_CONFIG:
        raise InvalidSTSRegionalEndpointsConfigError(sts_regional_endpoints_config=found)
    return str(found)


def _most_attempts(stored: Any) -> int | None:
    from botocore.exceptions import InvalidMaxRetryAttemptsError

    told = "not a number"
    try:
        most = stored.get_config_variable("max_attempts")
        if most is None or most >= 1:
            return None if most is None else int(most)
        told = str(most)
    except ValueError:
        # botocore's own word for it would not say what is wrong.
        pass
    if given := os.environ.get("AWS_MAX_ATTEMPTS"):
        raise UsageError(f"AWS_MAX_ATTEMPTS is {given!r}: give a number of attempts from 1 on.")
    raise InvalidMaxRetryAttemptsError(provided_max_attempts=told, min_value=1)
