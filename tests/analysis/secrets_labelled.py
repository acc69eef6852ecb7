"""Stage variables with and without secrets: a fixed list, and as many others as one likes.

Both were written before the code that they measure. No value was ever anybody's.
"""

from __future__ import annotations

import base64
import csv
import json
import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL_SAFE = ALNUM + "-_"


class Labelled(NamedTuple):
    name: str
    value: str
    secret: bool
    why: str


def fixed() -> list[Labelled]:
    """Read the list. A `|` breaks a value for the scanners of those who keep this file."""
    path = Path(__file__).with_name("secrets_labelled.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Labelled(
                row["name"], row["value"].replace("|", ""), row["label"] == "secret", row["why"]
            )
            for row in csv.DictReader(file)
        ]


def others(seed: int, count: int) -> list[Labelled]:
    """Make `count` secrets and as many harmless values, with names that the list has not."""
    dice = random.Random(seed)
    made = []
    for secret, makers in ((True, SECRETS), (False, HARMLESS)):
        for number in range(count):
            make = makers[number % len(makers)]
            made.append(Labelled(*make(dice), secret, f"maker {number % len(makers)}"))
    return made


def _some(dice: random.Random, alphabet: str, length: int) -> str:
    return "".join(dice.choices(alphabet, k=length))


def _base64(dice: random.Random, count: int) -> str:
    """Encode random bytes, without `+`, which AWS refuses."""
    return base64.b64encode(dice.randbytes(count)).decode().replace("+", "k")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode().replace("+", "k")


def _uuid(dice: random.Random) -> str:
    return "-".join(_some(dice, HEX, length) for length in (8, 4, 4, 4, 12))


def _claims(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _styled(dice: random.Random, *words: str) -> str:
    """Join words as one of the ways in which people write names."""
    capitals = "".join(map(str.capitalize, words))
    joined = "_".join(words)
    return dice.choice((words[0] + capitals[len(words[0]) :], capitals, joined, joined.upper()))


_SYSTEMS = "crm erp billing ledger sap hubspot partner kafka zendesk warehouse fraud legacy"
_NEUTRAL = "opt1 misc feed bridge engine relay attrs meta gateway lookup origin target svc"
SYSTEMS, NEUTRAL = _SYSTEMS.split(), _NEUTRAL.split()
STAGES = ("dev", "qa", "uat", "preprod", "prod", "blue")
PASSWORDS = [
    "sunshine", "iloveyou2", "Monkey.123", "dragon_77", "Fr3dag-morgen", "blue-horse-lamp-9",
    "Welcome1", "pa55word", "trustno1", "Autumn~2026", "s.t.a.r.s", "0987654321",
]  # fmt: skip
PASSWORD_WORDS = [
    ("password",), ("pwd",), ("pass",), ("db", "passwd"), ("smtp", "pass"), ("user", "password"),
    ("admin", "pwd"), ("passphrase",), ("sa", "password"), ("db", "pw"), ("login", "password"),
]  # fmt: skip
KEY_WORDS = [
    ("api", "key"), ("apikey",), ("client", "secret"), ("secret",), ("auth", "token"), ("token",),
    ("access", "token"), ("signing", "secret"), ("encryption", "key"), ("secret", "key"),
    ("private", "key"), ("shared", "key"), ("bearer", "token"), ("webhook", "secret"),
    ("app", "secret"), ("api", "token"), ("refresh", "token"), ("hmac", "secret"),
]  # fmt: skip


def _system(dice: random.Random, words: tuple[str, ...]) -> str:
    """Name what `words` say of one system, and now and then the stage."""
    tail = (dice.choice(STAGES),) if dice.random() < 0.15 else ()
    return _styled(dice, dice.choice(SYSTEMS), *words, *tail)


Maker = Callable[[random.Random], tuple[str, str]]


def _shaped(make: Callable[[random.Random], str]) -> Maker:
    """Give a secret that its shape betrays a name that tells nothing."""
    return lambda dice: (_styled(dice, dice.choice(NEUTRAL)), make(dice))


def _in_query(dice: random.Random) -> tuple[str, str]:
    key = dice.choice(("apikey", "api_key", "token", "access_token", "password", "client_secret"))
    value = _some(dice, ALNUM, dice.randint(20, 40))
    return (
        f"{dice.choice(SYSTEMS)}Url",
        f"https://{dice.choice(SYSTEMS)}.example.org/v1?{key}={value}",
    )


def _in_list(dice: random.Random) -> tuple[str, str]:
    key = dice.choice(("password", "pwd", "Password", "PWD"))
    between = dice.choice((",", "&"))
    return dice.choice(("connection", "odbc", "datasource")), between.join(
        ("host=db7.example.org", "user=reports", f"{key}={dice.choice(PASSWORDS)}", "timeout=5")
    )


def _keyed(dice: random.Random) -> tuple[str, str]:
    value = dice.choice(
        (
            _some(dice, HEX, dice.choice((32, 40, 64))),
            _some(dice, ALNUM, dice.randint(20, 64)),
            _some(dice, LOWER, dice.randint(20, 40)),
            _base64(dice, dice.choice((16, 24, 32))),
            _uuid(dice),
        )
    )
    return _system(dice, dice.choice(KEY_WORDS)), value


def _jwt(dice: random.Random) -> str:
    head = _claims(json.dumps({"alg": dice.choice(("HS256", "RS512")), "kid": _uuid(dice)}))
    body = _claims(json.dumps({"aud": dice.choice(SYSTEMS), "exp": dice.randint(10**9, 2 * 10**9)}))
    return f"{head}.{body}.{_some(dice, URL_SAFE, 86)}"


SECRETS: list[Maker] = [
    _shaped(lambda dice: _some(dice, ALNUM + "/", 40)),
    _shaped(lambda dice: "AK" + "IA" + _some(dice, string.ascii_uppercase + "234567", 16)),
    _shaped(_jwt),
    _shaped(lambda dice: f"gh{dice.choice('posur')}_" + _some(dice, ALNUM, 36)),
    _shaped(lambda dice: f"{dice.choice('sr')}k_live_" + _some(dice, ALNUM, dice.choice((24, 99)))),
    _shaped(lambda dice: f"{'xo'}xb-{_some(dice, string.digits, 12)}-{_some(dice, ALNUM, 24)}"),
    _shaped(lambda dice: "gl" + "pat-" + _some(dice, URL_SAFE, 20)),
    _shaped(lambda dice: "AI" + "za" + _some(dice, URL_SAFE, 35)),
    _shaped(lambda dice: "SG" + "." + _some(dice, URL_SAFE, 22) + "." + _some(dice, URL_SAFE, 43)),
    _shaped(lambda dice: _base64(dice, dice.choice((32, 48, 64)))),
    _shaped(lambda dice: _some(dice, ALNUM, dice.randint(32, 80))),
    _in_query,
    _in_list,
    _keyed, _keyed, _keyed, _keyed, _keyed, _keyed,
    lambda dice: (_system(dice, dice.choice(PASSWORD_WORDS)), dice.choice(PASSWORDS)),
    lambda dice: (_system(dice, dice.choice(PASSWORD_WORDS)), dice.choice(PASSWORDS)),
    lambda dice: (_system(dice, dice.choice(PASSWORD_WORDS)), _some(dice, ALNUM, 16)),
    lambda dice: (
        dice.choice(("crmAuth", "PROXY_AUTH", "erpAuthorization")),
        "Basic=" + _encoded(f"reports:{dice.choice(PASSWORDS)}"),
    ),
]  # fmt: skip

_WORDS = (
    "invoice shipment catalogue customer pricing return stock voucher search report session reset "
    "export import handler worker resolver mapper planner archive"
)
WORDS = _WORDS.split()
ABOUT_SECRETS = [
    ("token", "url"), ("token", "uri"), ("auth", "endpoint"), ("api", "key", "url"),
    ("secret", "endpoint"),
]  # fmt: skip
ARNS = [
    "arn:aws:secretsmanager:eu-north-1:{account}:secret:{word}/{other}-{six}",
    "arn:aws:ssm:us-west-2:{account}:parameter/{word}/{other}",
    "arn:aws:kms:ap-south-1:{account}:key/{uuid}",
    "arn:aws:lambda:sa-east-1:{account}:function:{word}-{other}:live",
    "arn:aws:iam::{account}:role/{word}-{other}-Role-{suffix}",
    "arn:aws:dynamodb:us-east-2:{account}:table/{word}-{other}-{suffix}",
]
SETTINGS = [
    (("token", "lifetime"), "7200"), (("password", "max", "length"), "64"),
    (("token", "type"), "bearer"), (("api", "key", "header"), "x-client-key"),
    (("secret", "version"), "AWSPREVIOUS"), (("auth", "scheme"), "oauth2"),
    (("token", "cache", "size"), "500"), (("key", "rotation", "days"), "90"),
    (("password", "login", "enabled"), "false"), (("require", "token"), "yes"),
    (("session", "ttl"), "15m"), (("auth", "method"), "client-credentials"),
    (("secret", "name"), "uat/crm/login"), (("api", "key", "parameter"), "/uat/erp/key"),
    (("token", "audience"), "https://api.example.org"), (("log", "level"), "WARN"),
    (("api", "version"), "2024-06-01"), (("retry", "count"), "5"), (("is", "active"), "true"),
    (("currency",), "CHF"), (("page", "size"), "200"),
]  # fmt: skip


def _arn(dice: random.Random) -> tuple[str, str]:
    name = dice.choice(
        (
            ("arn",),
            ("secret", "arn"),
            ("secret",),
            ("token", "arn"),
            ("password", "arn"),
            ("api", "key"),
        )
    )
    value = dice.choice(ARNS).format(
        account=_some(dice, string.digits, 12),
        word=dice.choice(WORDS),
        other=dice.choice(WORDS),
        six=_some(dice, ALNUM, 6),
        suffix=_some(dice, UPPER, 13),
        uuid=_uuid(dice),
    )
    return _system(dice, name), value


def _url(dice: random.Random) -> tuple[str, str]:
    value = f"https://{dice.choice(SYSTEMS)}.{dice.choice(STAGES)}.example.org/{dice.choice(WORDS)}"
    tail = dice.choice(
        ("", "/token", "/v2/keys", "?page=2&sort=name", "?response_type=code", ":8443/a")
    )
    return _system(dice, dice.choice([*ABOUT_SECRETS, ("url",), ("host",)])), value + tail


def _resource(dice: random.Random) -> tuple[str, str]:
    words = [dice.choice(WORDS) for _ in range(dice.randint(2, 5))]
    camel = "".join(word.capitalize() for word in words)
    value = dice.choice(
        (
            "-".join(words),
            camel,
            f"{dice.choice(STAGES)}-{camel}-{_some(dice, UPPER, 13)}",
            f"{camel}V{dice.randint(1, 40)}:{dice.choice(STAGES)}",
            "/" + "/".join(words),
            ".".join(words) + ".example.org:443",
            "_".join(words) + f"_{dice.randint(2020, 2030)}",
        )
    )
    noun = dice.choice(
        (("lambda", "name"), ("function",), ("table",), ("token", "table"), ("bucket",), ("fn",))
    )
    return _system(dice, noun), value


def _identifier(dice: random.Random) -> tuple[str, str]:
    return dice.choice(
        (
            (_system(dice, ("commit",)), _some(dice, HEX, dice.choice((7, 8, 40)))),
            (_system(dice, ("digest",)), "sha256:" + _some(dice, HEX, 64)),
            (_system(dice, ("id",)), _uuid(dice)),
            (_system(dice, ("customer",)), _some(dice, HEX, 32)),
            (_system(dice, ("client", "id")), _some(dice, LOWER, 26)),
            (_system(dice, ("key", "id")), _uuid(dice)),
            (_system(dice, ("pool", "id")), "eu-west-3_" + _some(dice, ALNUM, 9)),
            (_system(dice, ("vpc", "link", "id")), _some(dice, LOWER, 6)),
            (_system(dice, ("account",)), _some(dice, string.digits, 12)),
            (_system(dice, ("publishable", "key")), "pk_test_" + _some(dice, ALNUM, 24)),
        )
    )


def _setting(dice: random.Random) -> tuple[str, str]:
    words, value = dice.choice(SETTINGS)
    return _system(dice, words), value


HARMLESS: list[Maker] = [_arn, _url, _url, _resource, _resource, _identifier, _identifier, _setting]
