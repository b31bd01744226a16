"""Structured logs: one JSON object a line, with the request's id, and without secrets or personal data."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "[hidden]"

# A value under such a name is never written, whatever it is.
SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)?$|secret|token$|api_?key|private_?key|authorization|cookie|session|csrf|credential|otp|^body$",
    re.IGNORECASE,
)
PERSONAL_NAMES = re.compile(r"e_?mail|phone|contact|^(first|last|full)_?name$|^person$|address$", re.IGNORECASE)

# What a secret or an address looks like inside a text, such as a traceback.
PATTERNS = (
    (re.compile(r"\bph_[0-9a-f]{12}_[0-9a-f]+"), "ph_" + HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{8,}"), r"\1 " + HIDDEN),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@"), r"\1:" + HIDDEN + "@"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&]+"),
        r"\1\2" + HIDDEN,
    ),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
)


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the event with everything secret or personal hidden, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def unpath(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: Django writes the path that failed, and a path may hold the secret of a link."""
    if str(event.get("logger", "")).startswith(("django.request", "django.security")):
        event["event"] = str(event["event"]).split(": /")[0].split(" /")[0]
    return event


def scrub(text: str) -> str:
    """`text` without what looks like a secret or an e-mail address."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _clean(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name) or PERSONAL_NAMES.search(name):
        return HIDDEN if value not in (None, "") else value
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(str(value))


SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    unpath,
    redact,
)


def configure() -> None:
    """Send structlog's own loggers through the standard library, so that every line takes one way out."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(level: str, style: str) -> dict[str, Any]:
    """Django's LOGGING. `style` is json, text, or auto: text when a person watches the terminal.

    Without a `level` it is INFO, and WARNING in text, where the line for each request would be in the way.
    """
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    level = level or ("WARNING" if text else "INFO")
    renderer = structlog.dev.ConsoleRenderer(colors=False) if text else structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": list(SHARED),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "pilothouse": {"level": level},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "uvicorn.error": {"level": "WARNING"},
            "dbos": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
