"""Which stage variables hold secrets: how many are missed, how many alarms are false."""

from __future__ import annotations

import re
import time

import pytest

from apigw_vtab.analysis.secrets import secret_in
from apigw_vtab.analysis.secrets_names import Says, hint, split_name
from tests.analysis.secrets_labelled import Labelled, fixed, others

MOST_MISSED, MOST_FALSE = 0.02, 0.05
# AWS's own patterns, from the model of CreateStage.
AWS_NAME, AWS_VALUE = re.compile(r"[A-Za-z0-9_]+"), re.compile(r"[A-Za-z0-9\-._~:/?#&=,]{1,512}")


def secrets_in(variables: dict[str, object]) -> dict[str, str]:
    """Return the names of the variables that hold secrets, each with the kind of secret."""
    kinds = {name: secret_in(name, value) for name, value in variables.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def rates(variables: list[Labelled]) -> tuple[float, float]:
    """Print and return the share of secrets that are missed, and of harmless ones in alarm."""
    missed = [one for one in variables if one.secret and secret_in(one.name, one.value) is None]
    false = [one for one in variables if not one.secret and secret_in(one.name, one.value)]
    secrets = sum(one.secret for one in variables)
    harmless = len(variables) - secrets
    print(f"missed {len(missed)} of {secrets}: {[(one.name, one.why) for one in missed[:20]]}")
    print(f"false {len(false)} of {harmless}: {[(one.name, one.value) for one in false[:20]]}")
    return len(missed) / secrets, len(false) / harmless


def test_the_list_is_long_and_what_aws_accepts() -> None:
    listed = fixed()
    assert sum(one.secret for one in listed) >= 150
    assert sum(not one.secret for one in listed) >= 150
    assert len({(one.name, one.value) for one in listed}) == len(listed)
    for one in [*listed, *others(1, 500)]:
        assert AWS_NAME.fullmatch(one.name), one
        assert AWS_VALUE.fullmatch(one.value), one


def test_rates_on_the_list() -> None:
    missed, false = rates(fixed())
    assert missed <= MOST_MISSED
    assert false <= MOST_FALSE


@pytest.mark.parametrize("seed", [15, 2026, 99991])
def test_rates_on_others(seed: int) -> None:
    made = others(seed, 500)
    assert not {one.name for one in made} & {one.name for one in fixed()}
    missed, false = rates(made)
    assert missed <= MOST_MISSED
    assert false <= MOST_FALSE


HELD: dict[str, dict[str, object]] = {
    "an AWS secret key": {"backend": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"},
    "a token": {
        "hdr": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVm"
    },
    "passwords": {"DB_PWD": "hunter2", "dbPass": "hunter2", "auth": "Basic=dXNlcjpwYXNzd29yZA=="},
}
HOLD_NONE: dict[str, dict[str, object]] = {
    "an ARN": {"dbSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"},
    "a URL": {"tokenUrl": "https://auth.example.com/oauth2/token"},
    "a function": {"lambdaFunctionName": "OrdersServiceProdLambdaFunctionV12"},
    "a UUID": {"tenant": "550e8400e29b41d4a716446655440000"},
    "no variables": {},
}


@pytest.mark.parametrize("variables", HELD.values(), ids=HELD)
def test_each_variable_with_a_secret_is_named(variables: dict[str, object]) -> None:
    assert secrets_in({**variables, "alias": "prod"}).keys() == variables.keys()


@pytest.mark.parametrize("variables", HOLD_NONE.values(), ids=HOLD_NONE)
def test_none_is_named_for_its_name_alone(variables: dict[str, object]) -> None:
    assert secrets_in(variables) == {}


def test_the_kind_is_in_words_and_never_has_the_value() -> None:
    for one in [*fixed(), *others(3, 500)]:
        kind = secret_in(one.name, one.value)
        if kind is not None:
            assert one.value not in kind
            pieces = re.findall(r"[A-Za-z0-9]{6,}", one.value)
            assert not [piece for piece in pieces if re.search(r"\d", piece) and piece in kind]


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("backend", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "an AWS secret access key"),
        ("hdr", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0." + "x" * 43, "a JSON Web Token"),
        ("db", "host=h,password=hunter2", "a password by its name, inside the value"),
        ("auth", "Basic=dXNlcjpwYXNzd29yZA==", "a user name and a password in Base64"),
        ("DB_PWD", "hunter2", "a password by its name"),
        ("conf", "eyJkYlBhc3N3b3JkIjoiaHVudGVyMiJ9", "a password by its name, in JSON in Base64"),
        ("u", "https://user:hunter2" + "@example.com/", "a password in a URL"),
    ],
)
def test_kinds(name: str, value: str, kind: str) -> None:
    assert secret_in(name, value) == kind


@pytest.mark.parametrize("value", [None, 7, 1.5, True, b"hunter2", ["hunter2"], {"a": "hunter2"}])
def test_what_is_no_text_holds_no_secret(value: object) -> None:
    assert secret_in("password", value) is None


@pytest.mark.parametrize(
    "value", ["", " ", "\0", "\ud800", "\u043f\u0430", "\uff48\uff55\uff4e", "\xb2\xb3", "\u202e"]
)
@pytest.mark.parametrize("name", ["", "_", "9", "\u043f\u0430Db", "a" * 5000, "\ud800", "env"])
def test_odd_names_and_values(name: str, value: str) -> None:
    assert secret_in(name, value) is None


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "A",
            "0",
            "=",
            "/",
            ".",
            "-",
            "_",
            ":",
            "?",
            "&",
            ",",
            "~",
            " ",
            "aA0",
            "a.",
            "a-",
            "a/",
        ),
        *(
            "eyJ",
            "eyJabcdef.",
            "sk-",
            "hook/",
            "https://",
            "://a:",
            "a=b&",
            "password:1,",
            "0a-",
            "a:",
        ),
        *(
            "arn:",
            "MII",
            "-----BEGIN",
            "maker.ifttt.com/",
            "atlasv1.",
            "0123456789abcdef",
            "xoxb-",
            "a1/",
        ),
        *(
            "Aa",
            "your",
            "x-",
            "1.",
            "12:",
            "key",
            "secret",
            "token_",
            '{"a":"b",',
            "dQ~",
            "pat",
            "1//0",
        ),
    ],
)
@pytest.mark.parametrize("name", ["neutral", "password", "apiKey", "auth"])
def test_hostile_values_take_no_time(name: str, piece: str) -> None:
    value = (piece * 100_000)[:100_000]
    for text in (value, value[:-1] + "!", "https://" + value, "basic:" + value):
        begun = time.thread_time()
        secret_in(name, text)
        # It takes milliseconds; what goes back and forth would take minutes.
        assert time.thread_time() - begun < 2


def test_hostile_names_take_no_time() -> None:
    for piece in ("a", "A", "aA", "key", "secret", "pass", "db", "dbp", "_", "1", "apike"):
        begun = time.thread_time()
        secret_in((piece * 100_000)[:100_000], "hunter2")
        assert time.thread_time() - begun < 2, piece


def test_words_of_names() -> None:
    for name in ("dbPassword", "DB_PASSWORD", "dbpassword", "DbPassword", "db_password_2"):
        assert split_name(name)[:2] == ["db", "password"]
    assert split_name("xAPIKey") == ["x", "api", "key"]
    assert split_name("stripeapikeys")[-2:] == ["api", "keys"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *((name, Says.SECRET) for name in ("apiKeyProd", "tokenForOrders", "PASSWORD_V2", "dbpwd")),
        *((name, Says.SECRET) for name in ("clientsecret", "secret_key", "JWT_SECRET", "rootPw")),
        *(
            (name, Says.PERHAPS)
            for name in ("stripeKey", "basicAuth", "passwordSalt", "tokenOrders")
        ),
        *((name, Says.NOTHING) for name in ("tokenUrl", "passwordPolicy", "apiKeyHeaderName")),
        *(
            (name, Says.NOTHING)
            for name in ("tokenizer", "secretary", "compass", "monkey", "bypass")
        ),
        *((name, Says.IDENTIFIER) for name in ("secretArn", "apiKeyId", "publicKey", "gitCommit")),
    ],
)
def test_what_names_say(name: str, says: Says) -> None:
    assert hint(name).says is says
