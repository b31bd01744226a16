import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.imports.actions import (
    import_apply,
    import_discard,
    import_preview,
    import_read,
    import_refresh,
    import_upload,
    mapping_save,
    stage_word_set,
)
from pilothouse.kernel.imports.models import ImportBatch, SourceRecord
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.selectors import imports, rows_of, sources_of
from pilothouse.kernel.imports.tests.files import file_2024, row_2024, table_bytes
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import CustomField, DatedFact, Practice, System
from pilothouse.kernel.ledger.models import Entry

KEY = "us-federal-2024"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def look(actor, data, adapter=KEY, **more):
    return import_preview(actor=actor, adapter=adapter, filename="inventory.csv", data=data, **more)


def bring(actor, data, adapter=KEY, **more):
    return import_apply(actor=actor, batch=look(actor, data, adapter, **more))


def counts(batch):
    return [batch.counts[outcome] for outcome in ("create", "change", "leave", "refuse")]


def test_it_works(cast):
    caio = cast.actor("caio")
    batch = bring(
        caio,
        file_2024(
            row_2024(
                purpose_benefits="It answers  mariners.\n\nAt night.",
                date_implemented="7/16/1905",
                contains_pii="Yes",
                impact_type="Rights-Impacting\n",
                impact_assessment="Planned or in-progress.",
                dev_method="Developed in-house.",
            )
        ),
    )
    assert counts(batch) == [1, 0, 0, 0]
    system = System.objects.get()
    assert (system.number, system.name, system.stage, system.impact) == (1, "Harbour chatbot", "production", "rights")
    assert (system.personal_data, system.sourcing) == ("personal", "build")
    assert system.purpose == "It answers mariners.\n\nAt night."
    assert system.inherited_at == batch.applied_at
    assert (system.unit.name, system.unit.parent.name) == ("Pilots, Tugs and Moorings", "Department of Harbours")
    assert system.unit.path == f"{system.unit.parent.path}{system.unit.pk.hex}/"
    told = DatedFact.objects.get(system=system, kind="implemented")
    assert (str(told.value), told.precision, told.raw) == ("2024-01-01", "year", "7/16/1905")
    said = Practice.objects.get(system=system, key="impact_assessment")
    assert (said.status, said.words) == ("in_progress", "Planned or in-progress.")
    assert [e.action for e in Entry.objects.order_by("seq") if "import" in e.action] == [
        "import.previewed",
        "system.imported",
        "import.applied",
    ]


def test_the_raw_row_keeps_every_column_as_it_stood(cast):
    caio = cast.actor("caio")
    batch = bring(caio, file_2024(row_2024(impact_type="Both\n "), version=2))
    record = sources_of(caio, System.objects.get())[0]
    assert record.row.raw["17_impact_type"] == "Both\n "
    assert len(record.row.raw) == len(batch.columns) == 62
    assert record.row.line == 2
    assert [title for _, title in batch.columns].count("If Other, please explain.") > 8
    assert record.mapping_version.startswith("us-federal-2024/1+stages:")


def test_again_nothing_happens_even_when_white_space_moved(cast):
    caio = cast.actor("caio")
    rows = [row_2024(), row_2024(), row_2024(use_case_name="OCR", outputs="text")]
    assert counts(bring(caio, file_2024(*rows))) == [3, 0, 0, 0]
    before = Entry.objects.count()
    rows[2] = row_2024(use_case_name=" OCR ", outputs="text\n")
    assert counts(bring(caio, file_2024(*rows, version=2))) == [0, 0, 3, 0]
    assert Entry.objects.count() == before + 2
    assert System.objects.count() == 3


def test_a_preview_writes_nothing_to_the_register(cast):
    batch = look(cast.actor("caio"), file_2024(row_2024()))
    assert counts(batch) == [1, 0, 0, 0]
    assert not System.objects.exists()
    assert not Unit.objects.exists()


def test_a_changed_row_changes_its_system_and_shows_each_field(cast):
    caio = cast.actor("caio")
    bring(caio, file_2024(row_2024(outputs="text", hisp_support="NO", date_initiated="1/1/2023")))
    data = file_2024(row_2024(outputs="answers", hisp_support="No", dev_stage="Retired"))
    batch = look(caio, data)
    row = batch.rows.get()
    found = {d["key"]: (d["kind"], d["before"], d["after"]) for d in row.differences}
    assert found["outputs"] == ("set", "text", "answers")
    assert found["stage"] == ("set", "production", "retired")
    assert found["24_hisp_support"] == ("file", "NO", "No")
    assert found["date.initiated"][2] is None
    import_apply(actor=caio, batch=batch)
    system = System.objects.get()
    assert (system.outputs, system.stage, system.version) == ("answers", "retired", 2)
    assert not DatedFact.objects.filter(kind="initiated").exists()
    assert Entry.objects.filter(action="system.import_changed", system_id=system.pk).count() == 1
    assert counts(look(caio, data)) == [0, 0, 1, 0]


def test_a_correction_by_hand_is_kept_and_shown(cast):
    caio = cast.actor("caio")
    bring(caio, file_2024(row_2024(outputs="text", purpose_benefits="p")))
    system = System.objects.get()
    system_change(actor=caio, system=system, changes={"outputs": "what we found out"})
    batch = look(caio, file_2024(row_2024(outputs="answers", purpose_benefits="q")))
    kinds = {d["key"]: d["kind"] for d in batch.rows.get().differences}
    assert (kinds["outputs"], kinds["purpose"], batch.rows.get().kept) == ("kept", "set", 1)
    import_apply(actor=caio, batch=batch)
    system.refresh_from_db()
    assert (system.outputs, system.purpose) == ("what we found out", "q")
    again = look(caio, file_2024(row_2024(outputs="answers", purpose_benefits="q")))
    assert counts(again) == [0, 0, 1, 0]
    assert [d["kind"] for d in again.rows.get().differences] == ["kept"]


def test_what_is_no_longer_in_the_file_is_named_and_stays(cast):
    caio = cast.actor("caio")
    bring(caio, file_2024(row_2024(), row_2024(use_case_name="OCR")))
    batch = bring(caio, file_2024(row_2024()))
    gone = System.objects.get(name="OCR")
    assert batch.gone == [str(gone.pk)]
    assert System.objects.count() == 2


def test_a_row_without_a_name_is_refused_with_its_line_and_column(cast):
    batch = bring(cast.actor("caio"), file_2024(row_2024(), row_2024(use_case_name=" "), row_2024(use_case_name="N/A")))
    assert counts(batch) == [1, 0, 0, 2]
    refused = [(row.line, row.column, row.reason) for row in rows_of(batch, show="refuse")]
    assert refused[0] == (3, "2_use_case_name", "The name is blank; a system needs a name.")
    assert refused[1][0] == 4
    assert "N/A" in refused[1][2]


def test_numbers_follow_on_and_units_are_not_made_twice(cast):
    caio = cast.actor("caio")
    bring(caio, file_2024(row_2024()))
    bring(caio, file_2024(row_2024(), row_2024(use_case_name="OCR", agency="department of  HARBOURS")))
    assert sorted(System.objects.values_list("number", flat=True)) == [1, 2]
    assert Unit.objects.filter(parent=None).count() == 1
    assert Unit.objects.count() == 2


def test_applying_twice_changes_nothing(cast):
    caio = cast.actor("caio")
    batch = bring(caio, file_2024(row_2024()))
    before = Entry.objects.count()
    assert import_apply(actor=caio, batch=batch).status == "applied"
    assert (System.objects.count(), Entry.objects.count()) == (1, before)


def test_a_preview_that_no_longer_holds_is_refused_until_it_is_made_anew(cast):
    caio = cast.actor("caio")
    first, second = look(caio, file_2024(row_2024(outputs="a"))), look(caio, file_2024(row_2024(outputs="b")))
    import_apply(actor=caio, batch=first)
    with pytest.raises(Conflict) as refused:
        import_apply(actor=caio, batch=second)
    assert refused.value.code == "preview_outdated"
    fresh = import_refresh(actor=caio, batch=second)
    assert counts(fresh) == [0, 1, 0, 0]
    import_apply(actor=caio, batch=fresh)
    assert System.objects.get().outputs == "b"


def test_a_discarded_import_is_not_applied(cast):
    caio = cast.actor("caio")
    batch = import_discard(actor=caio, batch=look(caio, file_2024(row_2024())))
    with pytest.raises(Conflict):
        import_apply(actor=caio, batch=batch)
    with pytest.raises(Conflict):
        import_discard(actor=caio, batch=batch)


def test_a_fault_in_the_middle_leaves_nothing_behind(cast, monkeypatch):
    caio = cast.actor("caio")
    batch = look(caio, file_2024(row_2024()))
    monkeypatch.setattr("pilothouse.kernel.imports.actions.applying.record_many", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        import_apply(actor=caio, batch=batch)
    assert not System.objects.exists()
    assert ImportBatch.objects.get().status == "previewed"


def test_a_file_that_cannot_be_read_leaves_no_file(cast, tmp_path):
    with pytest.raises(Invalid):
        look(cast.actor("caio"), b"a,b\n1,2")
    assert not ImportBatch.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_only_who_may_import_does(cast):
    for who in ("bob", "auditor", "employee"):
        with pytest.raises(Forbidden):
            look(cast.actor(who), file_2024(row_2024()))
        with pytest.raises(Forbidden):
            imports(cast.actor(who))


def test_the_outsider_sees_nothing(cast):
    batch = look(cast.actor("caio"), file_2024(row_2024()))
    charlie = cast.actor("charlie")
    assert not imports(charlie).exists()
    with pytest.raises(NotFound):
        import_apply(actor=charlie, batch=batch)
    with pytest.raises(NotFound):
        import_discard(actor=charlie, batch=batch)


def test_two_organisations_keep_their_own(cast):
    bring(cast.actor("caio"), file_2024(row_2024()))
    assert counts(bring(cast.actor("charlie"), file_2024(row_2024()))) == [1, 0, 0, 0]
    assert dict(System.objects.values_list("organisation__slug").annotate(Count("id"))) == {
        "harbour": 1,
        "elsewhere": 1,
    }


def test_a_word_for_a_stage_can_be_overruled(cast):
    caio = cast.actor("caio")
    data = file_2024(row_2024(dev_stage="Implementation and Assessment"))
    batch = bring(caio, data)
    assert System.objects.get().stage == "pilot"
    assert "may mean several things" in batch.rows.get().flags[0]
    stage_word_set(actor=caio, word="Implementation and  Assessment", stage="production")
    assert counts(bring(caio, data)) == [0, 1, 0, 0]
    assert System.objects.get().stage == "production"
    with pytest.raises(Invalid):
        stage_word_set(actor=caio, word="x", stage="sailing")
    with pytest.raises(Forbidden):
        stage_word_set(actor=cast.actor("bob"), word="x", stage="idea")


def test_a_file_is_kept_first_and_read_next_in_one_way_or_another(cast):
    caio = cast.actor("caio")
    batch = import_upload(actor=caio, filename="x.csv", data=file_2024(row_2024()))
    assert (batch.status, batch.rows.count()) == ("uploaded", 0)
    with pytest.raises(Conflict, match="not been read"):
        import_apply(actor=caio, batch=batch)
    with pytest.raises(Invalid):
        import_read(actor=caio, batch=batch, adapter="uk-atrs")
    for _ in range(2):
        read = import_read(actor=caio, batch=batch, adapter=KEY)
        assert (read.status, read.rows.count()) == ("previewed", 1)
    import_apply(actor=caio, batch=read)
    with pytest.raises(Conflict):
        import_read(actor=caio, batch=read, adapter=KEY)
    with pytest.raises(Forbidden):
        import_upload(actor=cast.actor("auditor"), filename="x.csv", data=file_2024(row_2024()))
    with pytest.raises(NotFound):
        import_read(actor=cast.actor("charlie"), batch=batch, adapter=KEY)


TABLE = table_bytes(
    {"System": "Router", "Team": "Ops, North", "Owner": "bob@harbour.example", "Go live": "3/4/2025", "Old?": "x"},
    {"System": "Sorter", "Team": "Ops, North", "Owner": "nobody@example.org", "Go live": "TBD", "Old?": "y"},
)


def mapping(actor, **more):
    fields = {"name": "system", "unit": "team", "owner": "owner", "date.implemented": "go live"}
    options = {"day_first": True}
    given = {"name": "Ours", "source": "ours", "fields": fields, "options": options, **more}
    return mapping_save(actor=actor, fingerprint=read_table(TABLE).fingerprint, **given)


def test_any_table_through_a_mapping(cast):
    caio = cast.actor("caio")
    kept = mapping(caio)
    batch = bring(caio, TABLE, "table", mapping=kept)
    router, sorter = System.objects.order_by("number")
    assert (router.owner, router.unit.name) == (cast.people["bob"], "Ops, North")
    assert str(router.dates.get().value) == "2025-04-03"
    assert sorter.owner is None
    assert "Nobody here has the address" in batch.rows.get(line=3).flags[0]
    assert batch.rows.get(line=2).raw["old?"] == "x"
    assert counts(bring(caio, TABLE, "table", mapping=kept)) == [0, 0, 2, 0]


def test_custom_fields_and_tags_are_held_to_their_kinds(cast):
    caio = cast.actor("caio")
    CustomField.objects.create(organisation=cast.organisation, key="floor", title="Floor", kind="number")
    data = table_bytes(
        {"System": "Router", "Floor": "3", "Tags": "Mail, Post"}, {"System": "Sorter", "Floor": "top", "Tags": '"'}
    )
    kept = mapping(caio, fields={"name": "system", "custom.floor": "floor", "tags": "tags"})
    batch = bring(caio, data, "table", mapping=kept)
    router, sorter = System.objects.order_by("number")
    assert (router.custom, router.tags) == ({"floor": "3"}, ["mail", "post"])
    assert (sorter.custom, sorter.tags) == ({}, [])
    assert any("“top” is not a number" in flag for flag in batch.rows.get(line=3).flags)
    assert any("tags stay with the row" in flag for flag in batch.rows.get(line=3).flags)
    assert counts(bring(caio, data, "table", mapping=kept)) == [0, 0, 2, 0]


def test_a_mapping_has_versions(cast):
    caio = cast.actor("caio")
    assert mapping(caio).version == mapping(caio).version == 1
    changed = mapping(caio, fields={"name": "system"})
    assert changed.version == 2
    batch = bring(caio, TABLE, "table", mapping=changed)
    assert SourceRecord.objects.first().mapping_version.startswith("ours/2+")
    assert batch.mapping == changed


def test_a_mapping_needs_a_name_and_a_name_column(cast):
    with pytest.raises(Invalid) as refused:
        mapping(cast.actor("caio"), fields={"unit": "team"})
    assert "fields" in refused.value.fields
    with pytest.raises(Invalid):
        mapping(cast.actor("caio"), name=" ")
    with pytest.raises(Forbidden):
        mapping(cast.actor("auditor"))


def test_a_mapping_for_other_columns_is_refused(cast):
    caio = cast.actor("caio")
    kept = mapping(caio)
    with pytest.raises(Invalid, match="does not have"):
        look(caio, table_bytes({"System": "a", "Else": "b"}), "table", mapping=kept)
    with pytest.raises(Invalid, match="needs a mapping"):
        look(caio, TABLE, "table")


def queries_of(actor, rows):
    """How many queries it takes to import `rows` new rows, then the same rows changed."""
    names = [f"{rows} rows: {n}" for n in range(rows)]
    with CaptureQueriesContext(connection) as context:
        bring(actor, file_2024(*(row_2024(use_case_name=name, date_retired="2024") for name in names)))
        bring(actor, file_2024(*(row_2024(use_case_name=name, outputs="x", opt_out="No") for name in names)))
    return len(context)


def test_the_number_of_queries_does_not_grow_with_the_rows(cast):
    caio = cast.actor("caio")
    queries_of(caio, 2)
    # Two imports of 50 rows more; only the batches grow, and SQLite's hold about thirty rows of a wide table.
    assert queries_of(caio, 60) - queries_of(caio, 10) < 25
