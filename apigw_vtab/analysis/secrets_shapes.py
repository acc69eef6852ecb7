"""What the secrets of well-known services look like, and what text made by chance does. Pure.

The services' forms are in their documents; https://github.com/gitleaks/gitleaks collects them. None
starts after a letter or a digit, so that a long text is gone through about once.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re

_FORMS = {
    "an AWS access key id": [r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"],
    "an AWS service's key": [
        r"ABSK[A-Za-z0-9+/]{60,}|bedrock-api-key-[\w-]{20,}",
        r"da2-[a-z0-9]{26}(?![A-Za-z0-9])|amzn\.mws\.[\w-]{30,}",
    ],
    "a JSON Web Token": [
        r"eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.",
        r"eyJ[\w-]{9,}\.[\w-]*\.[\w-]*\.[\w-]*\.[\w-]+",
    ],
    "a private key": [
        r"-----BEGIN.{0,30}PRIVATE|AGE-SECRET-KEY-1[A-Z0-9]{40,}|b3BlbnNzaC1rZXktdj",
        # DER in Base64: RSA and PKCS 8, then elliptic curves.
        r"MII[A-Za-z0-9+/]{2}[AQgw]IBA[AD]|MI[GH][A-Za-z0-9+/]AgE[AB]|MH[A-Za-z]CAQEE",
        r"M[CE][A-Za-z0-9]CAQAw",
    ],
    "a GitHub token": [r"gh[opusr]_[A-Za-z0-9]{30,}|github_pat_\w{40,}"],
    "a GitLab token": [
        r"gl(?:pat|dt|ptt|rt|cbt|ft|imt|agent|oas|soat|ffct)-[\w.-]{20,}|GR1348941[\w-]{20,}",
    ],
    "a Slack token": [r"(?:xox[a-z]|xapp|xoxe\.xox[bp])-[A-Za-z0-9-]{10,}"],
    "a Stripe secret": [r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{16,}"],
    "a Twilio key": [r"SK[0-9a-f]{32}(?![A-Za-z0-9])"],
    "a mail service's key": [
        r"SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}\b|xkeysib-[\w-]{40,}",
        r"[0-9a-f]{32}-(?:us\d{1,2}|[0-9a-f]{8}-[0-9a-f]{8})(?![\w-])",
    ],
    "a package registry's token": [
        r"npm_[A-Za-z0-9]{30,}|pypi-[\w-]{50,}|rubygems_[0-9a-f]{40,}|AKCp[A-Za-z0-9]{60,}",
        r"cmVmd[A-Za-z0-9]{59}|dckr_[a-z]{1,9}_[\w-]{20,}|CLOJARS_[A-Za-z0-9]{40,}",
    ],
    "a Google key": [
        r"AIza[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w.-]{20,}|1//0[\w-]{30,}",
    ],
    "a Telegram bot's token": [r"(?:bot)?\d{8,10}:AA[\w-]{30,}"],
    "an AI service's key": [
        r"sk-(?=[\w-]{0,80}[A-Z])(?=[\w-]{0,80}\d)[\w-]{20,}|sk-[0-9a-f]{32}(?![A-Za-z0-9])",
        r"hf_[A-Za-z]{30,}|(?:gsk|r8)_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{40,}",
        r"xai-[A-Za-z0-9]{40,}|nvapi-[\w-]{40,}|tvly-[\w-]{20,}",
    ],
    "a Shopify token": [r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"],
    "a Square token": [r"sq0[a-z]{3}-[\w-]{20,}|EAAA[\w-]{50,}"],
    "a HashiCorp token": [r"hv[sbr]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"],
    "a New Relic key": [r"NR(?:AK|II|RA|JS|SP)-[\w-]{19,}|(?:eu01x+)?[0-9a-f]{30,36}NRAL"],
    "an Atlassian token": [r"AT[AC]TT3[\w=-]{40,}"],
    "a Microsoft Entra secret": [r"[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"],
    "a service's token": [
        r"do[opr]_v1_[0-9a-f]{40,}|dapi[0-9a-f]{32}|dp\.[a-z]{2,5}\.[\w.-]{30,}",
        r"gl(?:sa|c)_[A-Za-z0-9_+/=]{32,}|eyJrIjoi[A-Za-z0-9]{60,}|[st]k\.eyJ[\w-]{20,}\.[\w-]{20,}",
        r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|dt0c01\.\w{20,}|sha256~[\w-]{43}",
        r"(?:lin_api|lin_oauth|secret|ntn|pnu|rdme|phx|sgp|sbp|sb_secret)_[A-Za-z0-9]{32,}",
        r"(?:sq[apu]|sntry[su]|figd|pscale_[a-z]{2,5}|sm_[aps]at)_[\w=.-]{16,}",
        r"(?:PMA[KT]|pul|akab|HRKU|CFPAT|fio-u|FLWSECK(?:_TEST)?)-[\w-]{20,}",
        r"LTAI[A-Za-z0-9]{12,20}(?![A-Za-z0-9])|EZ[AT]K[A-Za-z0-9]{54}|AQVN[\w-]{35,}",
    ],
    "a webhook's URL": [
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,}",
        r"discord(?:app)?\.com/api/webhooks/\d{1,20}/[\w-]{20,}",
        r"events\.pagerduty\.com/integration/\w{20,}",
        r"maker\.ifttt\.com/.{1,80}/key/\w",
    ],
    "a key in a URL's path": [
        r"(?:infura\.io|alchemy(?:api)?\.(?:com|io)|quiknode\.pro)/(?:v\d/)?[\w-]{20,}",
    ],
}
# Publishable keys, public keys and certificates (DER, then SSH), hashes.
_PUBLIC = re.compile(
    r"pk_(?:live|test)_|pk\.eyJ|MII[A-Za-z0-9+/]{3}CC|MII[A-Za-z0-9+/]{2}jAN|MFkwEw|MCowBQY|MIGfMA|MHYwEA"
    r"|AAAA[BCE][23]N[zl]|(?:sha|SHA)(?:1|224|256|384|512)[-:=]"
)
# Ids and names that look like keys: Stripe's, Twilio's of two letters and 32 digits, and those
# that CloudFormation makes of a stack's name, a resource's and 12 or 13 random characters.
_ID = re.compile(
    r"(?:price|prod|acct|cus|sub|plan|evt|pi|pm|we)_[A-Za-z0-9]+|[A-Z]{2}[0-9a-f]{32}"
    r"|[A-Za-z][A-Za-z0-9-]*-[A-Z0-9]{12,13}"
)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?[0-9a-f]+", re.IGNORECASE)
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_LETTERS = re.compile(r"[a-z]+")
_RUN = re.compile(r"[A-Za-z0-9+/_=~-]{22,}")
_ONE_RUN = re.compile(r"[A-Za-z0-9+/_=~.-]+")
_PATH_WORD = re.compile(r"[A-Z]?[a-z]{4,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
# The 150 commonest of the pairs of letters in the words of AWS's documents. Of the pairs in words
# they are 85 in 100, of those in random text 22.
_COMMON = (
    "ab ac ad ag ai al am an ap ar as at au be bi bl ca ce ch ci ck cl co cr ct cu da db de di "
    "ea ec ed ee ef eg el em en ep er es et ev ex fi fo ge gi gr ha he ho ia ib ic id ie if ig "
    "il im in io is it iv iz ke la le li ll lo lu ly ma me mi mo mp na nc nd ne nf ng ni ns nt "
    "oc ol om on op or ot ou ov ow pa pe pl po pr ps pt qu ra rc re ri rm ro rs rt rv ry sa sc "
    "se sh si so sp ss st su ta tc te th ti to tr ts tt tu ty ue ul un up ur us ut va ve vi yp"
)
_PAIRS = frozenset(_COMMON.split())


def known_form(text: str) -> str | None:
    """Return what the text holds in the form of a well-known service's secret."""
    return next((kind for kind, form in _known_forms() if form.search(text)), None)


@functools.cache
def _known_forms() -> list[tuple[str, re.Pattern[str]]]:
    """Compile the forms when a value is first looked at: it takes longer than all else here."""
    return [
        (kind, re.compile("|".join(rf"(?<![A-Za-z0-9])(?:{form})" for form in forms)))
        for kind, forms in _FORMS.items()
    ]


def is_public(text: str) -> bool:
    """Tell a publishable key, a public key, a certificate, an id or a hash by how it begins."""
    return _PUBLIC.match(text) is not None


def is_uuid(text: str) -> bool:
    """Tell a UUID, with its dashes or without."""
    return _UUID.fullmatch(text) is not None


def is_hex(text: str) -> bool:
    """Tell hexadecimal digits."""
    return _HEX.fullmatch(text) is not None


def is_made_by_chance(text: str, least: int) -> bool:
    """Tell random letters and digits, of which there are at least `least`, from words and names."""
    if not _ONE_RUN.fullmatch(text) or sum(map(str.isalnum, text)) < least:
        return False
    if is_hex(text):
        return any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    if sum(map(str.isalpha, text)) < 4 or any(map(_is_word, re.split(r"[^A-Za-z0-9]", text))):
        return False
    if "/" in text and any(map(_PATH_WORD.fullmatch, text.split("/"))):
        return False
    common, pairs = _common_pairs(text)
    pieces = len(_PIECES.findall(text))
    # Where the kind of character changes all the time, words are shorter than their pairs tell.
    changes = 22 * pieces >= 10 * sum(map(str.isalnum, text))
    return 4 * common < (3 if changes else 2) * max(pairs, 1)


def _is_word(text: str) -> bool:
    """Tell a part that nobody gets by chance: of 8 pairs and more, two thirds are common."""
    common, pairs = _common_pairs(text)
    return pairs >= 8 and 20 * common >= 13 * pairs


def _common_pairs(text: str) -> tuple[int, int]:
    """Count the pairs of neighbouring letters that are common in words, and all of them."""
    pairs = [
        run[place : place + 2]
        for run in _LETTERS.findall(text.lower())
        for place in range(len(run) - 1)
    ]
    return sum(pair in _PAIRS for pair in pairs), len(pairs)


def long_random(text: str) -> str | None:
    """Return what a long random text may be. Hexadecimal ones are ids and hashes mostly."""
    for run in _RUN.findall(text):
        body = run.strip("=")
        if is_hex(body) or is_uuid(body) or _ID.fullmatch(body) or not is_made_by_chance(body, 22):
            continue
        lower, upper, digit = (
            any(map(test, body)) for test in (str.islower, str.isupper, str.isdigit)
        )
        if lower and upper and digit and (len(body) >= 24 or run.endswith("=")):
            is_of_aws = len(body) == 40 and re.fullmatch("[A-Za-z0-9+/]+", body)
            return "an AWS secret access key" if is_of_aws else "a long random text"
        if len(body) >= 32 and ((lower and upper) or (digit and body.isalnum())):
            return "a long random text"
    return None


def text_in_base64(text: str) -> str | None:
    """Return the printable ASCII that Base64 holds; what is random does not decode to such."""
    if not _BASE64.fullmatch(text):
        return None
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        held = base64.b64decode(body + "=" * (-len(body) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return held if all(char.isprintable() or char in "\r\n\t" for char in held) else None
