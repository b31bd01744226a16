"""Does every agent in production have its limits? Counted by hand."""

from pilothouse.domains.architecture import facts
from pilothouse.domains.architecture.tests.papers import agent, design
from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import domain_answer
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal


def test_the_answer(cast):
    """Of six in production: one has no agent, so five count: 2 controlled, 2 not, of 1 nobody can say."""
    caio = cast.actor("caio")
    made = {name: system_create(actor=caio, name=name) for name in ("a", "b", "shared", "none named", "no agent", "?")}
    System.objects.update(stage="production")
    System.objects.filter(name="?").update(inherited_at=clock.now())
    records_seal(
        actor=caio,
        kind=facts.AGENT,
        bodies=[(made["a"], agent()), (made["b"], agent()), (made["shared"], agent(acts_as="shared"))],
    )
    plans = [(made["none named"], design("agent")), (made["no agent"], design("prompt"))]
    records_seal(actor=caio, kind=facts.DESIGN, bodies=plans)
    evaluate(cast.organisation.pk)
    figure = domain_answer(caio, clock.now(), registry.domains["architecture"]).figure
    assert (figure.numerator, figure.denominator, figure.unknown) == (2, 5, 1)
    assert figure.value == 40
