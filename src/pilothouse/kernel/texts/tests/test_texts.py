"""Stored prompts: who may read them, that the ledger is told, and when they go."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import NotFound
from pilothouse.contracts.policy.texts import (
    BadText,
    Kept,
    Label,
    Piece,
    key_line,
    key_of_line,
    label_of,
    open_text,
    place,
    seal_text,
)
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.base import new_id
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.keys import text_key
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.texts import store
from pilothouse.kernel.texts.actions import stored_text_read, text_read, texts_forget, texts_keep
from pilothouse.kernel.texts.selectors import stored_of
from pilothouse.kernel.texts.ticks import texts_keep_tick


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("alice"), name="Planner", owner_id=cast.people["alice"].pk)


def keep(cast, system, *, days_ago: float = 0, person: str = "") -> str:
    call = str(new_id())
    at = timezone.now() - timedelta(days=days_ago)
    label = Label(
        kind="kept", organisation=str(cast.organisation.pk), call=call, at=at, system=str(system.pk), person=person
    )
    store.write(label, Kept(prompt=(Piece("messages 1 (user)", "Hello"),), answer=(Piece("answer", "Ahoy"),)))
    return call


def test_it_works(cast, system):
    system_policy_save(actor=cast.actor("caio"), system=system, body={"storage": {"on": True, "days": 60}})
    call, legal = keep(cast, system), cast.actor("legal")
    stored = stored_of(legal, call)
    assert (stored.system, stored.until - stored.at) == (system, timedelta(days=60))
    assert text_read(actor=legal, call=call, reason="A complaint.").answer[0].text == "Ahoy"
    entry = Entry.objects.get(action="text.read")
    assert entry.system_id == system.pk
    body = Content.objects.get(entry=entry).body
    assert "A complaint." in body
    assert call in body
    assert "Ahoy" not in body


@pytest.mark.parametrize("who", ["alice", "caio", "ciso", "auditor", "employee", "charlie"])
def test_only_their_own_permission_reads_them(cast, system, who):
    call, actor = keep(cast, system), cast.actor(who)
    assert stored_of(actor, call) is None
    with pytest.raises(NotFound):
        text_read(actor=actor, call=call)
    assert not Entry.objects.filter(action="text.read").exists()


def test_one_role_alone_may_read_texts():
    assert [key for key, (_, may) in ROLES.items() if "text.read" in may] == ["legal"]


def test_a_text_of_another_system_is_not_read(cast, system):
    call = keep(cast, system)
    other = system_create(actor=cast.actor("alice"), name="Other", owner_id=cast.people["alice"].pk)
    with pytest.raises(NotFound):
        stored_text_read(actor=cast.actor("legal"), system=other, call=call, reason="")


@pytest.mark.parametrize("call", ["", "no", "../../keys", "0" * 65, "01a22548-5998-715c-a689-a40c2f30afd3"])
def test_what_is_not_there(cast, call):
    assert stored_of(cast.actor("legal"), call) is None


def test_texts_go_after_their_systems_days(cast, system):
    system_policy_save(actor=cast.actor("caio"), system=system, body={"storage": {"on": True, "days": 5}})
    old, young = keep(cast, system, days_ago=6), keep(cast, system, days_ago=4)
    now = timezone.now()
    assert texts_keep(actor=system_actor(cast.organisation.pk), moment=now) == 1
    assert store.calls(str(cast.organisation.pk), "kept") == {young}
    assert stored_of(cast.actor("legal"), old) is None
    assert texts_keep_tick(now + timedelta(days=1)) == {"removed": 1}


def test_shorter_days_hold_for_what_is_there(cast, system):
    caio = cast.actor("caio")
    system_policy_save(actor=caio, system=system, body={"storage": {"on": True, "days": 60}})
    keep(cast, system, days_ago=20)
    assert texts_keep_tick(timezone.now()) == {"removed": 0}
    system_policy_save(actor=caio, system=system, body={"storage": {"days": 10}})
    assert texts_keep_tick(timezone.now()) == {"removed": 1}


def test_a_person_is_forgotten_unread(cast, system):
    keep(cast, system, person="jane")
    other = keep(cast, system, person="joe")
    assert texts_forget(actor=cast.actor("legal"), person="jane") == 1
    assert store.calls(str(cast.organisation.pk), "kept") == {other}


def test_the_key_is_made_once_and_for_one_organisation(settings):
    first = text_key("0190-harbour")
    assert text_key("0190-harbour") == first != text_key("0190-elsewhere")
    path = settings.HOME / "keys" / "texts" / "0190-harbour"
    assert path.stat().st_mode & 0o077 == 0


LABEL = Label(kind="kept", organisation="0190-harbour", call="0190-call-1", at=timezone.now(), system="s")
WANTED = ("0190-harbour", "kept", "0190-call-1")


@given(st.text(), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, 10_000))
def test_sealing(text: str, key: bytes, other: bytes, where: int):
    content = Kept(prompt=(Piece("input", text),))
    data = seal_text(key, LABEL, content)
    assert label_of(data) == LABEL
    assert open_text(key, data, Kept, WANTED) == (LABEL, content)
    broken = bytearray(data)
    broken[where % len(data)] ^= 1
    for wrong, opener, expected in (
        (bytes(broken), key, WANTED),
        (data[:-1], key, WANTED),
        (data, key, (*WANTED[:2], "0190-call-2")),
        (data, key, ("0190-elsewhere", *WANTED[1:])),
        *([(data, other, WANTED)] if other != key else []),
    ):
        with pytest.raises(BadText):
            open_text(opener, wrong, Kept, expected)  # type: ignore[arg-type]


@given(st.binary())
def test_bytes_that_are_no_text(data: bytes):
    with pytest.raises(BadText):
        open_text(bytes(32), data, Kept, WANTED)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["..", "a/b", "", "ab\x00cdefghij", "0190-é-call"])
def test_no_name_leads_elsewhere(name: str):
    with pytest.raises(BadText):
        place("0190-harbour", "kept", name)
    with pytest.raises(BadText):
        place(name, "kept", "0190-call-1")


@pytest.mark.parametrize("line", ["", "no base64!", key_line(b"short")])
def test_a_key_that_is_none(line: str):
    with pytest.raises(BadText):
        key_of_line(line)


def test_drafts_of_the_dead_are_swept(cast, system):
    import os

    call, organisation = keep(cast, system), str(cast.organisation.pk)
    path = store.path_of(organisation, "kept", call)
    draft = path.with_name(f".{path.name}.0123456789ab")
    draft.write_bytes(b"half")
    os.utime(draft, (1, 1))
    store.sweep(organisation)
    assert not draft.exists()
    assert path.exists()
