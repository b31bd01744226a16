"""The files themselves: reading, writing and removing. Who may is asked by whoever calls this."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from pilothouse.contracts.policy.texts import (
    FOLDER,
    KINDS,
    MAGIC,
    SUFFIX,
    BadText,
    Content,
    Edited,
    Held,
    Kept,
    Kind,
    Label,
    Outcome,
    digest,
    label_of,
    open_text,
    place,
    seal_text,
)
from pilothouse.kernel.ledger.keys import text_key

C = TypeVar("C", Held, Edited, Outcome, Kept)
KIND_OF: dict[type[Content], Kind] = {Held: "held", Edited: "edited", Outcome: "outcome", Kept: "kept"}
LONGEST_LABEL = 4_096
STALE_SECONDS = 86_400.0  # a draft that old was left by a process that died


def path_of(organisation: str, kind: Kind, call: str) -> Path:
    """Where a text lies or would lie. Raises BadText for what is no plain id."""
    return Path(settings.HOME) / place(organisation, kind, call)


def read(organisation: str, call: str, want: type[C]) -> tuple[Label, C] | None:
    """A text with its label, or None when there is none. Raises BadText for one that does not open."""
    path = path_of(organisation, KIND_OF[want], call)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return open_text(text_key(organisation), data, want, (organisation, KIND_OF[want], call))


def write(label: Label, content: Content) -> str:
    """Seal a text and put it in its place in one step; returns its digest."""
    path = path_of(label.organisation, label.kind, label.call)
    data = seal_text(text_key(label.organisation), label, content)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return digest(data)


def exists(organisation: str, kind: Kind, call: str) -> bool:
    return path_of(organisation, kind, call).exists()


def digest_of(organisation: str, kind: Kind, call: str) -> str:
    """The digest of a text as it lies there; empty when there is none."""
    try:
        return digest(path_of(organisation, kind, call).read_bytes())
    except FileNotFoundError:
        return ""


def remove(organisation: str, call: str, kinds: tuple[Kind, ...]) -> None:
    for kind in kinds:
        path_of(organisation, kind, call).unlink(missing_ok=True)


def calls(organisation: str, kind: Kind) -> set[str]:
    """The calls of which there is a text of this kind."""
    return {path.name.removesuffix(SUFFIX) for path in _files(organisation, kind)}


def labels(organisation: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Label]:
    """What is said of each text in clear."""
    for kind in kinds:
        for path in _files(organisation, kind):
            try:
                yield _label(path)
            except (FileNotFoundError, BadText):
                continue


def organisations() -> list[str]:
    """The organisations that have a folder of texts."""
    folder = Path(settings.HOME) / FOLDER
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def sweep(organisation: str) -> None:
    """Remove drafts of processes that died, and folders that are empty."""
    limit = time.time() - STALE_SECONDS
    for folder in sorted((Path(settings.HOME) / FOLDER / organisation).glob("*/*")):
        for draft in folder.glob(f".*{SUFFIX}.*"):
            if draft.stat().st_mtime < limit:
                draft.unlink(missing_ok=True)
        if folder.stat().st_mtime < limit and not any(folder.iterdir()):
            folder.rmdir()


def _files(organisation: str, kind: Kind) -> Iterator[Path]:
    return (Path(settings.HOME) / FOLDER / organisation / kind).glob(f"*/*{SUFFIX}")


def _label(path: Path) -> Label:
    with path.open("rb") as file:
        return label_of(file.read(len(MAGIC) + LONGEST_LABEL))
