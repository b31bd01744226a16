"""A model that was added since the sign-off is refused until it is signed; what was approved runs on."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.models import Manifest
from pilothouse.kernel.gates.rules.manifests import manifest_body
from pilothouse.kernel.policy.actions.routing import alias_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.compile import compile_snapshot


def manifest(system: Any, version: int, state: str, *models: tuple[str, str]) -> Manifest:
    body = manifest_body([("model", *one) for one in models], "", {}, {})
    kept: Manifest = Manifest.objects.create(
        organisation=system.organisation,
        system=system,
        version=version,
        state=state,
        body=body,
        hash=f"sha256:{version}",
    )
    return kept


@pytest.fixture
def two(cast: Any, issued: Any) -> Any:
    """The system may call “chat” (m-1) and “large” (m-9)."""
    caio, system = cast.actor("caio"), issued.key.system
    alias_save(actor=caio, name="large", facts={"targets": [{"upstream": "north", "model": "m-9"}]})
    system_policy_save(actor=caio, system=system, body={"models": ["chat", "large"]})
    rulebook_adopt(actor=caio, base="enterprise")
    return system


def permitted(system: Any) -> set[str]:
    organisation = Organisation.objects.get(pk=system.organisation_id)
    return set(compile_snapshot(organisation, now()).systems[str(system.pk)].models)


def test_it_works(two: Any) -> None:
    assert permitted(two) == {"chat", "large"}  # nothing is approved: the rules of the system alone hold
    manifest(two, 1, "approved", ("m-1", ""))
    assert permitted(two) == {"chat", "large"}
    candidate = manifest(two, 2, "candidate", ("m-1", ""), ("m-9", ""))
    assert permitted(two) == {"chat"}
    candidate.state = "refused"
    candidate.save()
    assert permitted(two) == {"chat"}
    Manifest.objects.filter(version=1).update(state="superseded")
    candidate.state = "approved"
    candidate.save()
    assert permitted(two) == {"chat", "large"}


def test_another_version_of_what_is_approved_runs_on(two: Any) -> None:
    manifest(two, 1, "approved", ("m-9", "1"))
    manifest(two, 2, "candidate", ("m-9", "2"))
    assert permitted(two) == {"chat", "large"}
