"""What a source's word for a stage means. The table is data (stages.toml); an organisation may overrule words."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from pilothouse.kernel.imports.words import key_of, missing_kind, without_letter


@dataclass(frozen=True, slots=True)
class StageRead:
    """A stage, with the remark that a person should see when the reading is not certain."""

    stage: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StageWords:
    """The words in force: word → (stage, is the word ambiguous). `version` changes whenever they do."""

    words: Mapping[str, tuple[str, bool]]
    version: str

    def read(self, text: str) -> StageRead:
        """The stage that `text` tells. Blank and “N/A” are unknown without a remark; a strange word is, with one."""
        if missing_kind(text):
            return StageRead("unknown")
        for word in _candidates(text):
            if word in self.words:
                stage, ambiguous = self.words[word]
                remark = f"Stage “{short(text)}” may mean several things; read as {stage}." if ambiguous else ""
                return StageRead(stage, remark)
        return StageRead("unknown", f"Stage “{short(text)}” is not a known word, so the stage stays unknown.")


def stage_key(text: str) -> str:
    """The form in which a stage's word is looked up and kept."""
    return next(_candidates(text), "")


def short(text: str, limit: int = 60) -> str:
    words = re.sub(r"\s+", " ", text).strip()
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def stage_words(overrides: Mapping[str, str] | None = None) -> StageWords:
    """The shipped words with an organisation's `overrides` (word → stage) on top. An overruled word is certain."""
    if not overrides:
        return _shipped()
    words = dict(_shipped().words) | {word: (stage, False) for word, stage in overrides.items()}
    return StageWords(words, _version(words))


@functools.cache
def _shipped() -> StageWords:
    table = tomllib.loads(files(__package__).joinpath("stages.toml").read_text(encoding="utf-8"))
    words = {
        word: (stage, section == "ambiguous")
        for section in ("words", "ambiguous")
        for stage, listed in table[section].items()
        for word in listed
    }
    return StageWords(words, _version(words))


def _version(words: Mapping[str, tuple[str, bool]]) -> str:
    return hashlib.sha256(repr(sorted(words.items())).encode()).hexdigest()[:8]


def _candidates(text: str) -> Iterator[str]:
    """The whole text, then what stands before its explanation: “b) Pilot – The use case has …” → “pilot”."""
    # Files that went through another code page show their dash as ñ.
    words = re.sub(r"\s[–—ñ]\s", " - ", without_letter(key_of(text))).rstrip(".")
    yield words
    for mark in (" - ", ":", ". "):
        head = words.split(mark, 1)[0].strip()
        if head != words:
            yield head
