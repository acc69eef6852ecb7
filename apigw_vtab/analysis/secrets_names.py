"""What the name of a variable or of a parameter says about its value. Pure."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Says(enum.Enum):
    """How sure a name is that its value is a secret."""

    SECRET = enum.auto()
    PERHAPS = enum.auto()
    NOTHING = enum.auto()
    # The value is an id, a hash or a public key: such look random and are no secrets.
    IDENTIFIER = enum.auto()


class Hint(NamedTuple):
    """What a name says: how sure it is, and of what."""

    says: Says
    kind: str = ""
    # The value may also be what a secret is called elsewhere, as that of `dbSecret` often is.
    may_be_label: bool = False


PASSWORD = "a password by its name"
CREDENTIALS = "credentials by their name"
_TOKEN, _KEY, _SECRET = "a token by its name", "a key by its name", "a secret by its name"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_PASSWORDS = _words(
    "password passwords passwd passwort passphrase passcode pass pwd pw psw pswd pword pin psk",
    "paswd pasword passwrd pssword psswd psswrd pswrd psword kennwort senha contrasena clave",
    "motdepasse mdp wachtwoord parola haslo losenord",
)
_TOKENS = _words("token tokens jwt")
_SECRETS = _words("secret secrets mnemonic")
_CREDENTIALS = _words("credential credentials cred creds")
_KEYS = _words("key keys")
# Before `key`, these make it a secret whatever its value; other keys depend on the value.
_SECRET_KEYS = _words(
    "api access secret private signing encryption decryption master shared auth hmac aes jwt",
    "license licence admin ssh rsa pgp gpg cipher symmetric cookie webhook root",
)
# Before `key` or `token`, these make it public.
_PUBLIC = _words(
    "public publishable pub site kms cmk idempotency page next continuation sync partition dkim"
)
_AUTHORIZATION = _words("auth authorization authentication bearer basic login")
_PERHAPS = _words(
    "salt pepper seed session cookie signature sig sas hmac verify verification otp totp",
    "license licence",
)
# Before `secret`, these leave no doubt that the value is one.
_NO_LABEL = _words(
    "client jwt shared app session webhook cookie hmac consumer api auth oauth signing totp"
)
_IDENTIFIERS = _words(
    "id ids uid guid uuid ulid ksuid cuid nanoid sid kid arn sha md5 crc hash digest checksum",
    "etag commit revision fingerprint thumbprint public publishable pub site client audience aud",
    "cert certificate distribution trace version cursor state nonce serial pool tenant image tag",
    "build",
)
# A name that ends so is about a secret and holds none: `tokenUrl`, `passwordPolicy`.
_ABOUT = _words(
    "url urls uri uris endpoint endpoints host hostname domain server path paths route name names",
    "alias arn arns id ids kid ref reference type types mode method methods scheme policy",
    "policies length min max size limit limits count number rate ttl expiry expiration expires",
    "expire lifetime validity duration timeout age days day hours hour minutes minute seconds",
    "second secs sec ms header headers param params parameter parameters field column table",
    "tables bucket queue topic prefix suffix pattern regex format template version region issuer",
    "issuers audience scope scopes algorithm algorithms alg provider providers service services",
    "lambda function functions fn handler authorizer authoriser enabled disabled required enable",
    "disable flag source sources location store storage manager vault rotation reset page link",
    "email subject label description desc status state cache plan usage position index",
    "placeholder hint file folder directory dir role user username account group owner engine",
    "backend frontend gateway strategy check validation validator generator rules rule complexity",
    "strength history attempts budget window per schema model class event action response request",
    "exchange introspection revocation jwks thumbprint fingerprint metadata tag tags port",
    "protocol address ip through authority level category database db cluster instance layer",
    "extension agent sidecar proxy client support feature signup recovery change update encoder",
    "grant",
)
# These say which one of several, or how it is written.
_WHICH = _words(
    "prod production dev develop development test testing qa uat stage staging preprod sandbox",
    "live beta alpha demo blue green canary v code plain text string str raw default current old",
    "previous new backup primary secondary main b64 base64 encoded env encrypted internal",
    "external",
)
# Before `code`, these may make it a secret.
_SECRET_CODES = _words("access security auth recovery activation invitation invite")
_BEFORE_A_NOUN = _words("for of from to in on by at with")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_STEM = re.compile(
    r"(password|passwd|passphrase|passcode|passwort|kennwort|secret|token|credential"
    r"|(?:api|access|secret|private|encryption|signing|master|shared|auth)(?=keys?)|keys?$)"
)
_NO_STEM = re.compile(
    r"tokeni[sz]|secretar|secretion|passwordless|(?<!api)(?:mon|tur|don|hoc|joc|whis)key"
)
_SHORT = re.compile(
    r"(\w*(?:db|user|admin|root|ftp|smtp|sql|pg|postgres|redis|mongo|rds|ldap|bind|mail|ssh|proxy|vpn"
    r"|api|app|svc|service|login|keystore|truststore|auth))(pass|pwd?|creds?)"
)


def split_name(name: str) -> list[str]:
    """Return the words of a name in lower case; `dbPassword` and `dbpassword` have the same."""
    found: list[str] = []
    for word in (word.lower() for word in _WORD.findall(name)):
        if short := _SHORT.fullmatch(word):
            found += short.groups()
        elif _NO_STEM.search(word):
            found.append(word)
        else:
            found += [piece for piece in _STEM.split(word) if piece not in ("", "s")]
    return found


def hint(name: str) -> Hint:
    """Return what a name says. The last word for a secret counts, and what follows it."""
    words = split_name(name)
    nothing = Hint(Says.NOTHING if _IDENTIFIERS.isdisjoint(words) else Says.IDENTIFIER)
    for place in reversed(range(len(words))):
        found = _kind(words[place], words[place - 1] if place else "")
        if found is None:
            continue
        tail = [word for word in _until_preposition(words[place + 1 :]) if word not in _WHICH]
        is_value = bool(tail) and tail[-1] in ("value", "values")
        tail = [word for word in tail if word not in ("value", "values")]
        if tail and tail[-1] in _ABOUT and not is_value:
            return nothing
        return found._replace(says=Says.PERHAPS) if tail and found.says is Says.SECRET else found
    return nothing


def _until_preposition(words: list[str]) -> list[str]:
    """Cut `tokenForOrders` before `for`; numbers say nothing."""
    end = next((at for at, word in enumerate(words) if word in _BEFORE_A_NOUN), len(words))
    return [word for word in words[:end] if not word.isdigit()]


def _kind(word: str, before: str) -> Hint | None:
    """Return what one word of a name says, after the word before it."""
    if word in _KEYS | _TOKENS and before in _PUBLIC:
        return Hint(Says.IDENTIFIER)
    if word in _KEYS and before in _SECRET_KEYS:
        return Hint(Says.SECRET, _KEY, may_be_label=before in ("encryption", "signing"))
    if word == "code" and before in _SECRET_CODES:
        return Hint(Says.PERHAPS, _KEY)
    found = _HINTS.get(word)
    if found and word in _SECRETS:
        return found._replace(may_be_label=before not in _NO_LABEL)
    return found


_HINTS = {
    **dict.fromkeys(_PASSWORDS, Hint(Says.SECRET, PASSWORD)),
    **dict.fromkeys(_TOKENS, Hint(Says.SECRET, _TOKEN)),
    **dict.fromkeys(_SECRETS, Hint(Says.SECRET, _SECRET)),
    **dict.fromkeys(_CREDENTIALS, Hint(Says.SECRET, CREDENTIALS, may_be_label=True)),
    **dict.fromkeys(_AUTHORIZATION, Hint(Says.PERHAPS, CREDENTIALS)),
    **dict.fromkeys(_KEYS | _PERHAPS, Hint(Says.PERHAPS, _KEY)),
}
