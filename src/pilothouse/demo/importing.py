"""Importing a demo organisation's spreadsheet the way its people would."""

from __future__ import annotations

from pilothouse.demo.catalogue import TOLD, Line, spreadsheet
from pilothouse.demo.telling import Teller
from pilothouse.kernel.imports.actions import import_apply, import_preview, mapping_save
from pilothouse.kernel.imports.reading import read_table


def import_lines(tell: Teller, who: str, rows: list[Line], started: dict[str, str]) -> None:
    """`who` imports a spreadsheet of these systems through a mapping that is kept for the next one."""
    actor, data = tell.actor(who), spreadsheet(rows, started)
    table = read_table(data, "units.csv")
    keys = {column.title: column.key for column in table.columns}
    mapping = mapping_save(
        actor=actor,
        name="Unit spreadsheet",
        source=f"{tell.organisation.slug}-units",
        fingerprint=table.fingerprint,
        fields={target: keys[title] for title, target in TOLD.items()},
    )
    name = f"systems-{len(rows)}.csv"
    batch = import_preview(actor=actor, adapter="table", filename=name, data=data, mapping=mapping)
    import_apply(actor=actor, batch=batch)
