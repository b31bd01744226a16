"""Secrets: keys of providers by their shape, private keys, signed tokens, addresses with passwords, and assignments.

The rules are ours, written from the providers' public descriptions of their keys. `anchor` is a short piece that must
occur before the rule is tried at all, so that an innocent text costs one pass for all rules together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pilothouse.gateway.inspection.kinds import Span
from pilothouse.gateway.inspection.patterns import folded, pattern

WORD = r"[A-Za-z0-9_-]"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A provider's key: what must occur for it to be tried, and its whole shape."""

    provider: str
    anchor: str
    shape: str


KEY_RULES: tuple[KeyRule, ...] = (
    KeyRule("pilothouse", "ph_[0-9a-f]{12}_", r"ph_[0-9a-f]{12}_[0-9a-f]{64}"),
    KeyRule("aws", "A[KSBC][IC]A[A-Z2-7]", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    KeyRule("github", "gh[pousr]_[A-Za-z0-9]", r"gh[pousr]_[A-Za-z0-9]{36,}"),
    KeyRule("github", "github_pat_", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    KeyRule("gitlab", "gl[a-z]{2,5}-", rf"gl(?:pat|ptt|dt|rt|soat|ft|imt|agent|cbt)-{WORD}{{20,}}"),
    KeyRule("slack", "xox[a-z]-|xapp-", r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}"),
    KeyRule("slack", "hooks[.]slack[.]com", r"https://hooks[.]slack[.]com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,}"),
    KeyRule("openai or anthropic", "sk-[A-Za-z0-9]", rf"sk-(?:[a-z]{{2,8}}-?[0-9]{{0,2}}-)?[A-Za-z0-9]{WORD}{{19,}}"),
    KeyRule("google", "AIza", rf"AIza{WORD}{{35}}"),
    KeyRule("google", "GOCSPX-", rf"GOCSPX-{WORD}{{28}}"),
    KeyRule("google", r"ya29[.]", rf"ya29[.]{WORD}{{30,}}"),
    KeyRule("stripe", "_(?:live|test)_", r"[rs]k_(?:live|test)_[0-9A-Za-z]{16,}"),
    KeyRule("webhook", "whsec_", r"whsec_[A-Za-z0-9+/]{24,}={0,2}"),
    KeyRule("sendgrid", r"SG[.]", rf"SG[.]{WORD}{{22}}[.]{WORD}{{43}}"),
    KeyRule("mailgun", "key-[0-9a-f]", r"key-[0-9a-f]{32}"),
    KeyRule("twilio", "SK[0-9a-f]{8}", r"SK[0-9a-f]{32}"),
    KeyRule("npm", "npm_[A-Za-z0-9]", r"npm_[A-Za-z0-9]{36}"),
    KeyRule("pypi", "pypi-AgE", rf"pypi-AgE{WORD}{{50,}}"),
    KeyRule("docker", "dckr_pat_", rf"dckr_pat_{WORD}{{27}}"),
    KeyRule("hugging face", "hf_[A-Za-z0-9]", r"hf_[A-Za-z0-9]{34,}"),
    KeyRule("digitalocean", "do[opr]_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    KeyRule("shopify", "shp[a-z]{2}_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    KeyRule("databricks", "dapi[a-f0-9]{4}", r"dapi[a-f0-9]{32}(?:-[0-9])?"),
    KeyRule("linear", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    KeyRule("notion", "ntn_|secret_[A-Za-z0-9]{8}", r"(?:ntn_|secret_)[A-Za-z0-9]{40,}"),
    KeyRule("telegram", "[0-9]:AA", rf"[0-9]{{8,}}:AA{WORD}{{33}}"),
    KeyRule("vault", "hv[sbr][.]", rf"hv[sbr][.]{WORD}{{24,}}"),
    KeyRule("terraform", "[.]atlasv1[.]", rf"[A-Za-z0-9]{{14}}[.]atlasv1[.]{WORD}{{60,}}"),
    KeyRule("age", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    KeyRule("grafana", "gls?[ac]_", r"gl(?:sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|c_[A-Za-z0-9+/]{32,}={0,2})"),
    KeyRule("new relic", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    KeyRule("groq", "gsk_[A-Za-z0-9]", r"gsk_[A-Za-z0-9]{52}"),
    KeyRule("replicate", "r8_[A-Za-z0-9]", r"r8_[A-Za-z0-9]{37}"),
    KeyRule("xai", "xai-[A-Za-z0-9]", r"xai-[A-Za-z0-9]{60,}"),
    KeyRule("perplexity", "pplx-", r"pplx-[A-Za-z0-9]{40,}"),
    KeyRule("azure", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
    KeyRule("azure", "[0-9]Q~", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,}"),
    KeyRule("discord", "[.][A-Za-z0-9_-]{6}[.]", rf"[MNO]{WORD}{{23,}}[.]{WORD}{{6}}[.]{WORD}{{27,}}"),
    KeyRule("atlassian", "ATATT3", rf"ATATT3{WORD}{{150,}}(?:=[A-F0-9]{{8}})?"),
    KeyRule("cloud function", "sig=", r"[?&]sig=[A-Za-z0-9%]{40,}"),
)

# A key stands alone: no letter, digit, dash or underscore may touch it in front.
_KEYS = pattern(r"(?:^|[^A-Za-z0-9_-])(" + "|".join(rule.shape for rule in KEY_RULES) + ")")
_PEM = pattern(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?"
)
_JWT = pattern(r"(?:^|[^A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{8,}[.]eyJ[A-Za-z0-9_-]{4,}[.][A-Za-z0-9_-]{10,})")
_CONNECTION = pattern(
    r"[A-Za-z][A-Za-z0-9+.-]{1,}://[^\s:/@\"'<>\x00]*:([^\s/@\"'<>\x00]{3,})@[A-Za-z0-9\[][^\s\"'<>\x00]*"
)
_NAMES = (
    (
        r"(?:[A-Za-z0-9]+[_.-])*(?i:api[_ -]?key|api[_ -]?token|access[_ -]?key|access[_ -]?token|auth[_ -]?token"
        r"|client[_ -]?secret|secret[_ -]?key|secret[_ -]?access[_ -]?key|secret|token|password|passwd"
        r"|passphrase|pwd|passwort|kennwort|mot de passe"
        r"|wachtwoord|senha|"
    )
    + folded("contraseña|clave secreta|parola d'ordine")
    + r")"
)
_ASSIGNMENT = pattern(
    _NAMES
    + r"[\"'`]?(?:\s{0,3}(?:[:=]|:=|=>)\s{0,3}|\s+(?:is|ist|est|es|è|lautet|was)\s*:?\s+)[\"'`]?([^\s\"'`,;<>\x00]{8,})"
)
_BEARER = pattern(r"(?i:authorization)[\"']?\s*[:=]\s*[\"']?(?i:bearer|basic|token)\s+([A-Za-z0-9._~+/=-]{16,})")

ANCHORS: tuple[str, ...] = (
    *(rule.anchor for rule in KEY_RULES),
    "PRIVATE KEY",
    r"eyJ[A-Za-z0-9_-]{8}",
    r"://[^\s/@]*:[^\s/@]+@",
    r"(?i:key|token|secret|passw|passphrase|passwd|pwd|kennwort|mot de passe|wachtwoord|senha|contrase|clave secreta"
    r"|parola d)"
    r"[a-zA-Z\xb1\xc3_ -]{0,12}[\"'`]?(?:\s{0,3}[:=]|\s+(?:is|ist|est|es|\xc3\xa8|lautet|was)\s)",
    "(?i:authorization)",
)
_PLACEHOLDER = pattern(
    r"(?i)^(?:[x*.•_-]+|<.*|\$[{(].*|\$[A-Z_]+|\{.*|%[a-z({].*|your[_ -].*|example.*|change[_ -]?me.*|placeholder.*"
    r"|redacted.*|null|none|undefined|true|false|os[.]environ.*|process[.]env.*|getenv.*|env[.(].*|settings[.].*"
    r"|config[.].*|self[.].*|password[0-9]{0,3}|passwd|secret|pass|pw|\[[A-Z_]+_[0-9]+\])$"
)


def secrets_in(text: bytes) -> Iterator[Span]:
    """Every secret in `text`, the surest kinds first; spans of different rules may overlap."""
    for start, end in _PEM.spans(text):
        yield Span("secret", start, end)
    for start, end in _KEYS.spans(text, 1):
        yield Span("secret", start, end)
    for start, end in _JWT.spans(text, 1):
        yield Span("secret", start, end)
    for match in _CONNECTION.matches(text):
        if not _PLACEHOLDER.found(match.group(1)):
            yield Span("secret", match.start(), match.end())
    for found in (_ASSIGNMENT, _BEARER):
        for start, end in found.spans(text, 1):
            end = start + len(text[start:end].rstrip(b".)]}"))
            if looks_random(text[start:end]):
                yield Span("secret", start, end)


def looks_random(value: bytes) -> bool:
    """Whether a value that is called a secret is one: not a placeholder, mixed letters, enough entropy."""
    if len(value) < 8 or _PLACEHOLDER.found(value):
        return False
    classes = sum(
        (
            any(97 <= b <= 122 for b in value),
            any(65 <= b <= 90 for b in value),
            any(48 <= b <= 57 for b in value),
            any(33 <= b <= 47 or b in b":?@^_~!" for b in value),
        )
    )
    return classes >= 2 and any(48 <= b <= 57 for b in value) and entropy(value) >= 2.6


def entropy(value: bytes) -> float:
    """Shannon entropy in bits a byte."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
