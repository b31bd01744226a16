"""Can the audit trail of a high-risk system be produced? Counted by hand."""

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.tests.papers import PAPERS, control, policy
from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import domain_answer
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal

QUESTIONS = ("affects_people", "safety", "personal_data", "acts_alone", "outside_people")
WHOLE = (facts.CLASSIFICATION, facts.OBLIGATION, facts.CONTROL, facts.ATTESTATION)


def test_the_answer(cast):
    """Of four running systems of the high tier 2 have the whole trail, one a control that fails, one nothing; the low
    tier and an idea do not count."""
    caio = cast.actor("caio")
    rows = {"whole": "production", "whole too": "pilot", "fails": "production", "nothing": "production"}
    rows |= {"low": "production", "idea": "idea"}
    made = {name: system_create(actor=caio, name=name) for name in rows}
    for name, stage in rows.items():
        intake = dict.fromkeys(QUESTIONS, "no" if name == "low" else "yes")
        System.objects.filter(name=name).update(stage=stage, intake=intake)
    made = {name: System.objects.get(pk=system.pk) for name, system in made.items()}
    records_seal(actor=caio, kind=facts.POLICY, bodies=[(None, policy())])
    for kind in WHOLE:
        bodies = [(made[name], PAPERS[kind]) for name in ("whole", "whole too", "low", "idea")]
        failed = control(result="fails") if kind == facts.CONTROL else PAPERS[kind]
        records_seal(actor=caio, kind=kind, bodies=[*bodies, (made["fails"], failed)])
    evaluate(cast.organisation.pk)
    figure = domain_answer(caio, clock.now(), registry.domains["governance"]).figure
    assert (figure.numerator, figure.denominator, figure.unknown) == (2, 4, 0)
    assert figure.value == 50
