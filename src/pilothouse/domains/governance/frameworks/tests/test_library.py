"""The library that ships: it is whole, it names what is there, and it says only what may be said."""

import pytest

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS, About, against, holds
from pilothouse.domains.governance.frameworks.documents import control_of, framework_of, yaml_of
from pilothouse.kernel.domain import registry

DOMAINS = {"STR", "PLA", "SEC", "ARC", "MOD", "OPS", "EXP", "GOV", "TAL", "ECO"}


def test_controls_stand_in_all_ten_domains():
    assert {key.split("-")[0] for key in shipped.controls()} == DOMAINS


@pytest.mark.parametrize("control", shipped.controls().values(), ids=lambda one: one.id)
def test_a_control_names_what_is_there(control):
    assert control.does
    assert control.why
    assert control.checks or control.records or control.shown_by
    assert [check for check in control.checks if check not in registry.checks] == []
    for kind in control.records:
        assert registry.records[kind].of_system is (control.of == "system")


@pytest.mark.parametrize("framework", shipped.frameworks().values(), ids=lambda one: one.id)
def test_a_framework_is_mapped_and_cited(framework):
    for requirement in framework.walk():
        assert requirement.by, f"{requirement.id}: no control serves it"
        assert requirement.cite, requirement.id
        assert requirement.confidence, requirement.id
        assert set(requirement.by) <= set(shipped.controls()), requirement.id


def test_what_is_asked_for_is_there():
    lines = {key: len(list(one.walk())) for key, one in shipped.frameworks().items()}
    assert lines["nist_ai_rmf"] == 72
    assert lines["nist_ai_600_1"] == 12
    assert lines["owasp_llm_2025"] == lines["owasp_agentic_2026"] == 10
    annex = [one.id for one in shipped.frameworks()["iso_42001"].walk() if one.id.startswith("A.")]
    assert len(annex) == 38


def test_the_standard_ships_with_titles_only():
    assert [one.id for one in shipped.frameworks()["iso_42001"].walk() if one.text] == []


def test_what_nobody_stated_applies():
    assert set(holds(About()).values()) == {""}


@pytest.mark.parametrize(
    ("condition", "about"),
    [
        ("affects_people", About(impact="neither")),
        ("personal_data", About(personal_data="none")),
        ("generative", About(technique="gradient boosting")),
        ("agentic", About(technique="language model")),
        ("retrieval", About(technique="time series")),
        ("built", About(sourcing="buy")),
        ("bought", About(sourcing="build")),
        ("running", About(stage="idea")),
        ("high_risk", About(risk_class="limited")),
        ("told", About(risk_class="minimal")),
        ("provider", About(role="deployer")),
        ("deployer", About(role="provider")),
        ("passed_on", About(role="both")),
    ],
)
def test_each_condition_says_why_it_does_not_hold(condition, about):
    assert against([condition], holds(about))


def test_every_condition_is_tried():
    tried = test_each_condition_says_why_it_does_not_hold.pytestmark[0].args[1]
    assert {name for name, _ in tried} == set(CONDITIONS)


def test_a_fault_is_said_with_path_and_line():
    text = (
        "id: mine\ntitle: Mine\ngroups:\n- id: a\n  title: A\n  requirements:\n  - {id: R1, title: One, wen: [built]}\n"
    )
    with pytest.raises(Invalid) as caught:
        framework_of(*yaml_of(text))
    assert list(caught.value.fields) == ["groups.0.requirements.0.wen"]
    assert "(line 7)" in caught.value.fields["groups.0.requirements.0.wen"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: [", "line 1"),
        ("a: &x [1]\nb: *x", "Aliases"),
        ("id: mine\ntitle: M\ngroups: 3", "groups"),
        ("[" * 3000, ""),
    ],
)
def test_what_is_no_framework_is_refused(text, says):
    with pytest.raises(Invalid) as caught:
        framework_of(*yaml_of(text))
    assert says in f"{caught.value.detail} {caught.value.fields}"


def test_two_requirements_of_one_id_are_refused():
    one = {"id": "R1", "title": "One"}
    with pytest.raises(Invalid, match="cannot be taken"):
        framework_of({"id": "mine", "title": "M", "groups": [{"id": "a", "title": "A", "requirements": [one, one]}]})


def test_a_control_of_the_organisation_has_no_checks():
    with pytest.raises(Invalid, match="cannot be taken"):
        control_of({"id": "X", "title": "X", "of": "organisation", "checks": ["inventory.owner"]})
    with pytest.raises(Invalid, match="cannot be taken"):
        control_of({"id": "X", "title": "X", "when": ["on_mondays"]})
