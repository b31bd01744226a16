"""Patterns in `google-re2`, over UTF-8 bytes: linear time whatever the input, so no prompt can stall the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import re2  # type: ignore[import-untyped]


def _options() -> Any:
    options = re2.Options()
    # Bytes are matched as they are: [^ ] is one byte, and no text can be invalid.
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 << 20
    options.log_errors = False
    return options


class Pattern:
    """A compiled pattern over bytes. Raises ValueError where re2 cannot compile it."""

    def __init__(self, source: str) -> None:
        try:
            self._compiled = re2.compile(source.encode(), _options())
        except re2.error as error:
            raise ValueError(f"pattern cannot be compiled: {source}") from error
        self.source = source

    def found(self, text: bytes) -> bool:
        """Whether it occurs in `text`."""
        return self._compiled.search(text) is not None

    def spans(self, text: bytes, group: int = 0) -> Iterator[tuple[int, int]]:
        """Start and end of a group in every match that does not overlap the one before."""
        for match in self._compiled.finditer(text):
            yield match.span(group)

    def matches(self, text: bytes) -> Iterator[Any]:
        """Every match, for rules that need more than one group."""
        return iter(self._compiled.finditer(text))


class AnySet:
    """Many patterns in one automaton: one pass over the text says which of them occur."""

    def __init__(self, sources: list[str]) -> None:
        self._set = re2.Set.SearchSet(_options())
        for source in sources:
            self._set.Add(source.encode())
        self._set.Compile()

    def found(self, text: bytes) -> list[int]:
        """The positions of the patterns that occur."""
        return list(self._set.Match(text) or ())


@cache
def pattern(source: str) -> Pattern:
    """The compiled pattern of `source`, compiled once a process."""
    return Pattern(source)


def folded(listed: str) -> str:
    """An alternation of the words of a list (bars or line ends between them), in small and capital letters."""
    words = [word.strip() for word in listed.replace("\n", "|").split("|") if word.strip()]
    return "|".join("".join(_either_case(letter) for letter in word) for word in sorted(words, key=len, reverse=True))


def _either_case(letter: str) -> str:
    if letter == " ":
        return r"\s{1,3}"
    forms = {letter.lower(), letter.upper()}
    if len(forms) == 1 or any(len(form) > 1 for form in forms):
        return _escaped(letter)
    return "(?:" + "|".join(_escaped(form) for form in sorted(forms)) + ")"


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() and letter.isascii() else "".join(f"\\x{byte:02x}" for byte in letter.encode())
