"""SQL functions over what AWS's documents and names mean, and the views over the tables."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import apsw

from apigw_vtab.tables.values import SqlValue
from apigw_vtab.tables.views import shipped_views

if TYPE_CHECKING:
    from apigw_vtab.analysis.policy import Judgement


# The second form stands for the id of what is planned, and not made yet.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*|\$[a-z]+_[0-9]+")
# What an answer means to a control that wants it to be no.
_STATUS = {"yes": "alarm", "no": "ok", "nobody": "ok", "undecided": "info", "unknown": "error"}
# Variables that are looked at once: stages often have the same ones.
MOST_VARIABLES = 1024


def add_functions(connection: apsw.Connection) -> None:
    """Let SQL on a connection call the functions of this file."""
    functions: dict[str, tuple[Callable[..., SqlValue], int]] = {
        "endpoint_type": (endpoint_type, 1),
        "execute_api_arn": (execute_api_arn, 2),
        "is_id": (is_id, 1),
        "is_one_of": (is_one_of, 2),
        "is_time": (is_time, 1),
        "logs_request_id": (logs_request_id, 1),
        "missing_tags": (missing_tags, 2),
        "own_tags": (own_tags, 1),
        "policy_anyone": (policy_anyone, 2),
        "policy_other_accounts": (policy_other_accounts, 4),
        "policy_other_addresses": (policy_other_addresses, 3),
        "secret_kind": (secret_kind, 2),
        "words_of": (words_of, 1),
        "oldest_tls": (oldest_tls, 1),
        "tls_refused": (tls_refused, 2),
        "with_tags": (with_tags, 2),
    }
    for name, (function, count) in functions.items():
        connection.create_scalar_function(name, function, count, deterministic=True)


def add_views(connection: apsw.Connection) -> None:
    """Add the views over the tables to the `temp` schema of a connection that has the tables.

    SQLite does not look at their tables before a statement names them.
    """
    for view in shipped_views():
        connection.execute(f"create temp view {view.name} as {view.sql}")


def endpoint_type(endpoint_configuration: SqlValue) -> SqlValue:
    """Return EDGE, REGIONAL or PRIVATE, of an API or a domain name; NULL if AWS does not say.

    Where AWS names another type, or several, all that it names as JSON.
    https://docs.aws.amazon.com/apigateway/latest/api/API_EndpointConfiguration.html
    """
    types = _object(endpoint_configuration).get("types")
    if types in (["EDGE"], ["REGIONAL"], ["PRIVATE"]):
        return str(types[0])
    return None if types is None else json.dumps(types, ensure_ascii=False)


def is_id(value: SqlValue) -> int:
    """Return whether a value can be AWS's id: a text of letters, digits, hyphens, underscores."""
    return int(isinstance(value, str) and bool(_ID.fullmatch(value)))


def is_one_of(value: SqlValue, words: SqlValue) -> int:
    """Return whether a text is one of the words of another, which has commas between them."""
    return int(isinstance(value, str) and value in _words(words))


def is_time(value: SqlValue) -> int:
    """Return whether a value is a time as the tables have it: YYYY-MM-DD HH:MM:SS, in UTC."""
    try:
        return int(datetime.fromisoformat(str(value)).isoformat(" ") == value)
    except ValueError:
        return 0


def logs_request_id(format: SqlValue) -> int:
    """Return whether the format of an access log has a request's id in it, which AWS demands.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    return int(any(f"$context.{one}" in str(format) for one in ("requestId", "extendedRequestId")))


def own_tags(tags: SqlValue) -> SqlValue:
    """Return the keys of a resource's tags, with commas between them; NULL for none.

    Those that AWS sets, aws:*, do not count: nobody can choose them.
    https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
    """
    return ", ".join(_tag_keys(tags)) or None


def missing_tags(tags: SqlValue, keys: SqlValue) -> SqlValue:
    """Return which keys, of a text with commas between them, a resource's tags lack; NULL for none.

    Case matters, and the value may be empty: AWS allows that, and AWS Config looks at keys alone.
    https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html
    """
    have = _tag_keys(tags)
    return ", ".join(key for key in _words(keys) if key not in have) or None


def _tag_keys(tags: SqlValue) -> list[str]:
    return [
        key
        for key, value in _object(tags).items()
        if isinstance(value, str) and not key.lower().startswith("aws:")
    ]


def _object(text: SqlValue) -> dict[str, Any]:
    """Return what a text in JSON holds; nothing where it is not an object."""
    try:
        found = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def execute_api_arn(arn: SqlValue, account_id: SqlValue) -> SqlValue:
    """Return a REST API's ARN as resource policies have it; NULL if an argument is.

    arn:aws:apigateway:REGION::/restapis/ID becomes arn:aws:execute-api:REGION:ACCOUNT:ID:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    """
    if arn is None or account_id is None:
        return None
    account = str(account_id)
    return str(arn).replace("apigateway", "execute-api").replace("::/restapis/", f":{account}:")


def policy_anyone(policy: SqlValue, api: SqlValue) -> SqlValue:
    """Return whether a resource policy lets in anyone at all, as JSON; NULL for no policy.

    It has an `answer` (yes, no, nobody, undecided or unknown), the `status` that a control gives
    it, and `why`. `api` is the API's execute_api_arn, or NULL.
    """
    from apigw_vtab.analysis.policy import anyone_gets_in

    return None if policy is None else _as_json(anyone_gets_in(str(policy), api=str(api or "")))


def policy_other_accounts(
    policy: SqlValue, account_id: SqlValue, organizations: SqlValue, api: SqlValue
) -> SqlValue:
    """Return whether a resource policy lets in another account, as JSON with `accounts`, too.

    `organizations` are ids of the user's own, with commas between them.
    """
    from apigw_vtab.analysis.policy import other_accounts_get_in

    if policy is None:
        return None
    account, ours = str(account_id or ""), _words(organizations)
    return _as_json(other_accounts_get_in(str(policy), account, ours, api=str(api or "")))


def policy_other_addresses(policy: SqlValue, addresses: SqlValue, api: SqlValue) -> SqlValue:
    """Return whether a resource policy lets in a request from any other address, as JSON.

    `addresses` are IP addresses and ranges, such as 203.0.113.0/24, with commas between them.
    """
    from apigw_vtab.analysis.policy import other_addresses_get_in

    if policy is None:
        return None
    return _as_json(other_addresses_get_in(str(policy), _words(addresses), api=str(api or "")))


@functools.lru_cache(MOST_VARIABLES, typed=True)
def secret_kind(name: SqlValue, value: SqlValue) -> SqlValue:
    """Return what kind of secret a variable holds, by its name and value; NULL for none."""
    from apigw_vtab.analysis.secrets import secret_in

    return secret_in(str(name or ""), value)


def words_of(text: SqlValue) -> SqlValue:
    """Return the words of a text with commas between them as a JSON array, for json_each()."""
    return json.dumps(_words(text), ensure_ascii=False)


def _words(text: SqlValue) -> list[str]:
    return [one.strip() for one in str(text or "").split(",") if one.strip()]


def oldest_tls(security_policy: SqlValue) -> SqlValue:
    """Return the oldest TLS version that a security policy accepts, such as 1.2.

    NULL for a policy that is not known here.
    """
    from apigw_vtab.analysis.tls import OLDEST

    return OLDEST.get(str(security_policy))


def tls_refused(security_policy: SqlValue, endpoint_configuration: SqlValue) -> SqlValue:
    """Return why AWS refuses a security policy for such an endpoint; NULL where it does not.

    NULL also where the endpoint's types are not known.
    """
    from apigw_vtab.analysis.tls import refused_for

    types = _object(endpoint_configuration).get("types")
    types = [str(one) for one in types] if isinstance(types, list) else []
    return refused_for(str(security_policy or ""), types) or None


def with_tags(tags: SqlValue, more: SqlValue) -> SqlValue:
    """Return a resource's tags, as JSON, with those of `team=orders,env=prod` that it lacks."""
    found = _object(tags)
    for one in _words(more):
        name, _, value = (part.strip() for part in one.partition("="))
        found.setdefault(name, value)
    return json.dumps(found, ensure_ascii=False)


def _as_json(judgement: Judgement) -> str:
    return json.dumps(
        {
            "answer": judgement.answer,
            "status": _STATUS[judgement.answer],
            "why": judgement.why,
            "accounts": list(judgement.accounts),
        },
        ensure_ascii=False,
    )
