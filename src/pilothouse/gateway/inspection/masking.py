"""Reversible masks: what leaves is `[EMAIL_1]`, what comes back is the value again, in a whole answer or in a stream.

The values live in memory for the length of one call and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pilothouse.gateway.inspection.kinds import LABELS


class Restorer:
    """Masks the values of one call and puts them back into its answer.

    The same value has the same mask throughout a call, and so throughout a conversation whose history is sent again.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """`taken` are the texts of the prompt: a mask that already stands in one of them is never given out."""
        self._taken = {token for text in taken if "[" in text for token in _TOKEN.findall(text)}
        self._tokens: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self._held: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def mask(self, kind: str, value: str) -> str:
        """The mask that stands for `value`."""
        if (kind, value) not in self._tokens:
            label = LABELS[kind]
            token = ""
            while not token or token in self._taken:
                self._numbers[label] = self._numbers.get(label, 0) + 1
                token = f"[{label}_{self._numbers[label]}]"
            self._tokens[kind, value] = token
            self._values[token] = value
            self._pattern = None
        return self._tokens[kind, value]

    def tokens(self) -> list[str]:
        """The masks that were given out."""
        return list(self._values)

    def whole(self, text: str, json_text: bool = False) -> str:
        """`text` with every mask of this call replaced by its value, written as JSON where the text is JSON."""
        if not self._values or "[" not in text:
            return text
        return self._compiled().sub(lambda match: self._value(match[0], json_text), text)

    def feed(self, channel: str, text: str, json_text: bool = False) -> str:
        """The next piece of a stream, restored. What may be the beginning of a mask is held back until the next piece.

        `channel` keeps apart texts that stream side by side: answers, blocks, arguments of tools.
        """
        text = self._held.pop(channel, "") + text
        if not self._values or "[" not in text:
            return text
        parts: list[str] = []
        end = 0
        for match in self._compiled().finditer(text):
            parts += text[end : match.start()], self._value(match[0], json_text)
            end = match.end()
        opened = text.rfind("[", end)
        if opened >= 0 and any(token.startswith(text[opened:]) for token in self._values):
            self._held[channel] = text[opened:]
            return "".join(parts) + text[end:opened]
        return "".join(parts) + text[end:]

    def flush(self, channel: str) -> str:
        """What is still held back on a channel that has ended: it was no mask after all."""
        return self._held.pop(channel, "")

    def held(self) -> list[str]:
        """The channels on which something is held back."""
        return list(self._held)

    def _value(self, token: str, json_text: bool) -> str:
        value = self._values[token]
        return json.dumps(value, ensure_ascii=False)[1:-1] if json_text else value

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile("|".join(re.escape(token) for token in self._values))
        return self._pattern


_TOKEN = re.compile(r"\[[A-Z_]+_[0-9]+\]")


def unescaped(value: str) -> str:
    """The value of a piece of JSON text, where it is one; else the piece itself."""
    if "\\" not in value:
        return value
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value
