"""Writing what a pack holds: its machine files, from the material and the judged sections. Pure: the same in, the same
bytes out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

from pilothouse.contracts.canonical import plain
from pilothouse.domains.governance.pack import wording
from pilothouse.domains.governance.pack.material import Document, Event, Material, Piece
from pilothouse.domains.governance.pack.rules import Standing, complete, counts, gaps
from pilothouse.domains.governance.pack.sections import Contents, Judged, JudgedSection

_NEUTRAL = ("=", "+", "-", "@", "\t", "\r")


def machine_files(
    material: Material, sections: tuple[JudgedSection, ...], contents: Contents, standing: Standing
) -> dict[str, bytes]:
    """Every file but the ledger's, the evidence and what writers add, by path."""
    places = {f"{each.kind}:{each.id}": document_path(each) for each in material.documents}
    places |= {each.id: evidence_path(each) for each in material.evidence}
    files = {f"sections/{one.section.stem}.json": _section(one, material, places) for one in sections}
    files |= {document_path(one): _document(one, material) for one in material.documents}
    files["index.json"] = _index(material, sections, contents, standing)
    files["gaps.json"] = as_json([_gap(one) for one in gaps(sections)])
    files["evidence/index.json"] = as_json([_piece(one) for one in material.evidence])
    files["series/findings.csv"] = _findings(material)
    files["series/usage.csv"] = _usage(material)
    files["README.txt"] = wording.readme(material, complete(sections), contents.version).encode()
    return files


def as_json(value: Any) -> bytes:
    """JSON for people and programs: sorted, indented, with a line's end."""
    return (json.dumps(plain(value), sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def document_path(one: Document) -> str:
    """Where a document lies. Its id and not its name: a name may be a secret."""
    return f"documents/{one.kind}/{one.id}.json"


def evidence_path(one: Piece) -> str:
    """Where a piece's file lies, empty if it has none."""
    ending = PurePosixPath(one.filename).suffix.lower()
    safe = ending if ending[1:].isalnum() and ending.isascii() and len(ending) <= 8 else ""
    return f"evidence/{one.id}{safe}" if one.path else ""


def _index(material: Material, sections: tuple[JudgedSection, ...], contents: Contents, standing: Standing) -> bytes:
    """The pack in one file: what it is of, what is in it, how each section came out."""
    return as_json(
        {
            "format": "pilothouse-audit-index-1",
            "as_of": material.as_of,
            "profile": material.profile,
            "organisation": material.house,
            "system": {"id": material.system.id, "ref": material.system.ref, "name": material.system.name},
            "judged_by": {
                "version": contents.version,
                "hash": contents.hash,
                "regulation": contents.regulation,
                "confidence": contents.confidence,
            },
            "standing": {
                "roles": sorted(standing.roles),
                "risk_class": standing.risk_class,
                "because": standing.because if material.profile == "full" else "",
            },
            "complete": complete(sections),
            "counts": counts(sections),
            "sections": [
                {
                    "id": one.section.id,
                    "title": one.section.title,
                    "reference": one.section.cite,
                    "file": f"sections/{one.section.stem}.json",
                    "items": [{"id": item.item.id, "state": item.state} for item in one.items],
                }
                for one in sections
            ],
        }
    )


def _section(one: JudgedSection, material: Material, places: Mapping[str, str]) -> bytes:
    more = _MORE.get(one.section.id)
    return as_json(
        {
            "section": {"id": one.section.id, "title": one.section.title, "reference": one.section.cite},
            "as_of": material.as_of,
            "items": [_item(item, places) for item in one.items],
            "data": more(material) if more else {},
        }
    )


def _item(one: Judged, places: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": one.item.id,
        "title": one.item.title,
        "reference": one.item.cite,
        "state": one.state,
        "because": one.because,
        "owner": one.owner,
        "owner_role": one.role,
        "asked_from": one.item.since,
        "law_from": one.item.law_since or one.item.since,
        "sources": [
            {
                "kind": source.kind,
                "id": source.id,
                "label": source.label,
                "state": source.state,
                "because": source.because,
                "since": source.since,
                "until": source.until,
                "digest": source.digest,
                "file": places.get(source.id, ""),
            }
            for source in one.sources
        ],
    }


def _gap(one: Judged) -> dict[str, Any]:
    return {
        "item": one.item.id,
        "title": one.item.title,
        "reference": one.item.cite,
        "state": one.state,
        "because": one.because,
        "owner": one.owner,
        "owner_role": one.role,
    }


def _document(one: Document, material: Material) -> bytes:
    """One version. `document` is exactly what was hashed: canonical JSON of it gives `hash`."""
    hashed = {
        "kind": one.kind,
        "system": material.system.id if one.of_system else None,
        "key": one.key,
        "version": one.version,
        "body": one.body,
    }
    return as_json(
        {
            "title": one.title,
            "state": one.state,
            "sealed_at": one.sealed_at,
            "sealed_by": one.sealed_by,
            "holds_until": one.holds_until,
            "intact": one.intact,
            "hash": one.hash,
            "document": hashed if one.body is not None else None,
        }
    )


def _piece(one: Piece) -> dict[str, Any]:
    told: dict[str, Any] = plain(one)
    del told["path"]
    return told | {"file": evidence_path(one)}


def _events(*kinds: str) -> Callable[[Material], dict[str, Any]]:
    def read(material: Material) -> dict[str, Any]:
        found: list[Event] = [one for kind in kinds for one in material.events_of(kind)]
        return {"events": found}

    return read


def _told(material: Material) -> dict[str, Any]:
    history = material.history
    return {"by_action": dict(history.by_action), "entries": history.of_system, "newest": history.newest}


_MORE: Mapping[int, Callable[[Material], dict[str, Any]]] = {
    0: lambda material: {"system": material.system, "organisation": material.house},
    2: lambda material: {"external_ids": material.system.external_ids},
    4: lambda material: _events("passage", "waiver", "gap")(material) | {"decisions": material.rulings},
    6: lambda material: {"performance": material.system.performance, "usage": material.usage.totals},
    7: lambda material: {"policy": material.policy},
    8: _events("break_glass", "restriction"),
    9: lambda material: {"practices": material.system.practices},
    13: lambda material: _told(material) | {"usage": material.usage},
    14: _events("incident"),
    15: lambda material: _events("manifest", "passage")(material) | {"parts": material.system.parts},
    16: lambda material: {"checks": [one for one in material.findings if one.to_at is None]},
    17: lambda material: {"accesses": material.history.accesses},
    18: lambda material: {
        "origin": material.history.origin,
        "log_size": material.history.size,
        "keys": material.history.keys,
        "witness": material.history.witness,
    },
}


def _findings(material: Material) -> bytes:
    rows = [
        (one.check, one.status, one.grade, plain(one.from_at), plain(one.to_at) or "", one.reason)
        for one in material.findings
    ]
    return as_csv(("check", "status", "grade", "from", "until", "reason"), rows)


def _usage(material: Material) -> bytes:
    currency = material.house.currency
    rows = [(day.isoformat(), row["calls"], row["cost"]) for day, row in material.usage.days]
    return as_csv(("day", "calls", f"cost in millionths of {currency}"), rows)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table whose cells no spreadsheet takes for a formula."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(head)
    table.writerows([_neutral(str(cell)) for cell in row] for row in rows)
    return out.getvalue().encode()


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_NEUTRAL) else cell
