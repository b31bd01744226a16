"""Every environment variable that Pilothouse reads. docs/settings.md is written from this list (`make docs`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """Its default as people would write it, and what it does."""

    default: str
    text: str
    group: str = "Installation"


VARIABLES: dict[str, Variable] = {
    "PILOTHOUSE_HOME": Variable("./var", "The data directory: database, files, key, collected static files."),
    "PILOTHOUSE_SECRET_KEY": Variable(
        "the file secret.key in the data directory",
        "Signs sessions and links and seals what must be kept secret. The file is made at the first start, for its "
        "owner alone. Keep a copy apart from the backups of the database.",
    ),
    "PILOTHOUSE_DATABASE_URL": Variable(
        "SQLite in the data directory",
        "`sqlite:////folder/file.sqlite3` or `postgresql://user:password@host:5432/name` (a Unix socket: "
        "`postgresql://user@/name?host=/folder`). Scheduled work keeps its state in the same PostgreSQL database, "
        "in the schema `dbos`; with SQLite in `work.sqlite3` in the data directory.",
    ),
    "PILOTHOUSE_URL": Variable(
        "http://localhost:8000",
        "The address under which people open Pilothouse. With https, cookies are sent over https alone and browsers "
        "are told to stay with it.",
        "Web",
    ),
    "PILOTHOUSE_HOSTS": Variable(
        "localhost, this machine's loopback addresses and the host of PILOTHOUSE_URL",
        "Host names that requests may carry, with commas between them.",
        "Web",
    ),
    "PILOTHOUSE_BIND": Variable("127.0.0.1", "The address that `pilothouse run` listens on.", "Web"),
    "PILOTHOUSE_PORT": Variable("8000", "The port that `pilothouse run` listens on.", "Web"),
    "PILOTHOUSE_TRUSTED_PROXIES": Variable(
        "127.0.0.1", "Proxies whose X-Forwarded-For and X-Forwarded-Proto count, with commas between them.", "Web"
    ),
    "PILOTHOUSE_GATEWAY_BIND": Variable("127.0.0.1", "The address that the gateway listens on.", "Gateway"),
    "PILOTHOUSE_GATEWAY_PORT": Variable(
        "the first free port after PILOTHOUSE_PORT; 8001 for `pilothouse gateway run`",
        "The port that the gateway listens on.",
        "Gateway",
    ),
    "PILOTHOUSE_GATEWAY_WORKERS": Variable(
        "1; for `pilothouse gateway run` one less than there are cores",
        "How many processes the gateway has.",
        "Gateway",
    ),
    "PILOTHOUSE_GATEWAY_DURABILITY": Variable(
        "process",
        "What the gateway's record of a call survives: `process`, the death of the process; `power`, a power cut too, "
        "for one to three milliseconds a call.",
        "Gateway",
    ),
    "PILOTHOUSE_UPSTREAM": Variable(
        "none",
        "Keys of model providers: `PILOTHOUSE_UPSTREAM_<ORGANISATION>__<NAME>`, the organisation's short name in "
        "capitals. An upstream refers to it as `env:PILOTHOUSE_UPSTREAM_…`, or to a file as `file:NAME`, which lies in "
        "`secrets/<organisation>/` of the data directory; the key itself is never stored.",
        "Gateway",
    ),
    "PILOTHOUSE_SOURCE": Variable(
        "none",
        "Secrets of scheduled sources: `PILOTHOUSE_SOURCE_<ORGANISATION>__<NAME>`, the organisation's short name in "
        "capitals. A source refers to it as `env:PILOTHOUSE_SOURCE_…`; the secret itself is never stored.",
        "Sources",
    ),
    "PILOTHOUSE_API_CALLS_PER_MINUTE": Variable("600", "API calls that one token may make in a minute.", "Limits"),
    "PILOTHOUSE_API_FAILURES_PER_MINUTE": Variable(
        "20", "Failed API sign-ins from one address in a minute before it must wait.", "Limits"
    ),
    "PILOTHOUSE_SIGNUP": Variable(
        "closed", "`open` lets anyone make a user, who belongs to no organisation until someone adds them.", "Sign-in"
    ),
    "PILOTHOUSE_OIDC_ISSUER": Variable(
        "none",
        "The OpenID Connect issuer for single sign-on, such as https://login.example/realms/main. Its redirect address "
        "is /accounts/oidc/sso/login/callback/ under PILOTHOUSE_URL.",
        "Sign-in",
    ),
    "PILOTHOUSE_OIDC_CLIENT_ID": Variable("none", "Our client id at the issuer.", "Sign-in"),
    "PILOTHOUSE_OIDC_CLIENT_SECRET_FILE": Variable("none", "A file with our client secret at the issuer.", "Sign-in"),
    "PILOTHOUSE_OIDC_NAME": Variable("Single sign-on", "What the button on the sign-in page says.", "Sign-in"),
    "PILOTHOUSE_OIDC_PROVISION": Variable(
        "no",
        "`yes` makes a user for anyone the issuer vouches for. Otherwise only people who were invited come in, matched "
        "by their verified e-mail address.",
        "Sign-in",
    ),
    "PILOTHOUSE_MAIL_FROM": Variable("Pilothouse <pilothouse@localhost>", "The sender of e-mail.", "E-mail"),
    "PILOTHOUSE_SMTP_HOST": Variable("files in the data directory's folder `mail`", "The mail server.", "E-mail"),
    "PILOTHOUSE_SMTP_PORT": Variable("587", "Its port; 465 means TLS from the start.", "E-mail"),
    "PILOTHOUSE_SMTP_USER": Variable("none", "The user at the mail server.", "E-mail"),
    "PILOTHOUSE_SMTP_PASSWORD_FILE": Variable("none", "A file with that user's password.", "E-mail"),
    "PILOTHOUSE_SMTP_TLS": Variable("yes", "`no` sends unencrypted, for a mail server on this machine.", "E-mail"),
    "PILOTHOUSE_WEBHOOK_ALLOW_PRIVATE": Variable(
        "no",
        "`yes` lets webhooks post to private addresses. Otherwise only public ones are reached, so that nobody uses a "
        "webhook to look into the network behind.",
        "Limits",
    ),
    "PILOTHOUSE_LOG_LEVEL": Variable(
        "INFO; WARNING for text", "The least level that is written: DEBUG, INFO, WARNING or ERROR.", "Operations"
    ),
    "PILOTHOUSE_LOG_FORMAT": Variable(
        "auto", "json, text, or auto: text when a person watches the terminal, else json.", "Operations"
    ),
    "PILOTHOUSE_METRICS_TOKEN": Variable(
        "none",
        "The bearer token that may read /metrics. Without one, only this machine may, and not through a proxy.",
        "Operations",
    ),
    "PILOTHOUSE_OTLP_ENDPOINT": Variable(
        "none",
        "Where every settled call is told as an OpenTelemetry span (OTLP/HTTP, protobuf), such as "
        "https://collector.example/v1/traces. Without text and without people.",
        "Operations",
    ),
    "PILOTHOUSE_OTLP_HEADERS_FILE": Variable(
        "none", "A file with headers for it, `Name: value` on each line; a token belongs there.", "Operations"
    ),
    "PILOTHOUSE_WITNESS": Variable(
        "none",
        "Where signed checkpoints of the ledger are sent each day, outside this installation: `file:///path` (on a "
        "disk that the operator does not own), `mailto:address` or an `https://` address that keeps what is posted to "
        "it. Without one, the ledger's page says that the operator could rewrite it.",
        "Operations",
    ),
    "PILOTHOUSE_TIMESTAMP": Variable(
        "none",
        "The https:// address of an RFC 3161 time-stamping authority. It is then asked to stamp the checkpoint of each "
        "audit pack; it sees a hash and nothing else. Without one, a pack's time is the installation's own word.",
        "Operations",
    ),
    "PILOTHOUSE_TOKEN": Variable(
        "none",
        "The API token of the person who signs on the command line; for that command alone, never for the server.",
        "Command line",
    ),
}
