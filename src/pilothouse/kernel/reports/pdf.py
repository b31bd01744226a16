"""A PDF from a typst template and data. The same template, data and moment give the same bytes on one machine.

The template reads its data with `json(bytes(sys.inputs.data))`: what people wrote arrives as data and is never read as
markup. It can read no other file and fetches nothing. Its typefaces lie here; for letters that these lack (such as
Japanese ones) those of the machine stand in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from pilothouse.contracts.canonical import canonical

FONTS = Path(__file__).parent / "fonts"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[FONTS])


def pdf(template: Path, data: Any, *, at: datetime) -> bytes:
    """The PDF of `data` (JSON's types, and those that `canonical` knows), dated `at` (aware).

    It is tagged and archivable (PDF/A-2a), unless no typeface here has one of its letters, which that standard does not
    forgive: then it is a tagged PDF with a box in that letter's place. Raises typst.TypstError when the template cannot
    be set: that is a fault of ours, never of the data.
    """
    compiler = typst.Compiler(template, root=template.parent, font_paths=_fonts())
    options: dict[str, Any] = {
        "sys_inputs": {"data": canonical(data).decode()},
        "timestamp": int(at.astimezone(UTC).timestamp()),
    }
    try:
        made = compiler.compile(format="pdf", pdf_standards=["a-2a"], **options)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        made = compiler.compile(format="pdf", **options)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made
