"""A system with something of everything, and its packs."""

from datetime import date

import pytest

from pilothouse.domains.governance.pack.actions import pack_path, pack_seal
from pilothouse.domains.governance.tests.papers import PAPERS
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

CONTROL = "governance.control"
CLASSIFICATION = "governance.risk_classification"
SECRET = "Kelpwood"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.MEDIA_ROOT = settings.HOME / "files"


@pytest.fixture
def write(cast):
    """Seal a document, good and whole, with changes."""

    def seal(system, kind, **changes):
        caio = cast.actor("caio")
        return record_seal(
            actor=caio, record=record_draft(actor=caio, system=system, kind=kind, body=PAPERS[kind] | changes)
        )

    return seal


@pytest.fixture
def system(cast, write):
    caio = cast.actor("caio")
    rulebook_adopt(actor=caio, base="enterprise")
    made = system_create(
        actor=caio,
        name="CV ranking",
        purpose=f"Rank applicants for {SECRET}",
        owner_id=cast.people["alice"].pk,
        contact=f"{SECRET} desk",
    )
    model = component_add(actor=caio, kind="model", name=f"{SECRET} ranker", version="2")
    relation_add(actor=caio, system=made, kind="uses", component=model)
    write(made, CLASSIFICATION, reasons=f"It ranks applicants of {SECRET}.")
    write(made, CONTROL, name=f"{SECRET} control")
    evidence_add(
        actor=cast.actor("alice"),
        system=made,
        title=f"{SECRET} test report",
        filename="report.txt",
        data=f"All tests of {SECRET} passed.".encode(),
        supports=["governance.controls_evidenced"],
        effective_on=date(2026, 1, 1),
    )
    return made


@pytest.fixture
def sealed(cast, system):
    """The bytes of a pack of the system, and the pack."""

    def make(**asked):
        pack = pack_seal(actor=cast.actor("caio"), system=system, **asked)
        return pack_path(pack).read_bytes(), pack

    return make
