import http.server
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.ledger import keys, witness
from pilothouse.kernel.ledger.actions import checkpoint_make, checkpoint_witness, entry_erase, ledger_tick
from pilothouse.kernel.ledger.models import Checkpoint, Entry, Witnessing
from pilothouse.kernel.ledger.verify import verify


def test_the_key_is_private_and_stays(home):
    first = keys.signing_key()
    path = home / "keys" / "ledger.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert keys.signing_key().private_bytes_raw() == first.private_bytes_raw()
    assert keys.trusted_keys() == [first.public_key().public_bytes_raw()]


def test_a_lost_key_is_replaced_and_old_checkpoints_still_verify(cast, write, machine, home):
    write(1)
    checkpoint_make(actor=machine)
    (home / "keys" / "ledger.pem").unlink()
    write(1)
    checkpoint_make(actor=machine)
    assert verify(cast.organisation.pk).ok
    assert len(keys.trusted_keys()) == 2


def test_a_checkpoint_is_made_once(write, machine):
    write(2)
    assert checkpoint_make(actor=machine).pk == checkpoint_make(actor=machine).pk


def test_an_empty_log_has_nothing_to_sign(cast, machine):
    with pytest.raises(Conflict):
        checkpoint_make(actor=machine)


def test_only_those_who_see_the_ledger_sign_it(cast, write):
    write(1)
    with pytest.raises(Forbidden):
        checkpoint_make(actor=cast.actor("bob"))


def test_the_tick_signs_once_a_day_and_hands_over(cast, write, settings, tmp_path):
    settings.WITNESS = f"file://{tmp_path}/witness.txt"
    write(2)
    now = timezone.now()
    assert ledger_tick(now) == {"signed": 1, "witnessed": 1, "refused": 0}
    write(1)
    assert ledger_tick(now + timedelta(hours=3)) == {"signed": 0, "witnessed": 0, "refused": 0}
    with time_machine.travel(now + timedelta(days=1, minutes=1)):
        assert ledger_tick(timezone.now()) == {"signed": 1, "witnessed": 1, "refused": 0}
    report = verify(cast.organisation.pk, witness_text=(tmp_path / "witness.txt").read_text())
    assert (report.ok, report.witnessed) == (True, 2)


def test_an_idle_log_is_not_signed_again(write):
    write(1)
    ledger_tick(timezone.now())
    ledger_tick(timezone.now() + timedelta(days=9))
    assert Checkpoint.objects.count() == 1


def test_a_witness_that_fails_is_asked_again(write, settings, tmp_path):
    settings.WITNESS = f"file://{tmp_path}/not/there/witness.txt"
    write(1)
    assert ledger_tick(timezone.now())["refused"] == 1
    (tmp_path / "not" / "there").mkdir(parents=True)
    assert ledger_tick(timezone.now())["witnessed"] == 1
    assert [w.accepted for w in Witnessing.objects.order_by("at")] == [False, True]
    assert "FileNotFoundError" in Witnessing.objects.order_by("at")[0].trouble


def test_a_witness_by_mail(write, machine, settings):
    settings.WITNESS = "mailto:audit@example.org"
    write(1)
    checkpoint = checkpoint_make(actor=machine)
    assert checkpoint_witness(actor=machine, checkpoint=checkpoint).accepted
    assert mail.outbox[0].to == ["audit@example.org"]
    assert verify(checkpoint.organisation_id, witness_text=mail.outbox[0].body).witnessed == 1


def test_a_second_machine_as_witness(write, machine, settings):
    got = []

    class Keeper(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(507 if len(got) == 1 else 204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WITNESS = f"http://user:secret@127.0.0.1:{server.server_port}/keep"
    write(1)
    checkpoint = checkpoint_make(actor=machine)
    refused = checkpoint_witness(actor=machine, checkpoint=checkpoint)
    taken = checkpoint_witness(actor=machine, checkpoint=checkpoint)
    server.shutdown()
    server.server_close()
    assert (refused.accepted, refused.trouble) == (False, "It answered 507.")
    assert taken.accepted
    assert got == [checkpoint.note] * 2
    assert "secret" not in taken.witness


@pytest.mark.parametrize(
    "url",
    [
        "file:relative.txt",
        "file://mnt/in.txt",
        "file:///HOME/in.txt",
        "mailto:nobody",
        "ftp://x/y",
        "https:///path",
        "plain",
    ],
)
def test_what_is_no_witness(url, settings):
    url = url.replace("/HOME", str(Path(settings.HOME)))
    assert witness.problem_with(url)
    with pytest.raises(witness.WitnessRefusedError):
        witness.hand_over(url, "note", "subject")


def test_an_erasure_needs_a_reason_and_happens_once(cast, write):
    entry = write(1)[0]
    legal = cast.actor("legal")
    with pytest.raises(Invalid):
        entry_erase(actor=legal, entry=entry, reason="  ")
    erasure = entry_erase(actor=legal, entry=entry, reason="Article 17")
    with pytest.raises(Conflict):
        entry_erase(actor=legal, entry=entry, reason="Again")
    with pytest.raises(Conflict):
        entry_erase(actor=legal, entry=erasure, reason="Hide the erasure")


def test_erasing_is_for_few(cast, write):
    entry = write(1)[0]
    with pytest.raises(Forbidden):
        entry_erase(actor=cast.actor("auditor"), entry=entry, reason="Curious")
    with pytest.raises(NotFound):
        entry_erase(actor=cast.actor("charlie"), entry=entry, reason="Mine")
    assert Entry.objects.count() == 1
