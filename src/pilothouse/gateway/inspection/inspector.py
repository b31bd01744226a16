"""Inspection of one system's prompts and answers: what is found, what is masked, whether the call is stopped.

Everything is found in `re2` in time that grows with the text alone, but for names and addresses: those come from the
reader (`deep/`), which is asked before. Findings are counted by kind; no text is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pilothouse.contracts.fingerprints import LEAST_SHARED, fingerprints
from pilothouse.contracts.policy.snapshot import Inspection, Treatment
from pilothouse.gateway.inspection import documents, personal, secrets
from pilothouse.gateway.inspection.kinds import DEEP, LABELS, UNREAD, Span, outside, treatments, without_overlaps
from pilothouse.gateway.inspection.masking import Restorer, unescaped
from pilothouse.gateway.inspection.patterns import AnySet
from pilothouse.gateway.inspection.texts import changed, texts

SEPARATOR = "\n\x00\n"
EXCERPT = 48  # characters of a system prompt that, repeated word for word, give it away
EXCERPTS = 12


@dataclass(frozen=True, slots=True)
class Inspected:
    """What inspection made of a prompt or an answer.

    `body` is the very object that was given where nothing was masked (`changed` is then False), so the bytes that came
    can be sent on as they are. `counts` are findings by kind. `blocked` names the kinds for which the call must stop.
    `unread`: names had to be masked or stopped and were not looked for, so the call must stop too.
    """

    body: Any
    counts: dict[str, int] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    changed: bool = False
    restorer: Restorer | None = None
    unread: bool = False


Read = Mapping[str, Sequence[Span]]
"""Names and addresses by text, from the reader. A text that is missing was not read."""
NOTHING_READ: Read = {}


@cache
def _anchors() -> AnySet:
    return AnySet(
        [
            *secrets.ANCHORS,
            *personal.ANCHORS,
            documents.CODE_ANCHOR,
            documents.CONFIDENTIAL_ANCHOR,
            documents.LEGAL_ANCHOR,
        ]
    )


_SECRETS = len(secrets.ANCHORS)
_PERSONAL = _SECRETS + len(personal.ANCHORS)
_DOCUMENTS = (
    (_PERSONAL, "source_code", documents.source_code),
    (_PERSONAL + 1, "confidential", documents.confidential),
    (_PERSONAL + 2, "legal", documents.legal),
)
_PERSONAL_KINDS = ("email", "phone", "card", "iban", "national_id", "ip_address", "birth_date")


class Inspector:
    """Inspects by one system's settings. Build it once for each policy and system; it holds nothing of a call."""

    def __init__(self, settings: Inspection, corpora: Mapping[str, frozenset[int]] | None = None) -> None:
        """`corpora` are the fingerprints of marked documents, by name."""
        self._prompt = treatments(settings.prompt, settings.deep)
        self._answer = treatments(settings.answer, settings.deep)
        # Whether texts must be read for names before they are inspected, and how long that may take.
        self.reads_prompt = any(self._prompt.get(kind, "allow") != "allow" for kind in DEEP)
        self.reads_answer = any(self._answer.get(kind, "allow") != "allow" for kind in DEEP)
        self.deep, self.seconds = settings.deep, settings.deep_ms / 1000
        self._banned = documents.Phrases(settings.banned)
        self._canaries = documents.Phrases(settings.canaries)
        self._corpora = dict(corpora or {})
        self._most_answer = settings.max_answer_bytes
        # A whole answer must be there before it can be masked or stopped.
        self.buffers_answer = any(
            treatment in ("mask", "block") for kind, treatment in self._answer.items() if self._can_find(kind, settings)
        )

    @staticmethod
    def _can_find(kind: str, settings: Inspection) -> bool:
        return bool(settings.banned) if kind == "banned" else True

    def prompt(self, body: Any, read: Read = NOTHING_READ) -> Inspected:
        """Inspect the decoded JSON of a request; masks are reversible by the result's `restorer`.

        `read` is what the reader found in its texts, where `reads_prompt` asks for that.
        """
        found = self._inspect(texts(body), self._prompt, canaries=False)
        if self.reads_prompt and _deep(found, self._prompt, read):
            return Inspected(body, found.counts, unread=True)
        blocked = _blocked(found, self._prompt)
        if blocked or not _masks(found, self._prompt):
            return Inspected(body, found.counts, blocked)
        restorer = Restorer(found.texts)

        def mask(text: str, holds_json: bool) -> str:
            return _masked(text, found.spans.get(text, []), self._prompt, restorer, holds_json)

        return Inspected(changed(body, mask), found.counts, (), True, restorer)

    def answer(self, body: Any, prompt: Any = None, taken: Iterable[str] = (), read: Read = NOTHING_READ) -> Inspected:
        """Inspect an answer: decoded JSON, or a text. Masks in answers are not reversible.

        `prompt` is the decoded request: its system prompt must not come back word for word. `taken` are the masks of
        that prompt, which no mask of the answer may be taken for. `read` as for a prompt, where `reads_answer`.
        """
        found = self._inspect(texts(body), self._answer, canaries=True)
        if self.reads_answer and _deep(found, self._answer, read):
            return Inspected(body, found.counts, unread=True)
        if self._answer["canary"] != "allow" and prompt is not None:
            _count(found, "canary", leaked(instructions(prompt), found.texts))
        blocked = _blocked(found, self._answer)
        if blocked or not _masks(found, self._answer):
            return Inspected(body, found.counts, blocked)
        restorer = Restorer([*found.texts, *taken])

        def mask(text: str, holds_json: bool) -> str:
            return _masked(text, found.spans.get(text, []), self._answer, restorer, holds_json)

        return Inspected(changed(body, mask), found.counts, (), True)

    def too_long(self, size: int) -> bool:
        """Whether an answer of `size` bytes is longer than this system may get."""
        return self._most_answer is not None and size > self._most_answer

    def _inspect(self, found: list[str], treatment: Mapping[str, Treatment], canaries: bool) -> _Found:
        result = _Found(found)
        whole = SEPARATOR.join(found).encode("utf-8", "surrogatepass")
        anchors = set(_anchors().found(whole))
        if anchors and min(anchors) < _PERSONAL:
            self._spans(result, anchors, treatment)
        self._lists(result, whole, treatment, canaries)
        self._documents(result, whole, anchors, treatment)
        return result

    def _spans(self, result: _Found, anchors: set[int], treatment: Mapping[str, Treatment]) -> None:
        keyed = min(anchors) < _SECRETS and treatment["secret"] != "allow"  # noqa: S105
        wanted = any(treatment[kind] != "allow" for kind in _PERSONAL_KINDS)
        numbers = {anchor - _SECRETS for anchor in anchors if _SECRETS <= anchor < _PERSONAL} if wanted else set()
        for text in dict.fromkeys(result.texts):
            data = text.encode("utf-8", "surrogatepass")
            spans = list(secrets.secrets_in(data)) if keyed else []
            if numbers:
                # Kinds that are let through still take their place, so that a card is never taken for a telephone.
                spans += personal.personal_in(data, numbers)
            kept = [span for span in without_overlaps(spans) if treatment[span.kind] != "allow"]
            if kept:
                result.add(text, kept)

    def _lists(self, result: _Found, whole: bytes, treatment: Mapping[str, Treatment], canaries: bool) -> None:
        for kind, phrases in (("banned", self._banned), ("canary", self._canaries)):
            if treatment[kind] == "allow" or (kind == "canary" and not canaries) or not phrases.spans(whole):
                continue
            for text in dict.fromkeys(result.texts):
                spans = [Span(kind, start, end) for start, end in phrases.spans(text.encode("utf-8", "surrogatepass"))]
                if spans:
                    result.add(text, spans)

    def _documents(self, result: _Found, whole: bytes, anchors: set[int], treatment: Mapping[str, Treatment]) -> None:
        for anchor, kind, judge in _DOCUMENTS:
            if anchor in anchors and treatment[kind] != "allow" and judge(whole):
                _count(result, kind, 1)
        if self._corpora and treatment["corpus"] != "allow":
            prints = fingerprints(" ".join(result.texts))
            _count(result, "corpus", sum(len(prints & known) >= LEAST_SHARED for known in self._corpora.values()))


class _Found:
    """What was found in a list of texts: spans by text, and counts by kind."""

    def __init__(self, found: list[str]) -> None:
        self.texts = found
        self.spans: dict[str, list[Span]] = {}
        self.counts: dict[str, int] = {}

    def add(self, text: str, spans: list[Span]) -> None:
        before = self.spans.get(text)
        self.spans[text] = without_overlaps([*before, *spans]) if before else spans
        times = self.texts.count(text)
        for span in spans:
            _count(self, span.kind, times)


def _deep(found: _Found, treatment: Mapping[str, Treatment], read: Read) -> bool:
    """Add the names that were read. True when some text was not and the call must not go on without."""
    wanted = {kind for kind in DEEP if treatment[kind] != "allow"}
    unread = 0
    for text in dict.fromkeys(found.texts):
        if text not in read:
            unread += bool(text.strip())
            continue
        spans = outside([span for span in read[text] if span.kind in wanted], found.spans.get(text, []))
        if spans:
            found.add(text, spans)
    _count(found, UNREAD, unread)
    return unread > 0 and any(treatment[kind] in ("mask", "block") for kind in wanted)


def _count(found: _Found, kind: str, number: int) -> None:
    if number:
        found.counts[kind] = found.counts.get(kind, 0) + number


def _blocked(found: _Found, treatment: Mapping[str, Treatment]) -> tuple[str, ...]:
    if "block" not in treatment.values():
        return ()
    return tuple(sorted(kind for kind in found.counts if treatment.get(kind) == "block"))


def _masks(found: _Found, treatment: Mapping[str, Treatment]) -> bool:
    return any(treatment.get(kind) == "mask" and kind in LABELS for kind in found.counts)


def _masked(
    text: str, spans: list[Span], treatment: Mapping[str, Treatment], restorer: Restorer, holds_json: bool
) -> str:
    spans = [span for span in spans if treatment[span.kind] == "mask"]
    if not spans:
        return text
    data, parts, end = text.encode("utf-8", "surrogatepass"), [], 0
    for span in spans:
        value = data[span.start : span.end].decode("utf-8", "surrogatepass")
        parts.append(data[end : span.start].decode("utf-8", "surrogatepass"))
        parts.append(restorer.mask(span.kind, unescaped(value) if holds_json else value))
        end = span.end
    return "".join(parts) + data[end:].decode("utf-8", "surrogatepass")


def instructions(prompt: Any) -> str:
    """The system prompt of a request, in any of the dialects."""
    if not isinstance(prompt, dict):
        return ""
    found = [*texts(prompt.get("system")), *texts(prompt.get("instructions"))]
    for name in ("messages", "input"):
        messages = prompt.get(name)
        for message in messages if isinstance(messages, list) else ():
            if isinstance(message, dict) and message.get("role") in ("system", "developer"):
                found += texts(message.get("content"))
    return "\n".join(found)


def leaked(secret: str, answers: Iterable[str]) -> int:
    """1 when an answer repeats a system prompt word for word: two of its excerpts, or all of a short one."""
    secret = " ".join(secret.split())
    if len(secret) < EXCERPT:
        return 0
    step = max(EXCERPT, (len(secret) - EXCERPT) // (EXCERPTS - 1) or 1)
    excerpts = [secret[start : start + EXCERPT] for start in range(0, len(secret) - EXCERPT + 1, step)][:EXCERPTS]
    said = SEPARATOR.join(" ".join(answer.split()) for answer in answers)
    return int(sum(excerpt in said for excerpt in excerpts) >= min(2, len(excerpts)))
