"""How long inline inspection of one prompt takes: `python bench/inspection.py`. Processor time, median of 30."""

from __future__ import annotations

import time
from statistics import median

from calls.load import PROSE

from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.inspection import Inspector

PLAIN = PROSE.replace("quality@example.com", "their usual address")
KINDS = ("secret", "email", "phone", "card", "iban", "national_id", "ip_address", "birth_date")


def taken(inspector: Inspector, text: str) -> float:
    """Microseconds of processor time for a chat request with this text."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    times = []
    for _ in range(30):
        began = time.process_time_ns()
        inspector.prompt(body)
        times.append((time.process_time_ns() - began) / 1000)
    return median(times)


def main() -> None:
    counting = Inspector(Inspection())
    masking = Inspector(Inspection(prompt=dict.fromkeys(KINDS, "mask")))
    print(f"{'text':44}{'counted µs':>12}{'masked µs':>12}")
    for size in (900, 100_000):
        for name, prose in (("nothing in it", PLAIN), ("an e-mail address every 330 bytes", PROSE)):
            text = (prose * (size // len(prose) + 1))[:size]
            print(f"{size:>7,} bytes, {name:28}{taken(counting, text):>12,.0f}{taken(masking, text):>12,.0f}")


if __name__ == "__main__":
    main()
