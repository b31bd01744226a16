"""`pilothouse audit`: seal packs, verify one, show them."""

from __future__ import annotations

import json as json_
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.domains.governance.pack import timestamp, verify_pack
from pilothouse.domains.governance.pack.actions import pack_fetch, pack_make, packs_request
from pilothouse.domains.governance.pack.bill.actions import bill_bring
from pilothouse.domains.governance.pack.bill.gathering import bill_of
from pilothouse.domains.governance.pack.bill.writing import written as bill_written
from pilothouse.domains.governance.pack.building import Profile, judged
from pilothouse.domains.governance.pack.gathering import gather
from pilothouse.domains.governance.pack.models import Pack
from pilothouse.domains.governance.pack.rules import gaps
from pilothouse.domains.governance.pack.selectors import high_risk, packs
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number, systems
from pilothouse.web.cli import Json, Org, emit, finish, operator

audit = typer.Typer(help="Audit packs: everything about a system in one file that proves itself.", no_args_is_help=True)
COMMANDS = {"audit": audit}

Ref = Annotated[str, typer.Option("--system", help="A system: S-4 or 4.")]


@audit.command("pack")
def pack_(
    org: Org,
    out: Annotated[Path, typer.Option(help="The folder that the packs are written to.")],
    system: Ref = "",
    all_high_risk: Annotated[bool, typer.Option("--all-high-risk", help="Every system of high risk.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every system there is, gaps and all.")] = False,
    as_of: Annotated[str, typer.Option(help="A moment, such as 2026-11-29 or 2026-11-29T12:00:00Z; now if none.")] = "",
    profile: Annotated[str, typer.Option(help="full, or redacted for third parties.")] = "full",
    purpose: Annotated[str, typer.Option(help="Who asked for it, on which ground.")] = "",
    json: Json = False,
) -> None:
    """Seal the pack of one system, of all of high risk, or of all. Exit code 1 when one cannot be made."""
    actor = operator(org)
    chosen = _chosen(actor, system, all_high_risk, every)
    run = packs_request(
        actor=actor, systems=chosen, as_of=_moment(as_of), profile=_profile(profile), title=purpose or _title(chosen)
    )
    out.mkdir(parents=True, exist_ok=True)
    made: list[dict[str, Any]] = []
    asked = list(Pack.objects.filter(system__in=chosen, as_of=run.as_of, profile=profile).order_by("system__number"))
    for number, pack in enumerate(asked, 1):
        made.append(_make(actor, pack, out, f"[{number}/{len(asked)}] {pack.system.ref}", json))
    emit(made, json)
    finish(1 if any(one["trouble"] and not one["file"] for one in made) else 0)


@audit.command("verify")
def verify(
    pack: Annotated[Path, typer.Argument(help="The ZIP.")],
    key: Annotated[str, typer.Option(help="The verifier key, from a source you trust.")] = "",
    witness: Annotated[Path | None, typer.Option(help="A file with the checkpoints that a witness kept.")] = None,
    authority: Annotated[Path | None, typer.Option(help="The time-stamping authority's root, as PEM.")] = None,
    json: Json = False,
) -> None:
    """Verify a pack. Needs no installation. Exit code 1 when it does not hold."""
    for path in filter(None, (pack, witness, authority)):
        if not path.is_file():
            raise Invalid(f"There is no file {path}.")
    notes = witness.read_text(errors="replace") if witness else ""
    try:
        if witness and not notes.strip():
            raise verify_pack.NotProvenError("The witness's file is empty.")
        with pack.open("rb") as file:
            lines = verify_pack.proven(file, key, notes)
            if authority:
                lines.append(_stamped(verify_pack.Pack(_rewound(file)), authority))
    except (verify_pack.NotProvenError, timestamp.NoTokenError) as error:
        emit({"proven": False, "because": str(error)}, json, f"NOT PROVEN. {error}")
        finish(1)
    emit({"proven": True, "shows": lines}, json, "\n".join(["PROVEN.", *lines]))


@audit.command("gaps")
def gaps_(org: Org, system: Ref, json: Json = False) -> None:
    """What a pack of this system would lack now, with who mends it. Exit code 1 when anything is lacking."""
    actor = operator(org)
    found = system_by_number(actor, _number(system))
    actor.require("pack.fetch", found)
    _, sections = judged(found, clock.now())
    rows = [
        {
            "item": one.item.id,
            "title": one.item.title,
            "state": one.state,
            "because": one.because,
            "mended_by": one.owner or one.role,
        }
        for one in gaps(sections)
    ]
    emit(rows, json)
    finish(1 if rows else 0)


@audit.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show the packs, the newest first."""
    emit([_row(pack) for pack in packs(operator(org))[:200]], json)


@audit.command("bill")
def bill(
    org: Org,
    system: Ref,
    out: Annotated[Path | None, typer.Option(help="The file to write; the screen if none.")] = None,
) -> None:
    """Write the system's bill of materials as it is now: CycloneDX 1.7, with its models, data, agents and tools."""
    actor = operator(org)
    found = system_by_number(actor, _number(system))
    actor.require("pack.fetch", found)
    data = bill_written(bill_of(gather(found, clock.now())))
    if out is None:
        typer.echo(data.decode(), nl=False)
    else:
        out.write_bytes(data)


@audit.command("bring-bill")
def bring_bill(
    file: Annotated[Path, typer.Argument(help="A bill of materials: CycloneDX as JSON, 1.4 to 1.7.")],
    org: Org,
    system: Ref,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and write nothing.")] = False,
    json: Json = False,
) -> None:
    """Say of a system that it uses what a bill of materials names. Nothing is taken away."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    actor = operator(org)
    found = system_by_number(actor, _number(system))
    brought = bill_bring(actor=actor, system=found, data=file.read_bytes(), dry_run=dry_run)
    said = {
        "new": [f"{one.kind} {one.name} {one.version}".strip() for one in brought.new],
        "known": len(brought.known),
        "left": dict(brought.read.left),
    }
    emit(said, json)


def _make(actor: Actor, pack: Pack, out: Path, name: str, quiet: bool) -> dict[str, Any]:
    """Make one pack and write it to the folder; say what is being done as it goes on."""

    def told(step: str) -> None:
        if not quiet:
            typer.echo(f"{name} {step.lower()}", err=True)

    target = ""
    try:
        pack = pack_make(pack, told)
        while pack.state == "working":  # the house's own worker was faster
            time.sleep(0.5)
            pack.refresh_from_db()
        place = out / pack.filename
        shutil.copyfile(pack_fetch(actor=actor, pack=pack), place)
        target = str(place)
    except PilothouseError as error:
        told(f"failed: {error.detail}")
    pack.refresh_from_db()
    return _row(pack) | {"file": target}


def _row(pack: Pack) -> dict[str, Any]:
    return {
        "system": pack.system.ref,
        "as_of": pack.as_of,
        "profile": pack.profile,
        "state": pack.state,
        "complete": pack.complete,
        "gaps": pack.gap_count,
        "items": pack.item_count,
        "seconds": pack.seconds,
        "bytes": pack.size,
        "manifest": pack.manifest,
        "trouble": pack.trouble,
    }


def _chosen(actor: Actor, ref: str, all_high_risk: bool, every: bool) -> list[System]:
    if sum((bool(ref), all_high_risk, every)) != 1:
        raise Invalid("Choose one of --system, --all-high-risk and --all.")
    if ref:
        return [system_by_number(actor, _number(ref))]
    chosen = list(high_risk(actor) if all_high_risk else systems(actor, "pack.seal").order_by("number"))
    if not chosen:
        raise Invalid("There is no system of high risk." if all_high_risk else "There is no system.")
    return chosen


def _title(chosen: list[System]) -> str:
    return chosen[0].ref if len(chosen) == 1 else f"{len(chosen)} systems"


def _number(ref: str) -> int:
    bare = ref.upper().removeprefix("S-")
    if not bare.isdecimal():
        raise Invalid(f"“{ref}” is no system: write S-4 or 4.")
    return int(bare)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” is no moment: write 2026-11-29 or 2026-11-29T12:00:00Z.") from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _profile(text: str) -> Profile:
    if text == "full" or text == "redacted":
        return text  # type: ignore[return-value]
    raise Invalid(f"“{text}” is not a profile: full or redacted.")


def _rewound(file: Any) -> Any:
    file.seek(0)
    return file


def _stamped(pack: verify_pack.Pack, authority: Path) -> str:
    """When the authority saw the checkpoint. Raises NoTokenError."""
    if "seal/timestamp.tsr" not in pack.files:
        raise timestamp.NoTokenError("The pack has no time-stamp of an outside authority.")
    roots = x509.load_pem_x509_certificates(authority.read_bytes())
    note = json_.loads(pack.read("seal/entry.json"))["checkpoint"]
    seen = timestamp.verify_token(pack.read("seal/timestamp.tsr"), note, roots)
    return f"The time-stamping authority saw its checkpoint on {seen}."
