"""A backup that was never restored is none: this saves an installation, restores it elsewhere and compares."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.db import connection

from pilothouse.contracts.errors import Conflict, PilothouseError
from pilothouse.site import backup

pytestmark = pytest.mark.skipif(
    os.environ.get("PILOTHOUSE_TEST_DATABASE") == "postgresql", reason="it makes SQLite installations of its own"
)
WRITE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from conftest import add_person
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.access.selectors import actor_of_person
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.keys import signing_key
organisation = Organisation.objects.create(slug="harbour", name="Harbour")
alice = actor_of_person(add_person(organisation, "alice", "caio"), via="cli")
for number in range(5):
    system_create(actor=alice, name=f"System {number}")
signing_key()
"""


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PILOTHOUSE_", "DJANGO_"))}
    return kept | {"PILOTHOUSE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "pilothouse.site.settings"}


def pilothouse(home: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-c", "from pilothouse.site.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    home = folder / "home"
    assert pilothouse(home, "init")[0] == 0
    subprocess.run([sys.executable, "-c", WRITE], env=environment(home), check=True, timeout=120)
    (home / "files" / "ab").mkdir(parents=True)
    (home / "files" / "ab" / "evidence.txt").write_text("what was seen")
    (home / "texts" / "0190" / "kept" / "0190ab").mkdir(parents=True)
    (home / "texts" / "0190" / "kept" / "0190ab" / "0190abcd.text").write_bytes(b"sealed")
    (home / "texts" / "0190" / "kept" / "0190ab" / ".0190abcd.text.00").write_bytes(b"half")
    log = folder / "calls.csv"
    log.write_text("time,model,prompt_tokens\n2026-11-20T10:00:00Z,m,7\n")
    assert pilothouse(home, "usage", "import", log, "--org", "harbour")[0] == 0
    assert pilothouse(home, "backup", folder / "whole.tar.gz")[0] == 0
    assert pilothouse(home, "backup", folder / "keyless.tar.gz", "--no-keys")[0] == 0
    return folder


def test_it_works(saved, tmp_path):
    code, out, err = pilothouse(tmp_path / "new", "restore", saved / "whole.tar.gz", "--json")
    assert code == 0, err
    back = json.loads(out)
    assert (back["problems"], back["ledgers"]) == ([], {"harbour": 6})
    calls = pilothouse(tmp_path / "new", "usage", "calls", "--org", "harbour", "--since", "2026-11-20", "--json")
    assert json.loads(calls[1])[0]["input"] == 7
    text = "texts/0190/kept/0190ab/0190abcd.text"
    for name in ("secret.key", "keys/ledger.pem", "files/ab/evidence.txt", text):
        assert (tmp_path / "new" / name).read_bytes() == (saved / "home" / name).read_bytes()
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "new").glob(".restore-*"))
    assert not list((tmp_path / "new" / "texts").rglob(".*"))


def test_a_backup_is_for_its_owner_alone(saved):
    assert (saved / "whole.tar.gz").stat().st_mode & 0o077 == 0


def test_an_existing_file_is_not_overwritten(saved):
    code, _, err = pilothouse(saved / "home", "backup", saved / "whole.tar.gz")
    assert (code, "there already" in err) == (4, True)


def test_an_installation_is_not_overwritten(saved):
    code, _, err = pilothouse(saved / "home", "restore", saved / "whole.tar.gz")
    assert (code, "Restore into an empty one" in err) == (4, True)


def test_without_keys_they_must_be_there(saved, tmp_path):
    code, _, err = pilothouse(tmp_path, "restore", saved / "keyless.tar.gz")
    assert (code, "made without keys" in err) == (4, True)
    assert not (tmp_path / "pilothouse.sqlite3").exists()
    (tmp_path / "secret.key").write_text((saved / "home" / "secret.key").read_text())
    assert pilothouse(tmp_path, "restore", saved / "keyless.tar.gz")[0] == 0


@pytest.mark.parametrize("harm", ["cut short", "changed", "something else", "absent"])
def test_a_damaged_file_is_refused(saved, tmp_path, harm):
    content = (saved / "whole.tar.gz").read_bytes()
    broken = tmp_path / "broken.tar.gz"
    if harm == "cut short":
        broken.write_bytes(content[: len(content) // 2])
    elif harm == "changed":
        broken.write_bytes(gzip.compress(gzip.decompress(content).replace(b"what was seen", b"what was faked")))
    elif harm == "something else":
        broken.write_text("a letter")
    code, _, err = pilothouse(tmp_path / "new", "restore", broken)
    assert (code, "Traceback" in err) == (2, False)
    assert not (tmp_path / "new" / "pilothouse.sqlite3").exists()


@pytest.mark.parametrize("name", ["../outside", "/outside", "link"])
def test_a_file_that_reaches_outside_is_refused(tmp_path, name):
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/"
        archive.addfile(member)
    code, _, err = pilothouse(tmp_path / "new", "restore", evil)
    assert (code, "is not a whole backup" in err) == (2, True)
    assert not (tmp_path / "outside").exists()


@pytest.mark.django_db
def test_postgresqls_tools_may_be_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PilothouseError, match="apt install postgresql-client"):
        backup.save(tmp_path / "x.tar.gz")


@pytest.mark.django_db
def test_one_engine_does_not_restore_the_others_backup(saved, monkeypatch, settings, tmp_path):
    settings.HOME = tmp_path
    monkeypatch.setattr(connection, "vendor", "postgresql")
    with pytest.raises(Conflict, match="backup is of sqlite"):
        backup.bring_back(saved / "whole.tar.gz")
