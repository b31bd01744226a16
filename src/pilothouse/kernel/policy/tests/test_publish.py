"""Stops, what may run, and the documents as they are laid down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.envelope import public_keys, unseal
from pilothouse.contracts.policy.snapshot import Snapshot, Suspensions
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.policy import files, publish
from pilothouse.kernel.policy.actions.keys import key_issue, key_revoke
from pilothouse.kernel.policy.actions.stops import (
    stop_lift,
    suspend_key,
    suspend_model,
    suspend_organisation,
    suspend_system,
    suspend_upstream,
)
from pilothouse.kernel.policy.models import PolicySetting, Publication, SnapshotRevision, Stop
from pilothouse.kernel.policy.publish import Publisher, policy_alarm_tick, policy_tick
from pilothouse.kernel.policy.selectors import policy_now, publication, revisions, steps, stops, verdict


def laid(cast: Any, home: Path) -> tuple[Snapshot, Suspensions]:
    """Both documents as a gateway reads them."""
    folder = home / "gateway"
    trusted = public_keys((folder / "trusted.pub").read_text())
    own = folder / str(cast.organisation.pk)
    return (
        unseal((own / "snapshot.json").read_bytes(), Snapshot, trusted),
        unseal((own / "suspensions.json").read_bytes(), Suspensions, trusted),
    )


def test_it_works(cast: Any, issued: Any, tmp_path: Path) -> None:
    assert policy_tick(timezone.now()) == {"organisations": 1, "failed": 0}
    snapshot, suspensions = laid(cast, tmp_path)
    assert snapshot.revision == 1
    assert snapshot.not_after - snapshot.issued_at == timedelta(hours=72)
    assert issued.key.hash in snapshot.keys
    assert issued.text not in (tmp_path / "gateway" / str(cast.organisation.pk) / "snapshot.json").read_text()
    assert suspensions.stopped == {}
    assert (tmp_path / "gateway" / str(cast.organisation.pk) / "snapshot.json").stat().st_mode & 0o077 == 0
    assert Entry.objects.filter(action="policy.published").count() == 1
    head = publication(cast.actor("caio"))
    assert head is not None
    assert head.revision == 1


def test_the_number_rises_only_when_rules_change(cast: Any, issued: Any, tmp_path: Path) -> None:
    policy_tick(timezone.now())
    before, _ = laid(cast, tmp_path)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        policy_tick(timezone.now())
        renewed, _ = laid(cast, tmp_path)
        assert renewed.revision == before.revision
        assert renewed.not_after > before.not_after
        key_revoke(actor=cast.actor("alice"), key=issued.key, reason="Gone")
        policy_tick(timezone.now())
    changed, _ = laid(cast, tmp_path)
    assert changed.revision == before.revision + 1
    assert changed.keys == {}
    assert [row.revision for row in revisions(cast.actor("caio"))] == [2, 1]
    assert SnapshotRevision.objects.count() == 2


def test_an_action_publishes_by_itself(
    cast: Any, offered: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = key_issue(actor=cast.actor("alice"), system=offered, name="Desk")
    assert made.key.hash in laid(cast, tmp_path)[0].keys


def test_what_happens_elsewhere_is_seen_at_the_next_look(cast: Any, issued: Any, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.look()
    first, _ = laid(cast, tmp_path)
    gate_restrict(actor=cast.actor("ciso"), system=issued.key.system, kind="suspend", reason="It leaks")
    publisher.look()
    snapshot, suspensions = laid(cast, tmp_path)
    assert suspensions.of("system", str(issued.key.system_id)) is not None
    assert snapshot.systems[str(issued.key.system_id)].stop == "suspended"
    assert snapshot.revision == first.revision + 1


def test_nothing_new_writes_nothing(cast: Any, issued: Any, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.look()
    publisher.look()
    entries = Entry.objects.count()
    publisher.look()
    assert Entry.objects.count() == entries


def test_the_list_of_stops_beats(cast: Any, issued: Any, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.look()
    _, before = laid(cast, tmp_path)
    with mock.patch.object(publish, "BEAT_EVERY", 0):
        publisher.look()
    _, after = laid(cast, tmp_path)
    assert after.issued_at > before.issued_at
    assert after.revision == before.revision


def test_what_cannot_be_published_is_not_kept_in_touch(cast: Any, issued: Any, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.look()
    _, before = laid(cast, tmp_path)
    PolicySetting.objects.update(rules={"colour": "red"})
    suspend_organisation(actor=cast.actor("ciso"), reason="Fire")
    with mock.patch.object(publish, "BEAT_EVERY", 0):
        publisher.look()
        assert laid(cast, tmp_path)[1] == before, "a gateway must notice that it hears nothing"
        assert policy_tick(timezone.now())["failed"] == 1
        PolicySetting.objects.update(rules={})
        publisher.look()
    assert laid(cast, tmp_path)[1].stopped


def test_the_publisher_runs_beside_the_server(transactional_db: None, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.start()
    publisher.stop()
    assert not publisher._thread.is_alive()


def test_an_older_document_never_overwrites(cast: Any, issued: Any, tmp_path: Path) -> None:
    policy_tick(timezone.now())
    snapshot, _ = laid(cast, tmp_path)
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        old = policy_now(cast.organisation)[0]
    assert not files.write(old)
    assert laid(cast, tmp_path)[0] == snapshot


def test_a_restored_database_counts_on_from_the_files(cast: Any, issued: Any, tmp_path: Path) -> None:
    policy_tick(timezone.now())
    Publication.objects.update(revision=0, stops_revision=0)
    SnapshotRevision.objects.all().delete()
    policy_tick(timezone.now())
    snapshot, suspensions = laid(cast, tmp_path)
    assert (snapshot.revision, suspensions.revision) == (2, 2)


def test_a_foreign_file_is_replaced(cast: Any, issued: Any, tmp_path: Path) -> None:
    policy_tick(timezone.now())
    (tmp_path / "gateway" / str(cast.organisation.pk) / "snapshot.json").write_text("{}")
    policy_tick(timezone.now())
    assert laid(cast, tmp_path)[0].revision == 1


def test_a_late_renewal_is_told_twice(cast: Any, issued: Any) -> None:
    policy_tick(timezone.now())
    assert policy_alarm_tick(timezone.now()) == {"told": 0}
    for hours, told in ((1.5, True), (2, False), (25, True), (26, False)):
        got = policy_alarm_tick(timezone.now() + timedelta(hours=hours))["told"]
        assert bool(got) == told, hours
    assert Notice.objects.filter(person=cast.people["caio"], text__contains="not renewed").count() == 2
    policy_tick(timezone.now())
    assert Publication.objects.get().alarmed == 0


def test_a_disk_that_fails_is_reported(cast: Any, issued: Any, tmp_path: Path) -> None:
    (tmp_path / "gateway").write_text("not a folder")
    assert policy_tick(timezone.now())["failed"] == 1


def test_only_what_may_run_is_let_through(cast: Any, issued: Any, call: Any) -> None:
    alice = cast.actor("alice")
    for stage, code in (("pilot", "allowed"), ("development", "stage"), ("retired", "stage"), ("unknown", "stage")):
        System.objects.filter(pk=issued.key.system_id).update(stage=stage)
        judged = verdict(alice, call())
        assert judged.code == code, stage
        assert judged.allow or judged.reason


def test_it_says_step_by_step(cast: Any, issued: Any, call: Any) -> None:
    alice = cast.actor("alice")
    assert {state for _, state in steps(verdict(alice, call()))} == {"passed"}
    judged = steps(verdict(alice, call(model="nothing")))
    assert [state for _, state in judged][:6] == ["passed"] * 4 + ["refused", "unasked"]


def test_each_stop_stops(cast: Any, issued: Any, upstream: Any, call: Any) -> None:
    ciso, alice = cast.actor("ciso"), cast.actor("alice")
    for run, code in (
        (lambda: suspend_organisation(actor=ciso, reason="Fire"), "organisation_suspended"),
        (lambda: suspend_upstream(actor=ciso, upstream=upstream, reason="Fire"), "model_suspended"),
        (lambda: suspend_model(actor=ciso, name="chat", reason="Fire"), "model_suspended"),
        (lambda: suspend_model(actor=ciso, name="m-1", reason="Fire"), "model_suspended"),
        (lambda: suspend_key(actor=ciso, key=issued.key, reason="Fire"), "key_suspended"),
    ):
        stop = run()
        judged = verdict(alice, call())
        assert judged.code == code
        assert "Fire" in judged.reason
        with pytest.raises(Conflict):
            run()
        stop_lift(actor=ciso, stop=stop, reason="Out")
        assert verdict(alice, call()).allow
        with pytest.raises(Conflict):
            stop_lift(actor=ciso, stop=stop, reason="Out")
    assert Stop.objects.count() == stops(ciso).count() == 5
    assert Entry.objects.filter(action="gateway.stopped").count() == 5
    assert Notice.objects.filter(person=cast.people["alice"], text__contains="is stopped").exists()


def test_a_system_is_stopped_in_the_register(cast: Any, issued: Any, call: Any) -> None:
    suspend_system(actor=cast.actor("ciso"), system=issued.key.system, reason="Fire")
    assert verdict(cast.actor("alice"), call()).code == "system_suspended"


def test_stops_are_refused(cast: Any, issued: Any, upstream: Any) -> None:
    ciso, alice, charlie = cast.actor("ciso"), cast.actor("alice"), cast.actor("charlie")
    with pytest.raises(Invalid):
        suspend_organisation(actor=ciso, reason=" ")
    with pytest.raises(NotFound):
        suspend_model(actor=ciso, name="nothing", reason="Fire")
    with pytest.raises(Forbidden):
        suspend_organisation(actor=alice, reason="Fire")
    with pytest.raises(NotFound):
        suspend_upstream(actor=charlie, upstream=upstream, reason="Fire")
    with pytest.raises(NotFound):
        suspend_key(actor=charlie, key=issued.key, reason="Fire")
    with pytest.raises(NotFound):
        suspend_system(actor=charlie, system=issued.key.system, reason="Fire")
    stop = suspend_organisation(actor=ciso, reason="Fire")
    with pytest.raises(Invalid):
        stop_lift(actor=ciso, stop=stop, reason="")
    with pytest.raises(NotFound):
        stop_lift(actor=charlie, stop=stop, reason="Out")


def test_many_systems_cost_no_more_queries(cast: Any, issued: Any, django_assert_max_num_queries: Any) -> None:
    alice = cast.actor("alice")
    for number in range(5):
        system = System.objects.create(
            organisation=cast.organisation, number=900 + number, name=f"S{number}", owner=cast.people["alice"]
        )
        key_issue(actor=alice, system=system, name="Key")
    with django_assert_max_num_queries(18):
        snapshot, _ = policy_now(cast.organisation)
    assert len(snapshot.systems) == 6
