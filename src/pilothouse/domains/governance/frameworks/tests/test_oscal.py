"""OSCAL out and in: valid by an independent library, and nothing is lost on the way round."""

import json
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trestle.oscal.catalog import Model as CatalogModel
from trestle.oscal.component import Model as ComponentModel
from trestle.oscal.mapping import Model as MappingModel

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.documents import CONFIDENCE, Relation, framework_of
from pilothouse.domains.governance.frameworks.exchange import framework_yaml, read_framework
from pilothouse.domains.governance.frameworks.oscal.catalog import catalog_of, framework_from
from pilothouse.domains.governance.frameworks.oscal.component import component_definition_of, controls_from
from pilothouse.domains.governance.frameworks.oscal.mapping import mapping_from, mapping_of

AT = datetime(2026, 11, 29, tzinfo=UTC)
FRAMEWORKS = list(shipped.frameworks().values())

NAMES = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=12).filter(
    lambda name: name[0] not in ".-"
)
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])
LINES = st.text(LETTERS | st.just(" "), min_size=1, max_size=30).map(str.strip).filter(bool)
WORDS = st.text(LETTERS | st.sampled_from(" \n"), max_size=60).map(str.strip)


def requirements(depth):
    fields = {
        "id": NAMES,
        "title": LINES,
        "text": WORDS,
        "label": st.just("") | LINES,
        "cite": st.just("") | LINES,
        "note": WORDS,
        "of": st.sampled_from(["system", "organisation"]),
        "from": st.none() | st.dates().map(str),
        "when": st.lists(st.sampled_from(list(CONDITIONS)), unique=True, max_size=3),
        "confidence": st.sampled_from(list(CONFIDENCE)),
        "by": st.dictionaries(NAMES, st.sampled_from([one.value for one in Relation]), max_size=3),
    }
    if depth:
        fields["requirements"] = st.lists(requirements(depth - 1), max_size=2)
    return st.fixed_dictionaries(fields)


def groups(depth):
    fields = {"id": NAMES, "title": LINES, "requirements": st.lists(requirements(1), max_size=2)}
    if depth:
        fields["groups"] = st.lists(groups(depth - 1), max_size=2)
    return st.fixed_dictionaries(fields)


def told_apart(said):
    """The same with every requirement of another id."""
    count = 0

    def walk(one):
        nonlocal count
        for requirement in one.get("requirements", ()):
            count += 1
            requirement["id"] = f"{requirement['id']}{count}"
            walk(requirement)
        for group in one.get("groups", ()):
            walk(group)

    walk(said)
    return said


DOCUMENTS = st.fixed_dictionaries(
    {
        "id": st.text(string.ascii_lowercase, min_size=1, max_size=8),
        "title": LINES,
        "publisher": st.just("") | LINES,
        "edition": st.just("") | LINES,
        "as_of": st.none() | st.dates().map(str),
        "note": WORDS,
        "groups": st.lists(groups(1), max_size=3),
    }
).map(told_apart)


def test_it_works():
    eu = shipped.frameworks()["eu_ai_act"]
    document = catalog_of(eu, AT)
    assert document == catalog_of(eu, AT)
    assert document["catalog"]["metadata"]["oscal-version"] == "1.2.1"
    assert framework_from(json.loads(json.dumps(document))) == eu


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.id)
def test_what_ships_is_valid_oscal_and_comes_back(framework):
    catalog, mapping = catalog_of(framework, AT), mapping_of(framework, AT)
    CatalogModel.model_validate(catalog)
    MappingModel.model_validate(mapping)
    assert framework_from(catalog) == framework
    bare = framework.model_copy(deep=True)
    for requirement in bare.walk():
        requirement.by = {}
    assert mapping_from(mapping, bare) == framework


def test_controls_are_a_valid_component_definition_and_come_back():
    controls = list(shipped.controls().values())
    document = component_definition_of(controls, FRAMEWORKS, AT)
    ComponentModel.model_validate(document)
    assert controls_from(json.loads(json.dumps(document))) == controls


@settings(max_examples=60)
@given(DOCUMENTS)
def test_any_framework_comes_back_from_oscal_and_yaml(said):
    framework = framework_of(said)
    catalog = json.loads(json.dumps(catalog_of(framework, AT)))
    CatalogModel.model_validate(catalog)
    assert framework_from(catalog) == framework
    assert read_framework("mine.yaml", framework_yaml(framework).encode()) == framework


FOREIGN = {
    "catalog": {
        "uuid": "b954d3b7-d2c7-453b-8eb2-459e8d3b8462",
        "metadata": {
            "title": "A catalog from elsewhere",
            "last-modified": "2024-02-04T23:11:04.000Z",
            "version": "5.1.1",
            "oscal-version": "1.1.2",
            "roles": [{"id": "creator", "title": "Document creator"}],
            "props": [{"name": "keywords", "value": "assurance"}],
        },
        "params": [{"id": "p-1", "label": "how often"}],
        "groups": [
            {
                "id": "ac",
                "class": "family",
                "title": "Access control",
                "props": [{"name": "sort-id", "value": "01"}],
                "controls": [
                    {
                        "id": "ac-1",
                        "class": "SP800-53",
                        "title": "Policy and procedures",
                        "params": [{"id": "ac-1_prm_1", "label": "roles"}],
                        "props": [{"name": "label", "value": "AC-1"}, {"name": "sort-id", "value": "ac-01"}],
                        "links": [{"href": "#ref", "rel": "reference"}],
                        "parts": [
                            {
                                "id": "ac-1_smt",
                                "name": "statement",
                                "parts": [
                                    {"id": "ac-1_smt.a", "name": "item", "prose": "Write it."},
                                    {"id": "ac-1_smt.b", "name": "item", "prose": "Review it."},
                                ],
                            },
                            {"id": "ac-1_gdn", "name": "guidance", "prose": "It helps."},
                        ],
                        "controls": [{"id": "ac-1.1", "title": "An enhancement"}],
                    }
                ],
            }
        ],
        "controls": [{"id": "top-1", "title": "On its own"}],
        "back-matter": {"resources": [{"uuid": "11111111-2222-4333-8444-555555555555", "title": "A book"}]},
    }
}


def test_a_foreign_catalog_keeps_what_is_not_understood():
    found = framework_from(FOREIGN)
    assert (found.id, found.edition) == ("a_catalog_from_elsewhere", "5.1.1")
    assert [one.id for one in found.walk()] == ["ac-1", "ac-1.1", "top-1"]
    first = found.requirement("ac-1")
    assert (first.name, first.text) == ("AC-1", "Write it.\nReview it.")
    again = catalog_of(found, AT)
    CatalogModel.model_validate(again)
    body, theirs = again["catalog"], FOREIGN["catalog"]
    assert body["back-matter"] == theirs["back-matter"]
    assert body["params"] == theirs["params"]
    assert body["metadata"]["roles"] == theirs["metadata"]["roles"]
    control, their_control = body["groups"][0]["controls"][0], theirs["groups"][0]["controls"][0]
    for name in ("class", "params", "links", "parts"):
        assert control[name] == their_control[name]
    assert their_control["props"][1] in control["props"]
    assert framework_from(again) == found


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "catalog"),
        ({"catalog": {"metadata": {"title": "T"}, "groups": {}}}, "catalog.groups"),
        ({"catalog": {"metadata": {"title": "T"}, "groups": [3]}}, "catalog.groups.0"),
        (
            {"catalog": {"metadata": {"title": "T"}, "groups": [{"id": "a", "title": "A", "controls": [[]]}]}},
            "catalog.groups.0.controls.0",
        ),
        (
            {"catalog": {"metadata": {"title": "T"}, "groups": [{"id": "a", "title": "A", "controls": [{"id": "x"}]}]}},
            "groups.0.requirements.0.title",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_path(document, path):
    with pytest.raises(Invalid) as caught:
        framework_from(document)
    assert path in caught.value.fields


def test_a_mapping_that_says_nothing_known_is_refused():
    eu = shipped.frameworks()["eu_ai_act"]
    for document in ({}, {"mapping-collection": {"mappings": [{"maps": [{"relationship": "likes"}]}]}}):
        with pytest.raises(Invalid):
            mapping_from(document, eu)
    with pytest.raises(Invalid):
        mapping_of(framework_of({"id": "a", "title": "A"}), AT)
    with pytest.raises(Invalid):
        controls_from({"component-definition": {"components": [{"title": "Foreign"}]}})
