"""A call that is not made, or whose answer is not given out, and how its caller learns why."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.policy.request import STATUS, Verdict
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.gateway.wire import Headers

# Asking again will not help until somebody changes something, so the SDKs should not: both read this header.
LASTING: Headers = [(b"x-should-retry", b"false")]
LIMITS = {"requests": "requests_limit", "tokens": "tokens_limit", "concurrent": "concurrent_limit"}
PASSING = frozenset(
    {"requests_limit", "tokens_limit", "concurrent_limit", "unread", "upstream_failed", "upstream_timeout"}
)


class Refused(Exception):
    """Raised wherever a call ends early. `code` is one of `request.STATUS`."""

    def __init__(
        self,
        code: str,
        reason: str,
        change: str = "",
        link: str = "",
        *,
        findings: dict[str, int] | None = None,
        wait: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.code, self.reason, self.change, self.link = code, reason, change, link
        self.status = STATUS[code]
        self.findings = findings or {}
        self.wait = wait

    @classmethod
    def by(cls, verdict: Verdict) -> Refused:
        return cls(verdict.code, verdict.reason, verdict.change, verdict.link)

    def message(self) -> str:
        """One text for the field that every SDK shows."""
        return f"{self.reason} {self.change}".strip()

    def details(self, snapshot: Snapshot | None, call: str) -> dict[str, Any]:
        """What our refusals say beyond the provider's shape."""
        details: dict[str, Any] = {"change": self.change, "call": call}
        if self.link and snapshot and snapshot.site:
            details["link"] = snapshot.site.rstrip("/") + self.link
        return details

    def headers(self) -> Headers:
        headers = [] if self.code in PASSING else list(LASTING)
        if self.wait is not None:
            headers.append((b"retry-after", b"%d" % self.wait))
        return headers


def unaccountable() -> Refused:
    return Refused(
        "unaccountable",
        "The gateway cannot write down what happens, so it makes no calls.",
        "Room is made on its disk.",
    )
