"""`pilothouse import ADAPTER FILE`: look at a file, or import it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.imports.actions import import_apply, import_preview
from pilothouse.kernel.imports.draft import Reading
from pilothouse.kernel.imports.models import ImportBatch, Mapping, Outcome, outcome_counts
from pilothouse.kernel.imports.plan import Plan
from pilothouse.kernel.imports.selectors import plan_of, sources
from pilothouse.kernel.imports.sources.sync import sync
from pilothouse.web.cli import Json, Org, emit, operator

Adapter = Annotated[str, typer.Argument(help="The kind of file, such as us-federal-2024; `table` takes --mapping.")]
File = Annotated[Path, typer.Argument(help="A CSV, XLSX or JSON file.")]


def import_file(
    adapter: Adapter,
    file: File,
    org: Org,
    mapping: Annotated[str, typer.Option(help="The source name of a kept mapping, for `table`.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Import an inventory: all of the file or nothing. Importing it again changes nothing."""
    actor = operator(org)
    data = _bytes(file)
    kept = _mapping(actor, mapping) if mapping else None
    if dry_run:
        reading, plan = plan_of(actor, adapter=adapter, filename=file.name, data=data, mapping=kept)
        emit(_planned(reading, plan), json, _sentence)
        return
    batch = import_preview(actor=actor, adapter=adapter, filename=file.name, data=data, mapping=kept)
    batch = import_apply(actor=actor, batch=batch)
    emit(_report(batch), json, _sentence)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", fields={"file": str(error.strerror)}) from None


def _mapping(actor: Actor, source: str) -> Mapping:
    found: Mapping | None = Mapping.objects.of(actor).filter(source=source).order_by("-version").first()
    if found is None:
        known = sorted(set(Mapping.objects.of(actor).values_list("source", flat=True)))
        raise NotFound(f"There is no mapping “{source}”. Kept here: {', '.join(known) or 'none'}.")
    return found


def _report(batch: ImportBatch) -> dict[str, Any]:
    refusals = batch.rows.filter(outcome=Outcome.REFUSE).values("line", "column", "reason")
    return {
        "import": batch.pk,
        "rows": sum(batch.counts.values()),
        **outcome_counts(batch.counts),
        **batch.facts,
        "refusals": [{"number": r["line"], "column": r["column"], "reason": r["reason"]} for r in refusals],
        "not_in_file": len(batch.gone),
        "remarks": batch.remarks,
    }


def _planned(reading: Reading, plan: Plan) -> dict[str, Any]:
    return {
        "rows": len(reading.drafts),
        **outcome_counts(plan.counts),
        "stages": reading.counts_of("stage"),
        "impact": reading.counts_of("impact"),
        "units": reading.agencies(),
        "refusals": [
            {"number": draft.line, "column": draft.refusal.column, "reason": draft.refusal.reason}
            for draft in reading.drafts
            if draft.refusal
        ],
        "not_in_file": len(plan.gone),
        "remarks": list(reading.remarks),
        "dry_run": True,
    }


def _sentence(report: dict[str, Any]) -> str:
    would = "would be " if report.get("dry_run") else ""
    lines = [
        f"{report['rows']} rows: {report['created']} {would}created, {report['changed']} changed, "
        f"{report['unchanged']} unchanged, {report['refused']} refused."
    ]
    if report["not_in_file"]:
        lines.append(f"{report['not_in_file']} systems of this source are not in this file; they stay as they are.")
    lines += [f"  row {r['number']}, {r['column']}: {r['reason']}" for r in report["refusals"]]
    return "\n".join([*lines, *report["remarks"]])


sources_app = typer.Typer(help="Scheduled sources: ServiceNow and Jira.")


@sources_app.command("list")
def sources_list(org: Org, json: Json = False) -> None:
    """The sources, and what the last run did."""
    emit(
        [
            {
                "name": s.name,
                "kind": s.kind,
                "rhythm": s.rhythm,
                "asked": s.synced_at,
                "did": s.outcome,
                "fault": s.error,
            }
            for s in sources(operator(org))
        ],
        json,
    )


@sources_app.command("sync")
def sources_sync(name: Annotated[str, typer.Argument(help="The source's name.")], org: Org, json: Json = False) -> None:
    """Ask a source now."""
    actor = operator(org)
    found = sources(actor).filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no source “{name}”.")
    emit(sync(actor, found).outcome, json)


COMMANDS = {"import": import_file, "sources": sources_app}
