"""`pilothouse systems`: the register on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import system_by_number, systems_matching
from pilothouse.web.cli import Json, Org, emit, operator
from pilothouse.web.inventory.export import as_csv, as_xlsx

systems_app = typer.Typer(help="Systems: list, show, add, set, export.", no_args_is_help=True)

Where = Annotated[
    str, typer.Option("--where", help="The filters of a list's address, such as 'stage=production&missing=owner'.")
]
Number = Annotated[str, typer.Argument(help="The system's number, such as 42 or S-42.")]
Facts = Annotated[list[str] | None, typer.Argument(help="Facts as field=value, such as purpose='Read mail faster'.")]


@systems_app.command("list")
def list_(org: Org, where: Where = "", json: Json = False) -> None:
    """List systems that answer the filters."""
    found = systems_matching(operator(org), SystemQuery.parse(where))
    emit([row_of(system) for system in found.iterator(chunk_size=500)] if json else [_short(s) for s in found], json)


@systems_app.command("show")
def show(number: Number, org: Org, json: Json = False) -> None:
    """Show everything about one system."""
    emit(row_of(system_by_number(operator(org), _number(number))), json)


@systems_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What people call it.")], org: Org, facts: Facts = None, json: Json = False
) -> None:
    """Add a system, as an idea."""
    actor = operator(org)
    system = system_create(actor=actor, name=name, **_facts(actor, facts))
    emit(
        row_of(system_by_number(actor, system.number)), json, f"{system.ref} {system.name} is in the list, as an idea."
    )


@systems_app.command("set")
def set_(number: Number, org: Org, facts: Facts = None, json: Json = False) -> None:
    """Change facts of a system: field=value; tags are separated by commas; custom:KEY=value and intake:QUESTION=yes."""
    actor = operator(org)
    system = system_by_number(actor, _number(number))
    changes = _facts(actor, facts)
    if not changes:
        raise Invalid("Say what to change, as field=value.")
    changed = system_change(actor=actor, system=system, changes=changes, version=system.version)
    text = f"{changed.ref} is saved." if changed.version != system.version else "Nothing had changed."
    emit(row_of(system_by_number(actor, changed.number)), json, text)


@systems_app.command("export")
def export(
    org: Org,
    to: Annotated[Path, typer.Option("--to", help="A file ending in .csv or .xlsx; - writes CSV to the screen.")],
    where: Where = "",
    json: Json = False,
) -> None:
    """Write exactly the filtered systems, all columns, to a file."""
    actor, query = operator(org), SystemQuery.parse(where)
    count = systems_matching(actor, query).count()
    if str(to) == "-":
        for piece in as_csv(actor, query):
            sys.stdout.write(piece)
        return
    if to.suffix not in (".csv", ".xlsx"):
        raise Invalid("The file's name must end in .csv or .xlsx.", fields={"to": "End it in .csv or .xlsx."})
    try:
        if to.suffix == ".csv":
            with to.open("w", encoding="utf-8", newline="") as out:
                out.writelines(as_csv(actor, query))
        else:
            with as_xlsx(actor, query) as file:
                to.write_bytes(file.read())
    except OSError as error:
        raise Invalid(f"{to} cannot be written: {error.strerror}.", fields={"to": "It cannot be written."}) from None
    emit({"file": str(to), "systems": count}, json, f"{count} systems are in {to}.")


def row_of(system: System) -> dict[str, Any]:
    """A system as the command line shows it: the same names as the API's."""
    people = {key: _name(getattr(system, key)) for key in ("unit", "owner", "deputy")}
    facts = {key: getattr(system, key) for key in FIELDS if not key.endswith("_id")}
    return {
        "number": system.number,
        **facts,
        **people,
        "stage": system.stage,
        "tier": system.tier,
        "control_point": system.control_point,
        "inherited_at": system.inherited_at,
        "version": system.version,
        "changed_at": system.changed_at,
    }


def _short(system: System) -> dict[str, Any]:
    owner, unit = _name(system.owner), _name(system.unit)
    return {
        "number": system.ref,
        "name": system.name[:60],
        "stage": system.stage,
        "tier": system.tier,
        "unit": unit,
        "owner": owner,
    }


def _name(thing: Any) -> str | None:
    return str(thing) if thing else None


def _number(text: str) -> int:
    numbers = SystemQuery.parse({"number": [text]}).number
    if len(numbers) != 1:
        raise Invalid("Name one system, such as 42 or S-42.")
    return numbers[0]


def _facts(actor: Actor, pairs: list[str] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for pair in pairs or []:
        key, equals, value = pair.partition("=")
        if not equals:
            raise Invalid(f"“{pair}” is not of the form field=value.")
        group, _, name = key.partition(":")
        if name and group in ("custom", "intake"):
            facts.setdefault(group, {})[name] = value
        elif f"{key}_id" in FIELDS:
            facts[f"{key}_id"] = _id(actor, key, value)
        else:
            facts[key] = value
    return facts


def _id(actor: Actor, key: str, value: str) -> str:
    """The id of a person named by e-mail or of a unit named by its name; an id stays as it is."""
    if not value:
        return ""
    found: Any = None
    if key == "unit":
        found = Unit.objects.of(actor).filter(name=value).order_by("path").first()
    elif "@" in value:
        found = Person.objects.of(actor).filter(email__iexact=value).first()
    return str(found.pk) if found else value


COMMANDS = {"systems": systems_app}
