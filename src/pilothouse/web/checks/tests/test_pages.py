"""Rulebook, editor, catalogue, gaps and intake, through the front door."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from pilothouse.kernel.checks.actions import rulebook_adopt, rulebook_draft, rulebook_propose
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import practice_state, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.web.checks.forms import SECTIONS

HERE = "/o/harbour/"


@pytest.fixture
def adopted(cast):
    actor = cast.actor("caio")
    rulebook_adopt(actor=actor, base="enterprise")
    system_create(actor=actor, name="=CV summary", purpose="Read faster", owner_id=actor.person_id)
    return actor


@pytest.fixture
def signed_in(client, cast):
    def enter(who):
        client.force_login(cast.people[who].user)
        return client

    return enter


def draft_of(actor):
    return rulebook_draft(actor=actor, body=SHIPPED["enterprise"].body, title="Enterprise")


def form_data(html):
    """What a browser would send of a form: every control with the value it shows."""
    data = {}
    for name, value in re.findall(r'<input type="(?:hidden|text|number)" name="([^"]+)" value="([^"]*)"', html):
        data[name] = value
    for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)"[^>]* checked', html):
        data.setdefault(name, []).append(value)
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        data[name] = chosen.group(1) if chosen else ""
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html, re.S):
        data[name] = value
    for name in re.findall(r'<input type="(?:text|number)" name="([^"]+)"(?! value)', html):
        data.setdefault(name, "")
    return {key: value.replace("&#x27;", "'") if isinstance(value, str) else value for key, value in data.items()}


def test_it_works(adopted, signed_in):
    page = signed_in("auditor").get(f"{HERE}rulebook/").content.decode()
    assert "Could a wrong result cost somebody a job" in page
    assert "Chief information security officer" in page
    assert "Propose a change" not in page


def test_without_a_rulebook_one_is_chosen(cast, signed_in):
    client = signed_in("caio")
    assert "SME light" in client.get(f"{HERE}rulebook/").content.decode()
    client.post(f"{HERE}rulebook/adopt/", {"base": "sme_light"})
    assert active_rulebook(cast.organisation.pk).base == "sme_light"


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_a_part_as_it_is_changes_nothing(adopted, signed_in, section):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/{section}/"
    page = client.get(url).content.decode()
    answer = client.post(url, form_data(page) | {"stay": "1"})
    assert answer.status_code == 302, re.findall(r"field-error.*?</p>", answer.content.decode(), re.S)
    book.refresh_from_db()
    active = active_rulebook(adopted.organisation_id).rules
    assert book.rules.gates.production.signers == active.gates.production.signers
    assert book.rules.questions == active.questions
    assert book.rules.inherited_days == active.inherited_days


def test_an_edit_is_kept_previewed_and_made_active(adopted, signed_in):
    client = signed_in("caio")
    client.post(f"{HERE}rulebook/edit/")
    book = Rulebook.objects.get(state="draft")
    url = f"{HERE}rulebook/drafts/{book.version}/development/"
    data = form_data(client.get(url).content.decode()) | {
        "inventory.vendor-low": "attested",
        "sign-low-1": "Legal and data protection",
    }
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert any(ask.check == "inventory.vendor" and ask.tiers == ("low",) for ask in book.rules.gates.development.asks)
    assert book.rules.gates.development.signers.low[1] == ("legal",)
    review = client.get(f"{HERE}rulebook/drafts/{book.version}/review/").content.decode()
    assert "The development gate now asks the low tier for “Who made it”." in review
    assert "Make it active" in review
    impact = client.get(f"{HERE}rulebook/versions/{book.version}/impact/").content.decode()
    assert "Systems judged" in impact
    client.post(f"{HERE}rulebook/drafts/{book.version}/propose/", {"reason": "We buy a lot", "activate": "1"})
    assert active_rulebook(adopted.organisation_id).version == book.version


def test_a_loosening_is_proposed_and_waits(adopted, signed_in):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/limits/"
    client.post(url, form_data(client.get(url).content.decode()) | {"inherited_high": "60"})
    propose = f"{HERE}rulebook/drafts/{book.version}/propose/"
    answer = client.post(propose, {"reason": " "})
    assert answer.status_code == 422
    assert "Say why." in answer.content.decode()
    client.post(propose, {"reason": "Too short", "activate": "1"})
    book.refresh_from_db()
    assert (book.kind, book.state) == ("loosening", "draft")
    page = client.get(f"{HERE}rulebook/versions/{book.version}/").content.decode()
    assert "It waits for somebody else" in page
    assert "grows from 30 to 60 days" in page
    client.post(f"{HERE}rulebook/versions/{book.version}/activate/")
    assert active_rulebook(adopted.organisation_id).version == 1


def test_wrong_words_are_told_beside_the_field_and_kept(adopted, signed_in):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/production/"
    data = form_data(client.get(url).content.decode()) | {"sign-high-0": "emperor"}
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert "No role is called “emperor”." in answer.content.decode()
    assert 'value="emperor"' in answer.content.decode()


def test_two_writers_of_one_draft_do_not_overwrite_each_other(adopted, signed_in):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/limits/"
    data = form_data(client.get(url).content.decode())
    body = book.body | {"about": "Somebody else was here."}
    rulebook_draft(actor=adopted, body=body, rulebook=book)
    answer = client.post(url, data | {"waiver_days": "10"})
    assert answer.status_code == 422
    assert "Somebody changed this draft meanwhile" in answer.content.decode()
    assert 'value="10"' in answer.content.decode()


def test_a_question_may_be_added_and_taken_away(adopted, signed_in):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/questions/"
    data = form_data(client.get(url).content.decode())
    data |= {
        "q-0-DELETE": "on",
        "q-5-key": "drives",
        "q-5-text": "Does it move a vehicle by itself?",
        "q-5-example": "A truck on the yard: yes.",
        "q-5-yes": "high",
        "q-5-no": "low",
    }
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    keys = [question.key for question in book.rules.questions]
    assert keys == ["safety", "personal_data", "acts_alone", "outside_people", "drives"]


def test_versions_and_their_differences_are_read(adopted, signed_in):
    body = SHIPPED["enterprise"].body.model_dump(mode="json")
    body["waivers"]["max_days"] = 30
    rulebook_propose(actor=adopted, body=body, reason="Shorter")
    client = signed_in("auditor")
    assert "Proposed" in client.get(f"{HERE}rulebook/versions/").content.decode()
    page = client.get(f"{HERE}rulebook/versions/2/").content.decode()
    assert "The longest waiver, in days, falls from 90 to 30." in page
    assert "Withdraw it" not in page
    assert client.get(f"{HERE}rulebook/versions/99/").status_code == 404


def test_a_proposal_is_withdrawn(adopted, signed_in):
    book = draft_of(adopted)
    signed_in("caio").post(f"{HERE}rulebook/versions/{book.version}/withdraw/")
    book.refresh_from_db()
    assert book.state == "withdrawn"


def test_the_catalogue_shows_every_check(adopted, signed_in):
    client = signed_in("auditor")
    page = client.get(f"{HERE}checks/").content.decode()
    assert all(check.title.replace("'", "&#x27;") in page for check in registry.checks.values())
    one = client.get(f"{HERE}checks/inventory.testing/").content.decode()
    assert "Was it tried in circumstances like the real ones" in one
    assert client.get(f"{HERE}checks/inventory.nothing/").status_code == 404


def test_the_list_opens_the_rows_of_a_figure(adopted, signed_in):
    page = signed_in("caio").get(f"{HERE}systems/?finding=inventory.owner:met").content.decode()
    assert "CV summary" in page
    page = signed_in("caio").get(f"{HERE}systems/?finding=inventory.owner:not_met").content.decode()
    assert "CV summary" not in page


def test_gaps_are_listed_filtered_and_exported(adopted, signed_in):
    client = signed_in("auditor")
    page = client.get(f"{HERE}gaps/").content.decode()
    assert "No business outcome is named." in page
    assert "No gap answers this" in client.get(f"{HERE}gaps/?tier=low").content.decode()
    assert "not understood" in client.get(f"{HERE}gaps/?unit=nonsense").content.decode()
    text = b"".join(client.get(f"{HERE}gaps/export.csv?check=inventory.outcome").streaming_content).decode()
    assert text.count("\n") == 2
    assert "'=CV summary" in text
    book = load_workbook(BytesIO(b"".join(client.get(f"{HERE}gaps/export.xlsx").streaming_content)))
    assert book.active["B2"].value == "'=CV summary"


def test_the_gap_list_does_not_ask_more_for_more(adopted, signed_in, django_assert_max_num_queries):
    for n in range(20):
        system_create(actor=adopted, name=f"System {n}")
    client = signed_in("caio")
    with django_assert_max_num_queries(22):
        client.get(f"{HERE}gaps/")


def test_intake_is_answered_on_one_page(adopted, signed_in):
    client = signed_in("caio")
    url = f"{HERE}systems/1/intake/"
    assert "I do not know" in client.get(url).content.decode()
    keys = ("affects_people", "safety", "personal_data", "acts_alone", "outside_people")
    client.post(url, dict.fromkeys(keys, "no"))
    assert System.objects.get().tier == "low"


def test_findings_stand_on_the_systems_page(adopted, signed_in):
    page = signed_in("caio").get(f"{HERE}systems/1/?tab=findings").content.decode()
    assert "No business outcome is named." in page
    assert "/o/harbour/systems/1/edit/#outcome" in page
    assert "Asked later" in page


@pytest.mark.parametrize(
    "path",
    ["rulebook/", "rulebook/versions/", "checks/", "gaps/", "systems/1/intake/", "rulebook/drafts/2/questions/"],
)
def test_outsiders_and_employees_get_nothing(adopted, signed_in, path):
    draft_of(adopted)
    assert signed_in("charlie").get(HERE + path).status_code == 404
    assert signed_in("employee").get(HERE + path).status_code in (403, 404)


def test_who_may_not_propose_edits_nothing(adopted, signed_in):
    book = draft_of(adopted)
    client = signed_in("auditor")
    assert client.post(f"{HERE}rulebook/edit/").status_code == 403
    assert client.get(f"{HERE}rulebook/drafts/{book.version}/limits/").status_code == 403
    assert client.post(f"{HERE}rulebook/drafts/{book.version}/propose/", {"reason": "x"}).status_code == 403


def test_a_draft_is_renamed(adopted, signed_in):
    client = signed_in("caio")
    book = draft_of(adopted)
    url = f"{HERE}rulebook/drafts/{book.version}/name/"
    data = form_data(client.get(url).content.decode()) | {"title": "Harbour rules", "about": "For ships."}
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert (book.title, book.rules.about) == ("Harbour rules", "For ships.")
    assert client.post(url, data | {"title": ""}).status_code == 422


def test_a_claim_below_the_grade_is_answered_with_evidence(adopted, signed_in):
    system = System.objects.get()
    System.objects.update(stage="production")
    practice_state(actor=adopted, system=system, key="testing", status="met")
    page = signed_in("caio").get(f"{HERE}systems/1/?tab=findings").content.decode()
    assert "The rulebook asks for evidence that is documented; this is attested." in page
    assert "/o/harbour/systems/1/evidence/" in page


def test_a_rulebook_changed_past_the_actions_says_so(adopted, signed_in):
    client = signed_in("auditor")
    assert "changed past Pilothouse" not in client.get(f"{HERE}rulebook/").content.decode()
    Rulebook.objects.update(title="Another")
    assert "changed past Pilothouse" in client.get(f"{HERE}rulebook/").content.decode()
