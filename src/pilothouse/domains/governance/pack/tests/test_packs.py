"""Packs: made, the same again, redacted, rolled back, refused."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.governance.pack import verify_pack
from pilothouse.domains.governance.pack.actions import (
    pack_enter,
    pack_fetch,
    pack_make,
    pack_path,
    pack_request,
    pack_seal,
    packs_request,
    packs_tick,
)
from pilothouse.domains.governance.pack.models import Pack, Run
from pilothouse.domains.governance.pack.tests.conftest import CONTROL, SECRET
from pilothouse.domains.governance.pack.writers import WRITERS, writer
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_withdraw
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.ledger import keys, notes, offline_verifier
from pilothouse.kernel.ledger.actions import checkpoint_make, entry_erase
from pilothouse.kernel.ledger.models import Checkpoint, Entry

NotProven = verify_pack.NotProvenError


def proven(data, **asked):
    return verify_pack.proven(io.BytesIO(data), **asked)


def read(data):
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def own_key(cast):
    origin = notes.origin_of(cast.organisation.pk)
    return notes.verifier_key(origin, keys.signing_key().public_key().public_bytes_raw())


def test_it_works(cast, system, sealed):
    data, pack = sealed(purpose="Request 7 of the authority")
    lines = proven(data, key=own_key(cast))
    assert lines[0].startswith("Full pack of S-1 “CV ranking” as of ")
    files = read(data)
    assert f"evidence/{Evidence.objects.get().pk}.txt" in files
    index = json.loads(files["index.json"])
    assert len(index["sections"]) == 19
    assert index["counts"] == pack.counts == json.loads(files["manifest.json"])["counts"]
    assert pack.complete is False
    assert {gap["item"] for gap in json.loads(files["gaps.json"])} >= {"0.3", "7.1"}
    assert pack.seconds >= 0
    assert pack.size == len(data)
    assert list(Entry.objects.filter(subject_id=pack.pk).order_by("seq").values_list("action", flat=True)) == [
        "audit.pack_requested",
        "audit.pack_sealed",
    ]
    entry = json.loads(files["seal/entry.json"])
    assert offline_verifier.verify(entry)[0].endswith(f"audit.pack_sealed on governance_pack.pack {pack.pk}")


def test_the_verifier_runs_outside_with_what_is_in_the_pack(sealed, tmp_path):
    data, _ = sealed()
    (tmp_path / "pack.zip").write_bytes(data)
    (tmp_path / "verify.py").write_bytes(read(data)["verify_pack.py"])

    def run(name):
        done = subprocess.run(
            [sys.executable, "-I", "verify.py", name], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    code, said = run("pack.zip")
    assert (code, said.splitlines()[0]) == (0, "PROVEN.")
    assert "Compare it with one you have from elsewhere" in said
    (tmp_path / "short.zip").write_bytes(data[:-1])
    assert run("short.zip")[0] == 1
    assert run("absent.zip")[0] == 1


def test_the_same_moment_gives_the_same_bytes(cast, system, sealed, write):
    data, pack = sealed()
    with clock.telling(pack.as_of + timedelta(hours=1)):
        system_change(actor=cast.actor("caio"), system=system, changes={"purpose": "Another"})
        write(system, CONTROL, name="Later control")
        evidence_withdraw(actor=cast.actor("caio"), evidence=Evidence.objects.get(), reason="Old")
        checkpoint_make(actor=cast.actor("caio"))
        assert pack_seal(actor=cast.actor("caio"), system=system, as_of=pack.as_of) == pack
        pack_path(pack).unlink()
        assert pack_path(pack).read_bytes() == data
        later, _ = sealed()
    assert later != data
    assert "Later control" in str(read(later))


def test_a_pack_whose_content_was_erased_cannot_be_made_again(cast, system, sealed):
    _, pack = sealed()
    entry_erase(actor=cast.actor("legal"), entry=Entry.objects.get(action="system.created"), reason="Request 3")
    pack_path(pack).unlink()
    with pytest.raises(Conflict, match="cannot be made again"):
        pack_path(pack)
    data, _ = sealed()
    assert proven(data)


def test_redacted(cast, system, sealed):
    moment = clock.now()
    whole, _ = sealed(as_of=moment)
    bare, _ = sealed(as_of=moment, profile="redacted")
    assert SECRET.encode() in whole
    for word in (SECRET, "Alice", "Caio", "applicants"):
        assert word.encode() not in bare, word
    assert proven(bare)[0].startswith("Redacted pack")
    full, redacted = (json.loads(read(data)["manifest.json"]) for data in (whole, bare))
    assert redacted["root"] == full["root"]
    assert redacted["counts"] == full["counts"]
    held = {one["path"]: one for one in full["files"]}
    for one in redacted["withheld"]:
        leaf = verify_pack.sha256(
            b"\x00",
            bytes.fromhex(held[one["path"]]["salt"]),
            bytes.fromhex(held[one["path"]]["sha256"]),
            one["path"].encode(),
        )
        assert leaf.hex() == one["leaf"]
    assert any(one["path"].startswith("evidence/") for one in redacted["withheld"])


def test_a_witness_finds_a_roll_back(cast, system, sealed):
    caio = cast.actor("caio")
    before = checkpoint_make(actor=caio)
    old, _ = sealed()
    system_change(actor=caio, system=system, changes={"purpose": "Another"})
    new, pack = sealed()
    seen = Checkpoint.objects.get(pk=pack.checkpoint)
    for note in (before.note, seen.note, before.note + "\nFrom: mail\n\n" + seen.note):
        assert proven(new, witness=note)[-2].startswith("It agrees with")
    with pytest.raises(NotProven, match="older than it may seem"):
        proven(old, witness=seen.note)
    forged = notes.sign(notes.origin_of(cast.organisation.pk), before.size, bytes(32), keys.signing_key())
    with pytest.raises(NotProven, match="rewritten"):
        proven(new, witness=forged)
    with pytest.raises(NotProven, match="no checkpoint of this log"):
        proven(new, witness="Nothing")


def test_parts_of_another_pack_do_not_fit(cast, system, sealed):
    from pilothouse.domains.governance.pack.zipped import blob, write_zip

    (old, _), (new, _) = sealed(), sealed()
    older, newer = read(old), read(new)

    def mixed(names):
        out = io.BytesIO()
        write_zip(out, [(name, blob(older[name] if name in names else newer[name])) for name in newer])
        return out.getvalue()

    assert proven(mixed(()))
    for names in (["manifest.json"], ["seal/seal.txt"], ["seal/entry.json"], ["seal/log.json"]):
        with pytest.raises(NotProven):
            proven(mixed(names))
    with pytest.raises(NotProven):
        proven(mixed([name for name in newer if not name.startswith("seal/")]))
    with pytest.raises(NotProven):
        proven(mixed([name for name in newer if name.startswith("seal/")]))


def test_another_key_does_not_do(sealed):
    data, pack = sealed()
    with pytest.raises(NotProven, match="not signed by the key"):
        proven(data, key=notes.verifier_key(notes.origin_of(pack.organisation_id), bytes(32)))


def test_lost_and_changed_evidence_is_a_gap(system, sealed):
    piece = Evidence.objects.get()
    with open(piece.file.path, "wb") as file:
        file.write(b"Other words")
    files = read(sealed()[0])
    assert json.loads(files["evidence/index.json"])[0]["standing"] == "changed"
    assert f"evidence/{piece.pk}.txt" not in files


def test_files_of_others(cast, system, sealed):
    @writer("greeting")
    def greeting(material, sections):
        return {"reports/greeting.txt": f"{material.system.ref}, {len(sections)} sections".encode()}

    try:
        with pytest.raises(ValueError, match="greeting"):
            writer("greeting")(lambda material, sections: {})
        data, _ = sealed()
        assert read(data)["reports/greeting.txt"] == b"S-1, 19 sections"
        assert proven(data)
    finally:
        del WRITERS["greeting"]


class TestRuns:
    def test_all_of_one_moment(self, cast, system):
        caio = cast.actor("caio")
        other = system_create(actor=caio, name="Second")
        run = packs_request(actor=caio, systems=[system, other], title="Two")
        assert packs_tick(clock.now()) == {"sealed": 2, "failed": 0}
        assert isinstance(run, Run)
        made = list(run.packs.order_by("system__number"))
        assert [pack.state for pack in made] == ["sealed", "sealed"]
        assert {pack.as_of for pack in made} == {run.as_of}
        for pack in made:
            assert proven(pack_path(pack).read_bytes())
        assert packs_tick(clock.now()) == {"sealed": 0, "failed": 0}

    def test_a_crash_is_taken_up(self, cast, system):
        pack = pack_request(actor=cast.actor("caio"), system=system)
        Pack.objects.filter(pk=pack.pk).update(state="working", began_at=clock.now(), attempts=1)
        assert packs_tick(clock.now()) == {"sealed": 0, "failed": 0}
        assert packs_tick(clock.now() + timedelta(hours=1)) == {"sealed": 1, "failed": 0}

    def test_three_crashes_are_enough(self, cast, system):
        pack = pack_request(actor=cast.actor("caio"), system=system)
        Pack.objects.filter(pk=pack.pk).update(state="working", began_at=clock.now(), attempts=3)
        packs_tick(clock.now() + timedelta(hours=1))
        pack.refresh_from_db()
        assert (pack.state, pack.trouble) == ("failed", "It was interrupted three times.")

    def test_one_that_fails_says_why_and_stops_no_other(self, cast, system):
        caio = cast.actor("caio")

        @writer("broken")
        def broken(material, sections):
            if material.system.number == 1:
                raise RuntimeError("no ink")
            return {}

        try:
            run = packs_request(actor=caio, systems=[system, system_create(actor=caio, name="Second")])
            assert packs_tick(clock.now()) == {"sealed": 1, "failed": 1}
        finally:
            del WRITERS["broken"]
        failed = run.packs.get(system=system)
        assert failed.trouble == "RuntimeError: no ink"
        assert pack_make(failed).state == "sealed"


class TestRefusals:
    def test_outsider(self, cast, system):
        with pytest.raises(NotFound):
            pack_seal(actor=cast.actor("charlie"), system=system)

    def test_those_without_the_right(self, cast, system):
        with pytest.raises(Forbidden):
            pack_seal(actor=cast.actor("ciso"), system=system)
        with pytest.raises(NotFound):
            pack_seal(actor=cast.actor("employee"), system=system)

    def test_the_owner_may_and_another_engineer_may_not(self, cast, system):
        assert pack_seal(actor=cast.actor("alice"), system=system).state == "sealed"
        with pytest.raises(Forbidden):
            pack_seal(actor=cast.actor("bob"), system=system)
        with pytest.raises(Forbidden):
            packs_request(actor=cast.actor("bob"), systems=[system])

    def test_fetching_is_entered(self, cast, sealed):
        _, pack = sealed()
        assert pack_fetch(actor=cast.actor("auditor"), pack=pack).exists()
        assert Entry.objects.filter(subject_id=pack.pk, action="audit.pack_downloaded").exists()
        for who in ("charlie", "bob", "employee"):
            with pytest.raises((NotFound, Forbidden)):
                pack_fetch(actor=cast.actor(who), pack=pack)

    def test_entering_is_the_sealers_own(self, cast, system):
        pack = pack_request(actor=cast.actor("caio"), system=system)
        with pytest.raises((NotFound, Forbidden)):
            pack_enter(actor=cast.actor("bob"), pack=pack, built=None)

    def test_what_is_not_there(self, cast, system):
        caio = cast.actor("caio")
        with pytest.raises(Invalid, match="still to come"):
            pack_request(actor=caio, system=system, as_of=clock.now() + timedelta(days=1))
        with pytest.raises(Invalid, match="not there yet"):
            pack_request(actor=caio, system=system, as_of=system.created_at - timedelta(days=1))
        with pytest.raises(Invalid, match="profile"):
            pack_request(actor=caio, system=system, profile="half")
        with pytest.raises(Invalid, match="nothing to seal"):
            packs_request(actor=caio, systems=[])
        with pytest.raises(Conflict, match="not sealed yet"):
            pack_fetch(actor=caio, pack=pack_request(actor=caio, system=system))
