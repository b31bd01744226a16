"""`pilothouse frameworks`: list, show, cover, take out and bring in."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.domains.governance.frameworks import actions, shipped
from pilothouse.domains.governance.frameworks.coverage import field_of, overview, overviews
from pilothouse.domains.governance.frameworks.exchange import (
    controls_yaml,
    framework_yaml,
    json_of,
    read_controls,
    read_framework,
    text_of,
)
from pilothouse.domains.governance.frameworks.keeping import keep
from pilothouse.domains.governance.frameworks.library_of import Adopted, adopted, library
from pilothouse.domains.governance.frameworks.oscal.catalog import catalog_of
from pilothouse.domains.governance.frameworks.oscal.component import component_definition_of
from pilothouse.domains.governance.frameworks.oscal.mapping import mapping_from, mapping_of
from pilothouse.domains.governance.frameworks.told import control_section, overview_out, row_out
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.judging import today
from pilothouse.web.cli import Json, Org, emit, finish, operator

app = typer.Typer(help="Frameworks, their controls and how much of them is covered.", no_args_is_help=True)
Key = Annotated[str, typer.Argument(help="The framework's id, such as eu_ai_act.")]


@app.command("list")
def list_(org: Org, json: Json = False) -> None:
    """The adopted frameworks with their figures, then those that ship and can be adopted."""
    found = [overview_out(one) for one in overviews(operator(org), today(clock.now()))]
    having = {one["id"] for one in found}
    others = [
        {"id": key, "title": one.title, "edition": one.edition, "as_of": one.as_of}
        for key, one in shipped.frameworks().items()
        if key not in having
    ]
    if json:
        emit({"adopted": found, "shipped": others}, json)
        return
    emit([_line(one) for one in found], json)
    if others:
        emit("\nTo adopt with `pilothouse frameworks adopt`:", json)
        emit(others, json)


def _line(one: dict[str, Any]) -> dict[str, Any]:
    now = one["now"]
    return {
        "id": one["id"],
        "title": one["title"],
        "covered": None if now["figure"] is None else f"{100 * now['figure']:.0f} %",
        "met": now["met"],
        "asked": now["asked"],
        "stale": now["stale"],
        "missing": now["missing"],
    }


@app.command()
def show(key: Key, org: Org, json: Json = False) -> None:
    """One framework: each requirement with its state and the controls that serve it."""
    actor = operator(org)
    found = overview(actor, field_of(actor, today(clock.now())), _adopted(actor, key))
    rows = [row_out(row) for row in found.rows]
    if json:
        emit(overview_out(found) | {"requirements": rows}, json)
        return
    emit([{name: row[name] for name in ("id", "title", "of", "applies", "state", "controls")} for row in rows], json)


@app.command()
def coverage(
    org: Org,
    system: Annotated[int | None, typer.Option(help="One system's controls and requirements, by its number.")] = None,
    json: Json = False,
) -> None:
    """How much of each framework is covered, or everything about one system. Exits with 1 where there are gaps."""
    actor = operator(org)
    day = today(clock.now())
    if system is None:
        found = [overview_out(one) for one in overviews(actor, day)]
        emit(found if json else [_line(one) for one in found], json)
        finish(1 if any(one["now"]["stale"] + one["now"]["missing"] for one in found) else 0)
    section = control_section(actor, system_by_number(actor, system or 0), day)
    if json:
        emit(section, json)
    else:
        emit([_line(one) for one in section["frameworks"]], json)
        emit("", json)
        emit([{name: one[name] for name in ("id", "title", "state", "because")} for one in section["controls"]], json)
    finish(1 if any(one["now"]["stale"] + one["now"]["missing"] for one in section["frameworks"]) else 0)


@app.command()
def adopt(key: Key, org: Org, json: Json = False) -> None:
    """Adopt a framework that ships with Pilothouse, or its newer edition."""
    row = actions.framework_adopt(actor=operator(org), key=key)
    emit({"id": row.key, "version": row.version, "hash": row.hash}, json)


@app.command("export")
def export_(
    key: Annotated[str, typer.Argument(help="A framework's id, or `controls` for the library of controls.")],
    org: Org,
    form: Annotated[str, typer.Option("--as", help="yaml, catalog or mapping; of controls yaml or oscal.")] = "yaml",
    out: Annotated[Path | None, typer.Option(help="A file; left out: printed.")] = None,
) -> None:
    """Take a framework or the controls out, as YAML or OSCAL JSON."""
    actor = operator(org)
    text = _controls(actor, form) if key == "controls" else _framework(_adopted(actor, key), form)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _framework(found: Adopted, form: str) -> str:
    if form == "yaml":
        return framework_yaml(found.document)
    makers = {"catalog": catalog_of, "mapping": mapping_of}
    if form not in makers:
        raise Invalid(f"“{form}” is no form.", fields={"as": "yaml, catalog or mapping."})
    return _text(makers[form](found.document, found.row.written_at))


def _controls(actor: Actor, form: str) -> str:
    controls = list(library(actor.organisation_id).controls.values())
    if form == "yaml":
        return controls_yaml(controls)
    if form != "oscal":
        raise Invalid(f"“{form}” is no form of controls.", fields={"as": "yaml or oscal."})
    having = adopted(actor.organisation_id)
    when = max((one.row.written_at for one in having), default=clock.now())
    return _text(component_definition_of(controls, [one.document for one in having], when))


def _text(document: Any) -> str:
    return json_.dumps(document, indent=2, ensure_ascii=False) + "\n"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="YAML as exported here, OSCAL JSON, or CSV.")],
    org: Org,
    key: Annotated[str, typer.Option("--id", help="The framework's id, where the file does not say it.")] = "",
    title: Annotated[str, typer.Option(help="Its title, where the file does not say it.")] = "",
    because: Annotated[str, typer.Option(help="Why; it stands in the ledger.")] = "",
    json: Json = False,
) -> None:
    """Bring in a framework, an OSCAL mapping for one that is there (`--id`), or controls."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.", fields={"file": "Name a file."})
    actor, data = operator(org), file.read_bytes()
    text = text_of(data)
    if text.lstrip().startswith("{") and "mapping-collection" in json_of(text):
        document = mapping_from(json_of(text), _adopted(actor, key).document)
    elif text.lstrip().startswith("controls:"):
        emit(_bring_controls(actor, data, because), json)
        return
    else:
        document = read_framework(file.name, data, key, title)
    row = actions.framework_save(actor=actor, framework=document, origin="imported", because=because)
    emit({"id": row.key, "version": row.version, "hash": row.hash}, json)


def _bring_controls(actor: Actor, data: bytes, because: str) -> dict[str, int]:
    """Keep the controls of a file that differ from what is there; how many there were of each."""
    known = library(actor.organisation_id).controls
    changed = [one for one in read_controls(data) if known.get(one.id) != one]
    for one in changed:
        actions.control_save(actor=actor, control=one, because=because)
    return {"changed": len(changed), "unchanged": len(known) - sum(one.id in known for one in changed)}


@app.command()
def judge(org: Org, json: Json = False) -> None:
    """Judge the controls of every system whose line no longer holds, and keep it; the hourly job does the same."""
    emit({"systems": keep(operator(org).organisation_id)}, json)


def _adopted(actor: Actor, key: str) -> Adopted:
    found = next((one for one in adopted(actor.organisation_id) if one.key == key), None)
    if found is None:
        raise NotFound(f"No framework “{key}” is adopted.")
    return found
