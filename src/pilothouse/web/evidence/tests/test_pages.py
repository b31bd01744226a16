import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.actions import system_create

PDF = b"%PDF-1.7 bias test"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


def sign_in(client, cast, who):
    client.force_login(cast.people[who].user)
    return client


def upload(client, cast, system, **more):
    url = reverse("evidence:new", args=("harbour", system.number))
    return client.post(url, {"title": "Bias test", "file": SimpleUploadedFile("test.pdf", PDF)} | more)


def test_it_works(client, cast, system):
    sign_in(client, cast, "alice")
    answer = upload(client, cast, system, supports=["inventory.testing"], expires_on="31 May 2030")
    evidence = Evidence.objects.get()
    assert answer.url == reverse("evidence:detail", args=("harbour", evidence.pk))
    page = client.get(answer.url).content.decode()
    assert "Bias test" in page
    assert "In force" in page
    listed = client.get(reverse("evidence:list", args=("harbour",)), {"show": "current"}).content.decode()
    assert "Bias test" in listed
    tab = client.get(reverse("inventory:detail", args=("harbour", system.number)), {"tab": "evidence"}).content.decode()
    assert "Bias test" in tab


def test_a_file_is_only_ever_downloaded(client, cast, system):
    sign_in(client, cast, "alice")
    upload(client, cast, system)
    answer = client.get(reverse("evidence:file", args=("harbour", Evidence.objects.get().pk)))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")


def test_what_was_typed_stays_when_something_is_wrong(client, cast, system):
    sign_in(client, cast, "alice")
    url = reverse("evidence:new", args=("harbour", system.number))
    answer = client.post(url, {"title": "Bias test", "expires_on": "some day", "url": "javascript:alert(1)"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Bias test"' in page
    assert "Write a day" in page


def test_withdrawing_asks_for_a_reason(client, cast, system):
    sign_in(client, cast, "alice")
    upload(client, cast, system)
    evidence = Evidence.objects.get()
    url = reverse("evidence:withdraw", args=("harbour", evidence.pk))
    client.post(url, {"reason": ""})
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is None
    client.post(url, {"reason": "Another model"})
    evidence.refresh_from_db()
    assert evidence.withdrawn_because == "Another model"


def test_who_may_not_change_the_system_cannot_add(client, cast, system):
    sign_in(client, cast, "employee")
    assert upload(client, cast, system).status_code in (403, 404)
    sign_in(client, cast, "charlie")
    assert upload(client, cast, system).status_code == 404
    assert not Evidence.objects.exists()


def test_the_list_costs_the_same_for_many(client, cast, system, django_assert_max_num_queries):
    sign_in(client, cast, "alice")
    for number in range(12):
        upload(client, cast, system, title=f"Test {number}")
    with django_assert_max_num_queries(25):
        client.get(reverse("evidence:list", args=("harbour",)))


def test_the_command_line_adds_and_lists(cast, system, tmp_path, capsys):
    from pilothouse.web.evidence import cli

    path = tmp_path / "test.pdf"
    path.write_bytes(PDF)
    cli.add(system="S-1", what=str(path), org="harbour", title="", supports=["inventory.testing"], json=True)
    assert json.loads(capsys.readouterr().out)["grade"] == "documented"
    cli.list_(org="harbour", show="current", json=True)
    assert [row["title"] for row in json.loads(capsys.readouterr().out)] == ["test.pdf"]
