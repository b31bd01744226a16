"""What an answer about a practice amounts to. Always a claim: the words are kept, and the grade is attested. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.kernel.imports.words import fold, key_of, list_cell, missing_kind, without_letter
from pilothouse.kernel.inventory.practices import PRACTICES

MET, IN_PROGRESS, NOT_MET = "met", "in_progress", "not_met"
WAIVED, NOT_APPLICABLE, NOT_ANSWERED = "waived", "not_applicable", "not_answered"

_IN_PROGRESS = re.compile(r"in[\s-]*prog|\bplanned\b|under development|being developed|in testing|underway")
# A law or the kind of system rules the practice out; or the row says that it concerns nobody.
_OUT_OF_SCOPE = re.compile(
    r"does not apply|precludes|restricts opt-out|not subject to|precluded by law"
    r"|\b(not|neither|does not) (safety|rights|impact)"
)
_YES = re.compile(r"(yes|true)\b")
_NO = re.compile(r"(no|false|none)\b")
_DONE = re.compile(r"\b(established|completed?|available|review|testing|solicitations|hearings)\b")


@dataclass(frozen=True, slots=True)
class PracticeColumn:
    """A column that answers for a practice. `starts` overrule the general rules: (beginning, status).

    `free` is the status of an answer in words of one's own; with none, it is in progress and flagged to be read.
    `is_list` marks a column in which several choices can be ticked.
    """

    practice: str
    column: str
    starts: tuple[tuple[str, str], ...] = ()
    free: str = ""
    is_list: bool = False

    def __post_init__(self) -> None:
        # A key that no check asks about would be imported and never judged.
        if self.practice not in PRACTICES:
            raise ValueError(f"there is no practice “{self.practice}” in inventory.practices")


@dataclass(frozen=True, slots=True)
class PracticeAnswer:
    status: str
    words: str
    remark: str = ""

    def as_value(self) -> dict[str, str]:
        return {"status": self.status, "words": self.words}


def practice_answer(text: str, rule: PracticeColumn) -> PracticeAnswer:
    """The status that `text` claims, with the words as given."""
    words = fold(text)
    if rule.is_list and not missing_kind(words):
        return PracticeAnswer(_of_list(list_cell(words), rule), words)
    status = _status(key_of(words), rule)
    if status is not None:
        return PracticeAnswer(status, words)
    if rule.free:
        return PracticeAnswer(rule.free, words)
    remark = f"The answer on {rule.practice.replace('_', ' ')} is in words of its own; somebody must read it."
    return PracticeAnswer(IN_PROGRESS, words, remark)


def _status(words: str, rule: PracticeColumn) -> str | None:
    words = without_letter(words)
    for beginning, status in rule.starts:
        if words.startswith(beginning):
            return status
    missing = missing_kind(words)
    if missing:
        return {"not_applicable": NOT_APPLICABLE, "pending": IN_PROGRESS}.get(missing, NOT_ANSWERED)
    if re.search(r"\bwa(iv|vi)ed\b", words):
        return WAIVED
    if _OUT_OF_SCOPE.search(words):
        return NOT_APPLICABLE
    if _IN_PROGRESS.search(words):
        return IN_PROGRESS
    if _YES.match(words):
        return MET
    if _NO.match(words):
        return NOT_MET
    return MET if not rule.free and len(words) < 120 and _DONE.search(words) else None


def _of_list(items: Sequence[str], rule: PracticeColumn) -> str:
    """Several ticks: done when one of them is a deed, even if others still go on."""
    found = {_status(item.casefold(), rule) or MET for item in items}
    for status in (WAIVED, MET, IN_PROGRESS, NOT_APPLICABLE, NOT_MET):
        if status in found:
            return status
    return NOT_ANSWERED
