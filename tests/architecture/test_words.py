"""What no file of the project may say: addresses of package registries, places on somebody's machine."""

from __future__ import annotations

import re

from tests.architecture.house import excused, texts

# Written in pieces, so that this file does not say them either.
FORBIDDEN = {
    "a package registry": r"pypi\.(org|python)|python"
    + r"hosted\.org|registry\."
    + r"npmjs|proxy\.golang|/sim"
    + r"ple/",
    "a place on somebody's machine": r"(?<![\w.])/(wo" + r"rk|ro" + r"ot|ho" + r"me|Us" + r"ers)/[a-z]",
    "a temporary place": r"/t" + r"mp/(ph|uv|ops|x)\w*",
    "work left undone": r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bXX" + r"X\b",
}
EXCUSED: dict[str, str] = {}


def test_no_file_says_them():
    faults = {}
    for path, text in texts():
        if "/vendor/" in path:
            continue
        for what, pattern in FORBIDDEN.items():
            match = re.search(pattern, text)
            if match:
                line = text.count("\n", 0, match.start()) + 1
                faults[path] = f"line {line} names {what}: {match[0]}"
    excused(faults, EXCUSED)
