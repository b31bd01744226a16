"""Events come in exactly once, stay findable through compaction, and go when they should."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Event, encode
from pilothouse.kernel.warehouse import keeping, questions, spool, writer
from pilothouse.kernel.warehouse.asking import months, opened
from pilothouse.kernel.warehouse.questions import Where
from pilothouse.kernel.warehouse.tables import TABLES, rows_of
from pilothouse.kernel.warehouse.tests.events import NOON, ORG, check, feedback, intent, refusal, settlement

ALL = Where()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "spool" / "00").mkdir(parents=True)
    return tmp_path


def write_spool(home: Path, name: str, events: list[Event], rest: bytes = b"") -> Path:
    path = home / "spool" / "00" / name
    path.write_bytes(b"".join(b'{"seq":%d,%s\n' % (n, encode(e)[1:]) for n, e in enumerate(events)) + rest)
    return path


def project(home: Path) -> dict[str, int]:
    return spool.project(home / "spool", home / "warehouse")


def ask(home: Path, question: Any, *args: Any, since: datetime | None = None, until: datetime | None = None) -> Any:
    day = timedelta(days=1)
    with opened(home / "warehouse", ORG, since or NOON - day, until or NOON + day) as warehouse:
        return question(warehouse, *args)


def add(home: Path, batch: str, *events: Event) -> int:
    return writer.append(home / "warehouse", batch, (row for event in events for row in rows_of(event)))


def test_it_works(home: Path) -> None:
    call = settlement(call="c1", findings={"email": 2})
    path = write_spool(
        home, "1.jsonl", [intent(call="c1", id="c1/i"), call, refusal(findings={"secret": 1}), check(), feedback()]
    )
    assert project(home) == {"files": 1, "rows": 6, "unread": 0}
    assert not path.exists()
    row = ask(home, questions.totals, ALL)
    zeros = dict.fromkeys(("cached", "reasoning", "failed", "estimated", "unpriced"), 0)
    assert row == {"calls": 1, "cost": 1500, "input": 100, "output": 20} | zeros
    assert [(r["kind"], r["found"], r["stopped"]) for r in ask(home, questions.findings_by, "system", ALL)] == [
        ("email", 2, 0), ("secret", 1, 1)]  # fmt: skip
    assert ask(home, questions.refusals_by, "code", ALL)[0]["value"] == "budget_exhausted"
    whole = ask(home, questions.call, "c1")
    assert {name: len(rows) for name, rows in whole.items()} == {
        "usage": 1, "refusals": 0, "checks": 0, "findings": 1, "feedback": 0, "reviews": 0}  # fmt: skip
    assert {(r["source"], r["calls"]) for r in ask(home, questions.last_seen)} == {("gateway", 2), ("evaluate", 1)}


def test_nothing_comes_in_twice_when_a_crash_leaves_the_spool_file(home: Path) -> None:
    path = write_spool(home, "1.jsonl", [settlement(), settlement()])
    before = path.read_bytes()
    project(home)
    path.write_bytes(before)
    assert project(home) == {"files": 1, "rows": 0, "unread": 0}
    assert ask(home, questions.totals, ALL)["calls"] == 2


def test_half_a_line_is_put_aside(home: Path) -> None:
    write_spool(home, "1.jsonl", [settlement()], rest=b'{"seq":9,"type":"settle')
    assert project(home)["unread"] == 1
    assert (home / "warehouse/unread/00-1.jsonl").read_bytes() == b'{"seq":9,"type":"settle'
    assert ask(home, questions.totals, ALL)["calls"] == 1


def test_a_file_that_is_being_written_is_left_alone(home: Path) -> None:
    path = write_spool(home, "2.live", [settlement()])
    assert project(home)["files"] == 0
    assert path.exists()


def test_what_happens_just_now_is_read_from_the_spool(home: Path) -> None:
    write_spool(home, "1.jsonl", [settlement(-30), settlement(-1, call="a")])
    write_spool(
        home, "2.live", [intent(-1, call="a", id="a/i"), intent(0, call="b"), settlement(0, organisation="o2")], b"half"
    )
    recent = spool.recent(home / "spool", ORG, NOON - timedelta(minutes=5))
    assert [(type(e).__name__, e.call) for e in recent] == [("Settlement", "a"), ("Intent", "b")]


def test_organisations_and_times_are_kept_apart(home: Path) -> None:
    add(home, "a", settlement(), settlement(organisation="other", id="x"), settlement(-60 * 24 * 40, id="old"))
    assert ask(home, questions.totals, ALL)["calls"] == 1
    assert ask(home, questions.totals, ALL, since=NOON - timedelta(days=60))["calls"] == 2
    assert ask(home, questions.totals, ALL, until=NOON)["calls"] == 0
    assert len(list((home / "warehouse/usage").glob("*/*/*.parquet"))) == 3


def test_an_empty_warehouse_answers_nothing(home: Path) -> None:
    assert ask(home, questions.totals, ALL)["calls"] == 0
    assert ask(home, questions.by, "system", ALL) == []
    assert ask(home, questions.latency, "upstream", ALL) == []
    assert ask(home, questions.last_seen) == []


def test_grouping_and_narrowing(home: Path) -> None:
    add(
        home,
        "a",
        settlement(cost=5),
        settlement(system="s2", cost=7),
        settlement(system="s2", model="m2", status=502, finish="error"),
    )
    assert [(r["value"], r["calls"], r["cost"], r["failed"]) for r in ask(home, questions.by, "system", ALL)] == [
        ("s2", 2, 1507, 1), ("s1", 1, 5, 0)]  # fmt: skip
    assert ask(home, questions.totals, Where({"system": "s2", "model": "m2"}))["calls"] == 1
    assert ask(home, questions.totals, Where(systems=frozenset({"s1"})))["calls"] == 1
    assert ask(home, questions.totals, Where(systems=frozenset()))["calls"] == 0
    with pytest.raises(ValueError, match="narrowed"):
        ask(home, questions.totals, Where({"cost": "1"}))
    with pytest.raises(ValueError, match="grouped"):
        ask(home, questions.by, "id", ALL)


def test_days_are_those_of_the_organisations_clocks(home: Path) -> None:
    add(
        home,
        "a",
        settlement(at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC)),
        settlement(at=datetime(2026, 11, 20, 18, 20, tzinfo=UTC)),
    )
    berlin = ask(home, questions.by_day, ALL, "Europe/Berlin")
    assert {day: row["calls"] for day, row in berlin.items()} == {date(2026, 11, 20): 1, date(2026, 11, 21): 1}
    assert list(ask(home, questions.by_day, ALL, "Asia/Kathmandu")) == [date(2026, 11, 21)]


def test_latency_spending_and_reported_models(home: Path) -> None:
    add(
        home,
        "a",
        *(
            settlement(n, latency_ms=n * 10, ttft_ms=n, model_reported="v1" if n < 5 else "v2", unit="u1")
            for n in range(1, 11)
        ),
    )
    row = ask(home, questions.latency, "upstream", ALL)[0]
    assert (row["calls"], row["p50"], row["failed"]) == (10, 55.0, 0)
    assert [r["model_reported"] for r in ask(home, questions.reported_models, ALL)] == ["v1", "v2"]
    assert ask(home, questions.spent, "unit", ["u1", "u2"]) == {"u1": 15_000}
    assert ask(home, questions.spent, "organisation", []) == {"": 15_000}
    assert ask(home, questions.known_ids, []) == set()
    assert len(ask(home, questions.calls, ALL, 2, 3)) == 3
    assert ask(home, questions.refusals, ALL, "blocked") == []


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6), min_size=1, max_size=9))
@settings(max_examples=15, deadline=None)
def test_compaction_changes_no_answer(tmp_path_factory: Any, batches: list[list[int]]) -> None:
    home = tmp_path_factory.mktemp("w")
    for number, ids in enumerate(batches):
        # An id that comes again in another batch is the same event.
        new = [i for i in ids if all(i not in earlier for earlier in batches[:number])]
        add(home, f"b{number}", *(settlement(i, id=f"e{i}", cost=i) for i in new))
    before = ask(home, questions.totals, ALL)
    keeping.compact(home / "warehouse")
    assert ask(home, questions.totals, ALL) == before
    assert all(len(list(place.glob("*"))) <= keeping.FEW for place in (home / "warehouse/usage").glob("*/*"))


def test_a_crash_in_the_middle_of_compaction_doubles_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        add(home, f"b{number}", settlement(number))
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_clear", lambda place: None)
        keeping.compact(home / "warehouse")
    place = next((home / "warehouse/usage").glob("*/*"))
    assert len(list(place.glob("*.parquet"))) == 7
    assert ask(home, questions.totals, ALL)["calls"] == 6
    keeping.compact(home / "warehouse")
    assert [file.name.startswith("whole-") for file in place.glob("*")] == [True]
    assert ask(home, questions.totals, ALL)["calls"] == 6


def test_a_reader_survives_compaction(home: Path) -> None:
    for number in range(6):
        add(home, f"b{number}", settlement(number))
    with opened(home / "warehouse", ORG, NOON - timedelta(days=1), NOON + timedelta(days=1)) as warehouse:
        warehouse.table("usage")
        keeping.compact(home / "warehouse")
        assert questions.totals(warehouse, ALL)["calls"] == 6


def test_old_rows_are_forgotten(home: Path) -> None:
    add(home, "a", settlement(), settlement(-60 * 24 * 10), settlement(-60 * 24 * 100))
    assert keeping.forget(home / "warehouse", {ORG: 30}, NOON, 400) == 1
    assert keeping.forget(home / "warehouse", {}, NOON, 400) == 0
    assert keeping.forget(home / "warehouse", {ORG: 5}, NOON, 400) == 1
    assert ask(home, questions.totals, ALL, since=NOON - timedelta(days=200))["calls"] == 1


def test_a_person_is_erased_and_the_cost_stays(home: Path) -> None:
    add(
        home,
        "a",
        settlement(person="p1", conversation="k"),
        settlement(person="p2"),
        feedback(person="p1", comment="I am Jane"),
    )
    assert keeping.erase_person(home / "warehouse", ORG, "p1") == 2
    assert keeping.erase_person(home / "warehouse", ORG, "p1") == 0
    assert {(r["value"], r["calls"]) for r in ask(home, questions.by, "person", ALL)} == {("", 1), ("p2", 1)}
    assert not any(b"Jane" in file.read_bytes() for file in (home / "warehouse").rglob("*.parquet"))


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b"])
def test_a_batch_has_a_plain_name(home: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of a batch"):
        writer.append(home, name, [])


def test_an_organisation_is_a_plain_id(home: Path) -> None:
    with pytest.raises(ValueError, match="id of an organisation"):
        add(home, "a", settlement(organisation="../x"))


def test_months_of_a_stretch() -> None:
    assert months(datetime(2025, 11, 30, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)) == [
        "2025-11", "2025-12", "2026-01", "2026-02"]  # fmt: skip


def test_every_column_of_usage_is_filled(home: Path) -> None:
    rows = dict(rows_of(settlement(tokens=Tokens(1, 2, 3, 4, 5), data_classes=("a", "b"), marks=("m",))))
    assert set(rows["usage"]) == set(TABLES["usage"])
    assert rows["usage"]["data_classes"] == "a b"


@given(st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked_for_is_a_value_and_never_a_query(tmp_path_factory: Any, word: str) -> None:
    home = tmp_path_factory.mktemp("w")
    add(home, "a", settlement(model=word), settlement(model=f"{word}x"))
    assert ask(home, questions.totals, Where({"model": word}))["calls"] == int("\x00" not in word)
    assert ask(home, questions.call, word)["usage"] == []
    assert ask(home, questions.refusals, ALL, word) == []


@pytest.mark.parametrize("word", ["' OR 1=1 --", "\\", "a'b", '"', "%", "\n"])
def test_quotes_and_control_characters_are_values_too(home: Path, word: str) -> None:
    add(home, "a", settlement(model=word), settlement(model="other"))
    assert ask(home, questions.totals, Where({"model": word}))["calls"] == 1
