"""What the checks of every domain say alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.domain import Grade, Status, SystemFacts
from pilothouse.kernel.records.judging import needs, overdue, sealed
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def system(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    return replace(SystemFacts(**(empty | {"id": uuid4(), "number": 1, "tier": "high"})), **changes)


def paper(**body):
    return Sealed(uuid4(), "toys.none", 1, "sha256:0", NOW, None, body)


class TestNeeds:
    @pytest.mark.parametrize("inherited", [False, True])
    @pytest.mark.parametrize(("at", "nothing"), [(None, None), (None, ()), (0, (None, 1)), (1, (1, ()))])
    def test_what_is_absent(self, inherited, at, nothing):
        judge = needs("Nothing is there.", at=at)(lambda *read: pytest.fail("it is judged all the same"))
        finding = judge(system(inherited=inherited), nothing, NOW)
        assert finding.status == (Status.UNKNOWN if inherited else Status.NOT_MET)
        assert (finding.reason, finding.refs) == ("Nothing is there.", ())

    def test_what_is_there_is_judged(self):
        one = paper()
        judge = needs("Nothing is there.", at=1)(lambda about, loaded, now: sealed(Status.MET, "There.", loaded[1]))
        finding = judge(system(), (None, one), NOW)
        assert (finding.status, finding.grade, finding.refs) == (Status.MET, Grade.SEALED, (one.ref,))


class TestOverdue:
    def test_the_first_to_pass_is_told(self):
        late, later, ahead = (paper(review_by=day) for day in ("2026-01-31", "2026-11-22", "2026-11-23"))
        assert overdue([ahead, later, late], NOW) == (late, date(2026, 1, 31))
        assert overdue([ahead, paper(), paper(review_by=None)], NOW) is None

    def test_another_field(self):
        assert overdue([paper(due="2026-11-22")], NOW, "due") is not None
        assert overdue([paper(due="2026-11-22")], NOW) is None

    @given(st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5))
    def test_exactly_when_a_day_has_passed(self, days):
        found = overdue([paper(review_by=day.isoformat()) for day in days], NOW)
        passed = [day for day in days if day < NOW.date()]
        assert (found[1] if found else None) == (min(passed) if passed else None)
