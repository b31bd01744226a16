"""Verifying a whole log: every row against its leaf, every leaf against the signed roots, and what a witness kept.

The walk keeps one hash for each entry in memory (about 100 bytes with Python's overhead), and reads rows in one pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from pilothouse.contracts import merkle
from pilothouse.kernel.ledger import guards, keys, notes
from pilothouse.kernel.ledger.actions import ERASED
from pilothouse.kernel.ledger.log import envelope
from pilothouse.kernel.ledger.models import Checkpoint, Entry, Log

SEARCH = 250_000  # hashes tried to tell where a re-ordered row came from, before it is called a changed one


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `kind` is stable: changed_entry, changed_content, missing_entry, reordered_entry,
    extra_entry, log_head, root, checkpoint_signature, checkpoint_text, witness, unguarded. `seq` names the row."""

    kind: str
    detail: str
    seq: int | None = None
    entry: UUID | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """An entry whose content was erased by law, when, and by which entry."""

    seq: int
    entry: UUID
    erased_at: datetime
    by_seq: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found. `root` is hex, of the log as recomputed; empty when rows are missing."""

    organisation: UUID
    size: int
    root: str
    checkpoints: int
    witnessed: int
    erased: tuple[Erasure, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


class _Row(NamedTuple):
    id: UUID
    organisation_id: UUID
    seq: int
    at: datetime
    action: str
    subject_type: str
    subject_id: UUID
    system_id: UUID | None
    request_id: str
    commitment: str
    leaf_hash: str
    content_id: UUID | None
    salt: str | None
    body: str | None
    person_id: UUID | None
    erased_by_id: UUID | None


_COLUMNS = (*_Row._fields[:11], *("content__entry_id", "content__salt", "content__body", "content__person_id"))


@dataclass(slots=True)
class _Walk:
    """One pass over the rows, in order."""

    organisation_id: UUID
    rows: int = 0
    leaves: list[bytes | None] = field(default_factory=list)
    suspects: list[_Row] = field(default_factory=list)
    blanked: list[_Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> None:
        rows = (
            Entry.objects.filter(organisation_id=self.organisation_id)
            .order_by("seq")
            .values_list(*_COLUMNS, "content__erased_by_id")
        )
        for values in rows.iterator(chunk_size=5000):
            self.take(_Row(*values))

    def take(self, row: _Row) -> None:
        self.rows += 1
        self.leaves.extend([None] * (row.seq - len(self.leaves)))
        leaf = merkle.leaf_hash(envelope(row))
        self.leaves.append(leaf)
        if leaf.hex() != row.leaf_hash:
            self.suspects.append(row)
        if row.erased_by_id is not None:
            self.blanked.append(row)
        elif wrong := _wrong_content(row):
            self.problems.append(Problem("changed_content", f"Entry {row.seq}: {wrong}", row.seq, row.id))

    def name_suspects(self, size: int) -> None:
        """Tell rows that moved from rows that changed, put back the leaves that were signed, and name what is gone.

        `size` is how many entries the log's head counts.
        """
        self.leaves.extend([None] * (size - len(self.leaves)))
        for row in self.suspects:
            self.leaves[row.seq] = None
        spots = [seq for seq, leaf in enumerate(self.leaves) if leaf is None]
        signed = {row.leaf_hash for row in self.suspects}
        search = len(spots) * len(self.suspects) <= SEARCH
        changed = []
        for row in self.suspects:
            origin = _origin(row, spots if search else (), signed)
            if origin is None:
                changed.append(row)
            else:
                self.problems.append(_moved(row, origin))
                if origin < len(self.leaves):
                    self.leaves[origin] = merkle.leaf_hash(envelope(row._replace(seq=origin)))
        for row in changed:
            self.problems.append(_changed(row))
            if self.leaves[row.seq] is None:
                self.leaves[row.seq] = _bytes(row.leaf_hash)
        self.problems.extend(_missing(first, end) for first, end in _holes(self.leaves))

    def roots(self, sizes: set[int]) -> dict[int, bytes]:
        """The root at each of these sizes, as far as no row is missing."""
        found: dict[int, bytes] = {}
        frontier: list[bytes] = []
        for size, leaf in enumerate(self.leaves):
            if size in sizes:
                found[size] = merkle.root(frontier)
            if leaf is None:
                return found
            frontier = merkle.extend(frontier, size, leaf)
        found[len(self.leaves)] = merkle.root(frontier)
        return found


def verify(organisation_id: UUID, *, witness_text: str = "") -> Report:
    """Check one organisation's whole log. `witness_text` is what a witness kept: signed notes, one after the other.

    Two reads of the log's head around the walk allow for entries appended while it runs.
    """
    before = Log.objects.filter(organisation_id=organisation_id).first() or Log(organisation_id=organisation_id)
    checkpoints = list(Checkpoint.objects.filter(organisation_id=organisation_id).order_by("size"))
    kept = [n for n in notes.notes_in(witness_text) if n.origin == notes.origin_of(organisation_id)]
    walk = _Walk(organisation_id)
    walk.read()
    after = Log.objects.filter(organisation_id=organisation_id).first() or before
    walk.name_suspects(before.size)
    sizes = {before.size} | {c.size for c in checkpoints} | {n.size for n in kept}
    roots = walk.roots(sizes)
    erased, unexplained = _erasures(organisation_id, walk.blanked)
    trusted = keys.trusted_keys()
    problems = [
        *sorted([*walk.problems, *unexplained], key=lambda p: -1 if p.seq is None else p.seq),
        *_head_problems(before, after, walk, roots),
        *_checkpoint_problems(organisation_id, checkpoints, trusted, roots, len(walk.leaves)),
        *_witness_problems(kept, trusted, roots, len(walk.leaves), {c.size for c in checkpoints}),
        *(
            Problem("unguarded", f"The database no longer refuses changes: trigger {t} is gone.")
            for t in guards.missing()
        ),
    ]
    top = roots.get(len(walk.leaves), b"")
    return Report(organisation_id, walk.rows, top.hex(), len(checkpoints), len(kept), erased, tuple(problems))


def _wrong_content(row: _Row) -> str:
    if row.content_id is None or row.salt is None or row.body is None:
        return "its content was deleted."
    if not row.body and not row.salt:
        return "its content was blanked without an erasure."
    try:
        salted = bytes.fromhex(row.salt) + row.body.encode()
    except ValueError:
        return "its content was changed."
    if hashlib.sha256(salted).hexdigest() != row.commitment:
        return "its content was changed."
    if json.loads(row.body)["actor"]["person"] != (str(row.person_id) if row.person_id else None):
        return "the person it is listed under is not the one in its content."
    return ""


def _erasures(organisation_id: UUID, blanked: Sequence[_Row]) -> tuple[tuple[Erasure, ...], list[Problem]]:
    if not blanked:
        return (), []
    acts = {
        pk: (seq, at, subject)
        for pk, seq, at, subject in Entry.objects.filter(organisation_id=organisation_id, action=ERASED).values_list(
            "pk", "seq", "at", "subject_id"
        )
    }
    erased, problems = [], []
    for row in blanked:
        act = acts.get(row.erased_by_id) if row.erased_by_id else None
        if act is None or act[2] != row.id or act[0] <= row.seq:
            detail = f"Entry {row.seq}: its content was blanked, but the entry named as its erasure is not one."
            problems.append(Problem("changed_content", detail, row.seq, row.id))
        elif row.body or row.salt or row.person_id:
            detail = f"Entry {row.seq}: it is marked as erased but holds content again."
            problems.append(Problem("changed_content", detail, row.seq, row.id))
        else:
            erased.append(Erasure(row.seq, row.id, act[1], act[0]))
    return tuple(erased), problems


def _head_problems(before: Log, after: Log, walk: _Walk, roots: Mapping[int, bytes]) -> Iterator[Problem]:
    found = len(walk.leaves)
    if found > after.size:
        for seq in range(after.size, found):
            yield Problem("extra_entry", f"Entry {seq} lies beyond the log's end ({after.size}).", seq)
    root = roots.get(before.size)
    try:
        head = merkle.root([bytes.fromhex(h) for h in before.frontier])
    except ValueError:
        head = b""
    if root is not None and root != head:
        yield Problem(
            "log_head",
            f"The {before.size} entries do not lead to the root that the log's head holds: rows were rewritten.",
        )


def _checkpoint_problems(
    organisation_id: UUID,
    checkpoints: Sequence[Checkpoint],
    trusted: Sequence[bytes],
    roots: Mapping[int, bytes],
    found: int,
) -> Iterator[Problem]:
    good = 0
    for checkpoint in checkpoints:
        name = f"The checkpoint at {checkpoint.size} entries"
        said = notes.parse(checkpoint.note)
        if said is None or (said.origin, said.size, said.root.hex()) != (
            notes.origin_of(organisation_id),
            checkpoint.size,
            checkpoint.root,
        ):
            yield Problem("checkpoint_text", f"{name} differs from its signed note.", entry=checkpoint.pk)
        elif not said.signed_by(trusted):
            yield Problem("checkpoint_signature", f"{name} is not signed by a key we trust.", entry=checkpoint.pk)
        elif wrong := _disagreement(name, said.size, said.root, roots, found, good):
            yield replace(wrong, entry=checkpoint.pk)
        else:
            good = checkpoint.size


def _witness_problems(
    kept: Sequence[notes.Statement],
    trusted: Sequence[bytes],
    roots: Mapping[int, bytes],
    found: int,
    known: set[int],
) -> Iterator[Problem]:
    good = 0
    for note in sorted(kept, key=lambda n: n.size):
        name = f"The witness's note of {note.size} entries"
        if not note.signed_by(trusted):
            yield Problem("witness", f"{name} is not signed by a key we trust.")
        elif wrong := _disagreement(name, note.size, note.root, roots, found, good):
            yield replace(wrong, kind="witness")
        else:
            good = note.size
            if note.size not in known:
                yield Problem("witness", f"{name} is missing among the checkpoints here: it was deleted.")


def _disagreement(
    name: str, size: int, root: bytes, roots: Mapping[int, bytes], found: int, good: int
) -> Problem | None:
    if size > found:
        return Problem("root", f"{name} covers more than the {found} there are: the newest were deleted.", found)
    if size in roots and roots[size] != root:
        span = f"entry {good}" if size - good == 1 else f"one of the entries {good} to {size - 1}"
        return Problem("root", f"{name} has another root: {span} was rewritten after it was signed.", good)
    return None


def _origin(row: _Row, spots: Iterable[int], signed: set[str]) -> int | None:
    """Where a row that fits no longer was written: beside its place, or at one of the `spots`."""
    for seq in (row.seq + 1, row.seq - 1, *spots):
        digest = merkle.leaf_hash(envelope(row._replace(seq=seq))).hex()
        if seq != row.seq and (digest == row.leaf_hash or digest in signed):
            return seq
    return None


def _holes(leaves: Sequence[bytes | None]) -> Iterator[tuple[int, int]]:
    """The runs of places that no row fills, as (first, end)."""
    holes = [seq for seq, leaf in enumerate(leaves) if leaf is None]
    for _, run in groupby(enumerate(holes), key=lambda pair: pair[1] - pair[0]):
        seqs = [seq for _, seq in run]
        yield seqs[0], seqs[-1] + 1


def _missing(first: int, end: int) -> Problem:
    if end - first == 1:
        return Problem("missing_entry", f"Entry {first} is missing: it was deleted.", first)
    return Problem("missing_entry", f"Entries {first} to {end - 1} are missing: they were deleted.", first)


def _changed(row: _Row) -> Problem:
    return Problem(
        "changed_entry", f"Entry {row.seq} ({row.action}) was changed after it was written.", row.seq, row.id
    )


def _moved(row: _Row, origin: int) -> Problem:
    detail = f"Entry {row.seq} ({row.action}) was written as entry {origin}: the rows were re-ordered."
    return Problem("reordered_entry", detail, row.seq, row.id)


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""
