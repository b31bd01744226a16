"""The bill of materials: it validates, reads back without loss, and takes what others write."""

import json
from dataclasses import replace
from datetime import UTC

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Forbidden, Invalid, NotFound
from pilothouse.domains.governance.pack.bill.actions import bill_bring
from pilothouse.domains.governance.pack.bill.gathering import KINDS, bill_of
from pilothouse.domains.governance.pack.bill.reading import MOST_BYTES, read
from pilothouse.domains.governance.pack.bill.values import Bill, Metric, Thing
from pilothouse.domains.governance.pack.bill.writing import written
from pilothouse.domains.governance.pack.gathering import gather
from pilothouse.domains.model_lifecycle.tests.papers import PAPERS as MODELS
from pilothouse.domains.platform.tests.papers import PAPERS as DATA
from pilothouse.kernel import clock
from pilothouse.kernel.imports.tests.files import real
from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40)
names = words.filter(str.strip)
things = st.builds(
    Thing,
    kind=st.sampled_from(KINDS),
    name=names,
    version=words,
    supplier=words,
    licence=words,
    description=words,
    built_on=words,
    card=st.sampled_from(("", "https://example.org/card")),
    facts=st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), words, max_size=4),
)


def as_kept(one: Thing) -> Thing:
    """A vendor supplies, and has no licence, card or facts of its own."""
    return Thing("vendor", one.name, one.version, one.supplier, "", one.description) if one.kind == "vendor" else one


bills = st.builds(
    Bill,
    serial=st.uuids().map(str),
    at=st.datetimes(timezones=st.just(UTC)),
    maker=names,
    ref=st.just("S-4"),
    name=names,
    purpose=words,
    users=words,
    risks=st.lists(names, max_size=3).map(tuple),
    metrics=st.lists(st.builds(Metric, names, names, words), max_size=3).map(tuple),
    things=st.lists(things.map(as_kept), max_size=6).map(
        lambda found: tuple(sorted(found, key=lambda one: KINDS.index(one.kind)))
    ),
)


def validated(data: bytes) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(data.decode()) is None


@given(bills)
def test_what_was_written_reads_back_without_loss_and_is_valid(bill):
    data = written(bill)
    validated(data)
    again = read(data)
    assert again.bill == bill
    assert again.left == {}
    assert written(again.bill) == data


@pytest.mark.parametrize("version", ["1.5", "1.6", "1.7"])
def test_what_others_wrote_is_taken_in(version):
    found = read(real("bom", f"cyclonedx-{version}-valid-machine-learning.json"))
    assert [(one.kind, one.name, one.version) for one in found.bill.things] == [("model", "stable-diffusion", "1.4")]
    assert set(found.left) <= {"components.group"}


def test_a_bill_has_what_the_registers_say(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV ranking", purpose="Rank applicants")
    for kind, name, version in (("model", "Ranker", "2"), ("tool", "Parser", ""), ("vendor", "Kelp Labs", "")):
        part = component_add(actor=caio, kind=kind, name=name, version=version)
        relation_add(actor=caio, system=system, kind="uses", component=part)

    def write(kind, body, of=None):
        record_seal(actor=caio, record=record_draft(actor=caio, system=of, kind=kind, body=body))

    write("model_lifecycle.model", MODELS["model_lifecycle.model"] | {"base": None})
    version = MODELS["model_lifecycle.version"] | {"model": MODELS["model_lifecycle.model"]["name"]}
    write("model_lifecycle.version", version, system)
    write("platform.data_source", DATA["platform.data_source"])
    sources = [DATA["platform.data_source"]["name"]]
    write("platform.data_readiness", DATA["platform.data_readiness"] | {"sources": sources}, system)
    bill = bill_of(gather(system, clock.now()))
    found = {(one.kind, one.name): one for one in bill.things}
    assert set(found) == {
        ("model", "Ranker"),
        ("model", version["model"]),
        ("data_source", sources[0]),
        ("tool", "Parser"),
        ("vendor", "Kelp Labs"),
    }
    model = found["model", version["model"]]
    assert (model.version, model.licence) == (version["version"], MODELS["model_lifecycle.model"]["licence"])
    assert "owner" not in model.facts
    validated(written(bill))
    assert read(written(bill)).bill == bill


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a CycloneDX file"),
        (json.dumps({"bomFormat": "CycloneDX", "specVersion": "0.9"}).encode(), "0.9"),
        (json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": {}}).encode(), "components must be"),
        (
            json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [{"type": "data"}]}).encode(),
            "components[0] has no name",
        ),
        (
            json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.7", "serialNumber": "urn:uuid:x"}).encode(),
            "no UUID",
        ),
        (b" " * (MOST_BYTES + 1), "MB"),
    ],
)
def test_what_cannot_be_read_says_what_and_where(data, words):
    with pytest.raises(Invalid) as caught:
        read(data)
    assert words in caught.value.detail


def test_a_bill_is_brought_in_once(cast):
    alice = cast.actor("alice")
    system = system_create(actor=cast.actor("caio"), name="CV ranking", owner_id=cast.people["alice"].pk)
    bill = Bill("", clock.now(), "Kelp", "x", "X", things=(Thing("model", "Ranker", "2"), Thing("tool", "Parser")))
    data = written(replace(bill, serial="3e671687-395b-41f5-a30f-a58921a69b79"))
    assert len(bill_bring(actor=alice, system=system, data=data, dry_run=True).new) == 2
    assert not system.relations.exists()
    assert [one.name for one in bill_bring(actor=alice, system=system, data=data).new] == ["Ranker", "Parser"]
    again = bill_bring(actor=alice, system=system, data=data)
    assert (again.new, len(again.known), system.relations.count()) == ((), 2, 2)


@pytest.mark.parametrize(("who", "error"), [("auditor", Forbidden), ("charlie", NotFound)])
def test_who_may_not_change_the_system_brings_nothing(cast, who, error):
    system = system_create(actor=cast.actor("caio"), name="CV ranking")
    with pytest.raises(error):
        bill_bring(actor=cast.actor(who), system=system, data=b"{}")


def test_registers_of_the_house_stay_out_unless_the_system_names_them(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV ranking")

    def write(kind, body, of=None):
        record_seal(actor=caio, record=record_draft(actor=caio, system=of, kind=kind, body=body))

    model = MODELS["model_lifecycle.model"] | {"base": None}
    write("model_lifecycle.model", model)
    write("model_lifecycle.model", model | {"name": "Another"})
    write("model_lifecycle.version", MODELS["model_lifecycle.version"] | {"model": model["name"]}, system)
    kept = gather(system, clock.now()).holding("model_lifecycle.model")
    assert [one.key for one in kept] == [model["name"]]
