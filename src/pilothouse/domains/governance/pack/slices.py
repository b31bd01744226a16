"""The system's entries out of the organisation's log, as files with one proof for all of them.

An entry never changes, so full files of entries are kept beside the packs and the next pack of the system reads only
what came since. An erasure makes a file's name another one, so nothing that was erased is read from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache, partial
from json.encoder import encode_basestring
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.db.models import QuerySet

from pilothouse.contracts.canonical import canonical
from pilothouse.contracts.errors import Conflict
from pilothouse.domains.governance.pack.proofs import Tree
from pilothouse.domains.governance.pack.zipped import Blob, blob
from pilothouse.kernel.ledger import keys, notes
from pilothouse.kernel.ledger.log import envelope
from pilothouse.kernel.ledger.models import Content, Entry

CHUNK = 5_000
TREES = 4
_trees: dict[UUID, Tree] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Slice:
    """The entries about one system in a log of `size` entries, as lines of JSON in `files`, with what proves them."""

    origin: str
    size: int
    root: bytes
    checkpoint: str
    count: int
    files: tuple[tuple[str, Blob], ...]
    proof: bytes


_COLUMNS = (
    "seq",
    "at",
    "action",
    "subject_type",
    "subject_id",
    "request_id",
    "commitment",
    "leaf_hash",
    "content__salt",
    "content__body",
)


def tree_of(organisation_id: UUID, size: int) -> Tree:
    """The tree over an organisation's log, of at least `size` leaves; this process keeps the last few and adds to them.

    Raises Conflict when leaves are missing.
    """
    with _lock:
        tree = _trees.pop(organisation_id, None) or Tree([])
        if tree.size < size:
            rows = Entry.objects.filter(organisation=organisation_id, seq__gte=tree.size, seq__lt=size).order_by("seq")
            tree.extend([bytes.fromhex(leaf) for leaf in rows.values_list("leaf_hash", flat=True)])
        if tree.size < size:
            raise Conflict("The ledger does not verify: entries are missing. Run `pilothouse ledger verify`.")
        _trees[organisation_id] = tree
        while len(_trees) > TREES:
            _trees.pop(next(iter(_trees)))
        return tree


def forget_trees() -> None:
    """Read every log anew: for a log that was rewritten, and for tests."""
    with _lock:
        _trees.clear()


def read(organisation_id: UUID, system_id: UUID, size: int, cache: Path, redacted: bool = False) -> Slice:
    """The entries of a system among the first `size` of the log. Raises Conflict when the ledger does not verify.

    `redacted` leaves the contents out: the envelopes name no person, and the proof holds without them.
    """
    tree = tree_of(organisation_id, size)
    mine = Entry.objects.filter(organisation=organisation_id, system_id=system_id, seq__lt=size).order_by("seq")
    seqs = list(mine.values_list("seq", flat=True))
    erased = set(
        Content.objects.filter(entry__organisation=organisation_id, entry__system_id=system_id)
        .exclude(erased_by=None)
        .values_list("entry__seq", flat=True)
    )
    files = []
    for number, start in enumerate(range(0, len(seqs), CHUNK), 1):
        part = seqs[start : start + CHUNK]
        rows = mine.filter(seq__gte=part[0], seq__lte=part[-1])
        kept = _Kept(cache, part, sorted(erased.intersection(part)), redacted)
        make = partial(_lines, organisation_id, system_id, rows, redacted)
        files.append((f"ledger/entries-{number:05d}.jsonl", kept.or_made(make)))
    root = tree.root(0, size)
    origin = notes.origin_of(organisation_id)
    return Slice(
        origin=origin,
        size=size,
        root=root,
        checkpoint=notes.sign(origin, size, root, keys.signing_key()),
        count=len(seqs),
        files=tuple(files),
        proof=canonical({"size": size, "nodes": [node.hex() for node in tree.between(seqs, size)]}),
    )


class _Kept:
    """A full file of entries on this machine. Its name says which entries, which of them are erased, and its hash."""

    def __init__(self, folder: Path, seqs: Sequence[int], erased: Sequence[int], redacted: bool) -> None:
        gone = hashlib.sha256(",".join(map(str, erased)).encode()).hexdigest()[:12] if erased else "whole"
        self._folder, self._full = folder, len(seqs) == CHUNK
        self._span = f"{seqs[0]}-{seqs[-1]}-{'redacted' if redacted else 'full'}"
        self._name = f"{self._span}-{gone}"

    def or_made(self, make: Callable[[], bytes]) -> Blob:
        """The file, read if it is kept and unharmed, else made and kept."""
        for path in self._folder.glob(f"{self._span}-*.jsonl") if self._full else ():
            kept = blob(path.read_bytes())
            if path.name == f"{self._name}-{kept.sha256}.jsonl":
                return kept
            path.unlink(missing_ok=True)
        data = make()
        made = blob(data)
        if self._full:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._folder / f"{self._name}.draft"
            draft.write_bytes(data)
            draft.rename(self._folder / f"{self._name}-{made.sha256}.jsonl")
        return made


def _lines(organisation_id: UUID, system_id: UUID, rows: QuerySet[Entry], redacted: bool) -> bytes:
    return b"".join(_each(organisation_id, system_id, rows, redacted))


def _each(organisation_id: UUID, system_id: UUID, rows: QuerySet[Entry], redacted: bool) -> Iterator[bytes]:
    """A line for each entry. The envelope is written as `ledger.log.envelope` does, ten times as fast, and held against
    the leaf; one that differs is written the long way before anybody is accused."""
    for seq, at, action, kind, subject, request, commitment, leaf, salt, body in rows.values_list(*_COLUMNS):
        first, second, third = _quoted(action, request, kind)
        text = (
            f'{{"action":{first},"at":"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}","commitment":"{commitment}",'
            f'"organisation":"{organisation_id}","request":{second},"seq":{seq},'
            f'"subject":[{third},"{subject}"],"system":"{system_id}","v":1}}'
        ).encode()
        if hashlib.sha256(b"\x00" + text).hexdigest() != leaf:
            text = envelope(rows.get(seq=seq))
            if hashlib.sha256(b"\x00" + text).hexdigest() != leaf:
                raise Conflict(f"Entry {seq} is not what was written. Run `pilothouse ledger verify`.")
        if redacted or not salt:
            yield b'{"envelope":%s}\n' % text
        else:
            yield b'{"body":%s,"envelope":%s,"salt":"%s"}\n' % (encode_basestring(body).encode(), text, salt.encode())


@lru_cache(maxsize=4096)
def _quoted(*words: str) -> tuple[str, ...]:
    return tuple(encode_basestring(word) for word in words)
