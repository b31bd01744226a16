"""Marked documents."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.fingerprints import fingerprints, unpack
from pilothouse.kernel.ledger.models import Content
from pilothouse.kernel.policy import publish
from pilothouse.kernel.policy.actions import marking
from pilothouse.kernel.policy.actions.marking import document_mark, document_unmark
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.models import MarkedDocument, SnapshotRevision
from pilothouse.kernel.policy.selectors import marked_documents, policy_now

TEXT = " ".join(f"clause{number} of the merger with the northern pilots" for number in range(40))


def test_it_works(cast: Any, issued: Any) -> None:
    caio = cast.actor("caio")
    document = document_mark(actor=caio, title="Merger", data=TEXT.encode())
    corpora = policy_now(cast.organisation)[0].corpora
    assert unpack(corpora[str(document.pk)]) == fingerprints(TEXT)
    assert "clause7" not in "".join(Content.objects.values_list("body", flat=True))
    assert "clause7" not in str(MarkedDocument.objects.values().get())
    published = publish.publish(cast.organisation.pk)
    assert published.snapshot.corpora
    assert "corpora" not in SnapshotRevision.objects.get().body
    system_policy_save(actor=caio, system=issued.key.system, body={"inspection": {"prompt": {"corpus": "block"}}})
    document_unmark(actor=caio, document=document, reason="It is public now")
    assert not policy_now(cast.organisation)[0].corpora


def test_it_refuses(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    caio = cast.actor("caio")
    for title, data, field in (
        ("", TEXT.encode(), "title"),
        ("Short", b"too short", "file"),
        ("Picture", b"\xff\xd8\xff\xe0", "file"),
    ):
        with pytest.raises(Invalid) as raised:
            document_mark(actor=caio, title=title, data=data)
        assert field in raised.value.fields
    document = document_mark(actor=caio, title="Merger", data=TEXT.encode())
    for title, data in (("Again", TEXT.encode()), ("Merger", TEXT.upper().encode())):
        with pytest.raises(Conflict):
            document_mark(actor=caio, title=title, data=data)
    monkeypatch.setattr(marking, "MOST_PRINTS", 10)
    with pytest.raises(Conflict, match="no room"):
        document_mark(actor=caio, title="More", data=TEXT.replace("pilots", "tugs").encode())
    monkeypatch.setattr(marking, "MOST_BYTES", 10)
    with pytest.raises(Invalid):
        document_mark(actor=caio, title="More", data=TEXT.encode())
    with pytest.raises(Invalid):
        document_unmark(actor=caio, document=document, reason="")
    with pytest.raises(Forbidden):
        document_mark(actor=cast.actor("alice"), title="Mine", data=TEXT.encode())
    with pytest.raises(NotFound):
        document_unmark(actor=cast.actor("charlie"), document=document, reason="x")
    assert not marked_documents(cast.actor("charlie")).exists()
