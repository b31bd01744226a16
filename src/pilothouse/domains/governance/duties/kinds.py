"""The kinds of document of this room, as the domain's manifest gathers them."""

from __future__ import annotations

from pilothouse.domains.governance.duties.inventories.schemas import ENTRY, TRANSPARENCY, OmbEntry, TransparencyRecord
from pilothouse.domains.governance.duties.schemas import LAW, NOTICE, RULES, ClockLaw, DutyRules, Notice
from pilothouse.kernel.domain import RecordKind

KINDS = (
    RecordKind(
        id=NOTICE,
        title="Notice to an authority",
        schema=Notice,
        why="What is told about an incident, to whom and under which law; sealed before it is sent.",
        many=True,
        plural="Notices to authorities",
        view="duty.view",
        write="duty.manage",
        signers=(("legal", "risk"),),
        stand_ins=("caio",),
    ),
    RecordKind(
        id=RULES,
        title="Rules for clocks and requests",
        schema=DutyRules,
        why="What we are in law, when we are reminded, whether a notice is signed off before it is sent.",
        of_system=False,
        plural="Rules for clocks and requests",
        write="duty.manage",
    ),
    RecordKind(
        id=LAW,
        title="Our edition of the law of clocks",
        schema=ClockLaw,
        why="Rows, days and addressees as our own lawyers read them; it takes the place of the shipped edition.",
        of_system=False,
        plural="Our edition of the law of clocks",
        write="duty.manage",
        signers=(("legal", "risk"),),
        stand_ins=("caio",),
    ),
    RecordKind(
        id=ENTRY,
        title="Entry for the US federal inventory",
        schema=OmbEntry,
        why="What the 2025 inventory of OMB asks beyond what the register holds.",
    ),
    RecordKind(
        id=TRANSPARENCY,
        title="Algorithmic transparency record",
        schema=TransparencyRecord,
        why="What the public is told about the tool, in the two tiers of the UK standard.",
    ),
)
