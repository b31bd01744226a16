"""Building a pack's files and its manifest, from the material to what is sealed. It writes nothing to the database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from pilothouse.contracts.canonical import canonical, plain
from pilothouse.contracts.errors import Conflict
from pilothouse.contracts.merkle import tree_root
from pilothouse.domains.governance.pack import redaction, slices, verify_pack
from pilothouse.domains.governance.pack.files import as_json, evidence_path, machine_files
from pilothouse.domains.governance.pack.gathering import gather
from pilothouse.domains.governance.pack.material import Material
from pilothouse.domains.governance.pack.rules import Standing, complete, counts, judge, standing_of
from pilothouse.domains.governance.pack.sections import Contents, JudgedSection, contents
from pilothouse.domains.governance.pack.writers import written
from pilothouse.domains.governance.pack.zipped import Blob, blob, blobs
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import keys, notes

Profile = Literal["full", "redacted"]
Progress = Callable[[str], None]
VERIFIER = Path(verify_pack.__file__)


@dataclass(frozen=True, slots=True)
class Built:
    """A pack before it is sealed: its files, its manifest, and what came of judging it."""

    material: Material
    sections: tuple[JudgedSection, ...]
    manifest: bytes
    files: tuple[tuple[str, Blob], ...]
    log_size: int

    @property
    def digest(self) -> str:
        """What the ledger keeps: the manifest's hash."""
        return "sha256:" + hashlib.sha256(self.manifest).hexdigest()

    @property
    def complete(self) -> bool:
        return complete(self.sections)

    @property
    def counts(self) -> dict[str, int]:
        return counts(self.sections)


@dataclass(frozen=True, slots=True)
class _Whole:
    """Everything that goes into the files of one profile."""

    material: Material
    sections: tuple[JudgedSection, ...]
    contents: Contents
    standing: Standing


def judged(system: System, as_of: datetime) -> tuple[Material, tuple[JudgedSection, ...]]:
    """What a pack of this moment would say, without making one: for the gaps before sealing."""
    material = gather(system, as_of)
    return material, judge(material, contents(), standing_of(material))


def build(system: System, as_of: datetime, profile: Profile, cache: Path, told: Progress = lambda step: None) -> Built:
    """The pack of a system as of a moment. Raises Conflict when the ledger does not verify."""
    told("Reading")
    material = gather(system, as_of)
    if not material.history.size:
        raise Conflict("The log was still empty then, so nothing can be proved.")
    told("Reading evidence")
    material, evidence = _evidence(material)
    standing = standing_of(material)
    whole = _Whole(material, judge(material, contents(), standing), contents(), standing)
    told("Reading the ledger")
    files = _files(whole, evidence, cache, redacted=False)
    shown = files
    if profile == "redacted":
        told("Redacting")
        bare = replace(
            whole,
            material=redaction.redacted(material),
            sections=redaction.redacted_sections(whole.sections),
        )
        shown = _files(bare, {}, cache, redacted=True)
    told("Sealing")
    manifest = _manifest(whole, profile, files, shown)
    return Built(material, whole.sections, manifest, tuple(sorted(shown.items())), material.history.size)


def _files(whole: _Whole, evidence: dict[str, Blob], cache: Path, *, redacted: bool) -> dict[str, Blob]:
    """Every file of one profile, by path."""
    material = whole.material
    files = {
        path: blob(data)
        for path, data in (
            machine_files(material, whole.sections, whole.contents, whole.standing) | written(material, whole.sections)
        ).items()
    }
    organisation, system = UUID(material.house.id), UUID(material.system.id)
    part = slices.read(organisation, system, material.history.size, cache, redacted)
    files |= dict(part.files)
    files["ledger/proof.json"] = blob(part.proof)
    files["ledger/checkpoint.txt"] = blob(part.checkpoint.encode())
    files["ledger/summary.json"] = blob(as_json({"entries": part.count, "log": part.size, "origin": part.origin}))
    files["verify_pack.py"] = blob(VERIFIER.read_bytes())
    return files | evidence


def _evidence(material: Material) -> tuple[Material, dict[str, Blob]]:
    """The files of evidence, each held against the hash that it was added with. One that is gone or another is told as
    such, counts for nothing and is left out: a gap is listed, and the pack is made."""
    found = iter(blobs([Path(one.path) for one in material.evidence if one.path]))
    pieces, files = [], {}
    for piece in material.evidence:
        one = next(found) if piece.path else None
        if piece.path and (one is None or one.sha256 != piece.sha256):
            pieces.append(replace(piece, standing="changed" if one else "gone", path=""))
            continue
        pieces.append(piece)
        if one is not None:
            files[evidence_path(piece)] = one
    return replace(material, evidence=tuple(pieces)), files


def _manifest(whole: _Whole, profile: Profile, files: dict[str, Blob], shown: dict[str, Blob]) -> bytes:
    """What the ledger's entry binds to. The root is over the files of the full pack, in either profile: each leaf is a
    salted hash, so that what is withheld can be shown later and never guessed."""
    material = whole.material
    salts = _salts(material)
    leaves = {path: leaf(salts(path), one.sha256, path) for path, one in files.items()}
    listed: list[dict[str, Any]] = []
    for path, one in sorted(shown.items()):
        said: dict[str, Any] = {"path": path, "size": one.size, "sha256": one.sha256}
        listed.append(said | ({"salt": salts(path).hex()} if files.get(path) == one else {}))
    open_paths = {one["path"] for one in listed if "salt" in one}
    size, origin = material.history.size, material.history.origin
    return canonical(
        {
            "format": verify_pack.FORMAT,
            "profile": profile,
            "as_of": material.as_of,
            "organisation": {"id": material.house.id, "name": material.house.name},
            "system": {"id": material.system.id, "ref": material.system.ref, "name": material.system.name},
            "complete": complete(whole.sections),
            "counts": counts(whole.sections),
            "files": listed,
            "withheld": [
                {"path": path, "leaf": leaves[path].hex(), "why": _why(path, path in shown)}
                for path in sorted(leaves)
                if path not in open_paths
            ],
            "root": tree_root([leaves[path] for path in sorted(leaves)]).hex(),
            "log": {
                "origin": origin,
                "size": size,
                "root": slices.tree_of(UUID(material.house.id), size).root(0, size).hex(),
            },
            "keys": [notes.verifier_key(origin, keys.signing_key().public_key().public_bytes_raw())],
        }
    )


def leaf(salt: bytes, digest: str, path: str) -> bytes:
    """The leaf of a file: SHA-256 over the byte 00, the salt, the file's hash and its path."""
    return hashlib.sha256(b"\x00" + salt + bytes.fromhex(digest) + path.encode()).digest()


def _why(path: str, part: bool) -> str:
    if path.startswith("evidence/") and not part:
        return "Evidence may hold personal data and trade secrets."
    return "Words, figures and names were removed from it." if part else "It may hold personal data or trade secrets."


def _salts(material: Material) -> Callable[[str], bytes]:
    """A salt for each file: the same whenever the same pack is made, and known to this installation alone."""
    secret = hmac.digest(keys.signing_key().private_bytes_raw(), b"pilothouse pack salts", "sha256")
    about = f"{material.house.id}|{material.system.id}|{plain(material.as_of)}|".encode()
    return lambda path: hmac.digest(secret, about + path.encode(), "sha256")
