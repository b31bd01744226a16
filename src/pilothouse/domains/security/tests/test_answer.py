"""Has every production system passed an AI-specific security review? Counted by hand, and moved by a signature."""

import pytest

from pilothouse.domains.security.tests.papers import review
from pilothouse.domains.security.tests.test_review import seal, sign
from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import domain_answer
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.checks.selectors import rows_of
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System


def running(cast, name, stage="production", **facts):
    system = system_create(actor=cast.actor("alice"), name=name, owner_id=cast.people["alice"].pk)
    System.objects.filter(pk=system.pk).update(stage=stage, **facts)
    return System.objects.get(pk=system.pk)


def signed(cast, system, **changes):
    decision = record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system, body=review(**changes)))
    return sign(cast, "ciso", decision)


def finding(cast, system):
    rows = rows_of(cast.actor("caio")).filter(to_at=None, check_id="security.review_signed", system=system)
    return rows.values_list("status", flat=True).get()


def test_a_signature_moves_the_finding_at_once(cast):
    system = running(cast, "CV summary")
    decision = record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system))
    assert finding(cast, system) == "in_progress"
    sign(cast, "ciso", decision)
    assert finding(cast, system) == "met"
    seal(cast, system, body=review(remaining="Less than there was before"))
    assert finding(cast, system) == "in_progress"


@pytest.fixture
def fleet(cast):
    """Six in production and two that are not: 2 signed; 1 sealed only, 1 with nothing, 1 run out; 1 found running, of
    which nobody has said anything."""
    signed(cast, running(cast, "Signed"))
    signed(cast, running(cast, "Signed too"))
    seal(cast, running(cast, "Sealed only"))
    running(cast, "Nothing")
    signed(cast, running(cast, "Run out"), valid_until="2020-01-01")
    running(cast, "Found running", inherited_at=clock.now())
    signed(cast, running(cast, "Pilot", "pilot"))
    running(cast, "Idea", "idea")
    evaluate(cast.organisation.pk)
    return cast


def test_the_answer(fleet):
    figure = domain_answer(fleet.actor("caio"), clock.now(), registry.domains["security"]).figure
    assert (figure.numerator, figure.denominator, figure.unknown) == (2, 6, 1)
    assert round(figure.value) == 33


def test_nothing_is_known_where_nothing_runs(cast):
    assert domain_answer(cast.actor("caio"), clock.now(), registry.domains["security"]).figure.value is None
