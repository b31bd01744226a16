"""One file with everything: the database as it was at one moment, the evidence files, the calls, the keys. And back.

The file is a tar with `manifest.json`, which names each member's SHA-256 and each organisation's ledger head, so that a
restore can show that it brought back what was saved.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from pilothouse import __version__
from pilothouse.contracts.errors import Conflict, Invalid, PilothouseError
from pilothouse.contracts.policy.texts import FOLDER, SUFFIX
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.ledger.models import Log
from pilothouse.kernel.ledger.verify import verify
from pilothouse.kernel.records.verify import verify_records
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import spool, writer
from pilothouse.site import home

FORMAT = 1
KEYS = (home.KEY_FILE, "keys")  # in the data directory; whoever holds them can sign in this installation's name
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds."""

    path: Path
    bytes: int
    engine: str
    organisations: dict[str, int]
    keys: bool


def save(target: Path, *, keys: bool = True) -> Saved:
    """Write a backup to `target`, readable by its owner alone. The server may run meanwhile.

    Raises Conflict when the file is there already, PilothouseError when PostgreSQL's tools are missing or fail.
    """
    if target.exists():
        raise Conflict(f"{target} is there already; name another file.")
    engine = connection.vendor
    # Read before the copy is made, so that the copy holds at least this much.
    heads = {log.organisation.slug: log.size for log in Log.objects.select_related("organisation")}
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as folder:
        database = Path(folder) / DATABASE[engine]
        copy = _copy_sqlite if engine == "sqlite" else _dump_postgresql
        copy(database)
        members = {DATABASE[engine]: database, **dict(_files("files", settings.MEDIA_ROOT))}
        members.update(_files("warehouse", _copy_warehouse(Path(folder) / "warehouse")))
        members.update(_files("texts", _copy_texts(Path(folder) / "texts")))
        if keys:
            for name in KEYS:
                members.update(_files(name, settings.HOME / name))
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "engine": engine,
            "at": timezone.now().isoformat(),
            "ledgers": heads,
            "keys": keys,
            "members": {name: _digest(path) for name, path in members.items()},
        }
        part = Path(folder) / "part"
        _pack(part, members, manifest)
        os.replace(part, target)
    return Saved(target, target.stat().st_size, engine, heads, keys)


def bring_back(source: Path) -> dict[str, Any]:
    """Restore a backup into an empty installation, bring it up to date and verify every ledger.

    Returns what was restored, with `problems` that the ledgers' verification found. Raises Invalid when the file is not
    a whole backup, Conflict when there is an installation already or no key for it.
    """
    with tempfile.TemporaryDirectory(dir=_made(settings.HOME), prefix=".restore-") as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        engine = connection.vendor
        if manifest["engine"] != engine:
            raise Conflict(
                f"This backup is of {manifest['engine']}, but this installation uses {engine}: "
                "set PILOTHOUSE_DATABASE_URL to the same engine."
            )
        _require_empty(engine)
        _place_keys(folder)
        database = folder / DATABASE[engine]
        if engine == "sqlite":
            os.replace(database, settings.DATABASES["default"]["NAME"])
        else:
            _tool("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", _name(), str(database))
        if (folder / "files").is_dir():
            shutil.copytree(folder / "files", settings.MEDIA_ROOT, dirs_exist_ok=True)
        if (folder / "warehouse").is_dir():
            shutil.copytree(folder / "warehouse", places.warehouse(), dirs_exist_ok=True)
        if (folder / "texts").is_dir():
            shutil.copytree(folder / "texts", settings.HOME / FOLDER, dirs_exist_ok=True)
    connection.close()
    call_command("migrate", verbosity=0)
    return {
        "version": manifest["version"],
        "at": manifest["at"],
        "ledgers": manifest["ledgers"],
        "problems": list(_problems(manifest["ledgers"])),
    }


def _problems(heads: dict[str, int]) -> Iterator[str]:
    organisations = {organisation.slug: organisation for organisation in Organisation.objects.all()}
    for slug, size in heads.items():
        if slug not in organisations:
            yield f"{slug}: the organisation is missing"
            continue
        found = Log.objects.filter(organisation=organisations[slug]).values_list("size", flat=True).first() or 0
        if found < size:
            yield f"{slug}: its ledger had {size} entries and has {found}"
        for problem in verify(organisations[slug].pk).problems:
            yield f"{slug}: {problem.detail}"
        for tampered in verify_records(organisations[slug].pk):
            yield f"{slug}: {tampered.name}: {tampered.detail}"


def _copy_sqlite(target: Path) -> None:
    with (
        closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as live,
        closing(sqlite3.connect(target)) as to,
    ):
        live.backup(to)  # one consistent moment, whoever writes meanwhile


def _copy_warehouse(target: Path) -> Path:
    """What calls were made, as of one moment: nobody brings in or compacts while it is copied."""
    spool.project(places.spool(), places.warehouse())
    if places.warehouse().is_dir():
        with writer.alone(places.warehouse()):
            shutil.copytree(places.warehouse(), target, ignore=shutil.ignore_patterns(".*"))
    return target


def _copy_texts(target: Path) -> Path:
    """Held answers and stored prompts, sealed as they lie there. One that is removed meanwhile is left out."""
    for name, path in _files("", settings.HOME / FOLDER):
        place = target / name.removeprefix("/")
        if path.name.endswith(SUFFIX):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileNotFoundError):
                shutil.copyfile(path, place)
    return target


def _dump_postgresql(target: Path) -> None:
    # What is due is planned anew at the start, so the work engine's own schema stays out.
    options = ("--format=custom", "--no-owner", "--no-privileges", "--exclude-schema=dbos")
    _tool("pg_dump", *options, "--file", str(target), _name())


def _tool(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on our database. The password goes by environment, never by argument."""
    options = settings.DATABASES["default"]
    found = shutil.which(program)
    if found is None:
        raise PilothouseError(
            f"{program} is not installed here. On Debian: apt install postgresql-client",
            code="tool_missing",
            status=503,
        )
    environment = os.environ | {
        "PGHOST": options["HOST"],
        "PGPORT": str(options["PORT"]),
        "PGUSER": options["USER"],
        "PGPASSWORD": options["PASSWORD"],
    }
    environment = {key: value for key, value in environment.items() if value}
    done = subprocess.run(  # noqa: S603  # our own arguments, no shell
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise PilothouseError(f"{program} failed: {words}", code="tool_failed", status=503)


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _files(name: str, root: Path) -> Iterator[tuple[str, Path]]:
    if root.is_file():
        yield name, root
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            yield f"{name}/{path.relative_to(root).as_posix()}", path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(target: Path, members: dict[str, Path], manifest: dict[str, Any]) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    note = target.with_name("manifest.json")
    note.write_text(json.dumps(manifest, indent=1))
    with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
        archive.add(note, "manifest.json")
        for name, path in members.items():
            archive.add(path, name, recursive=False)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Extract into `folder` and hold every member against the manifest."""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _extract(archive, member, folder)
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        members = manifest["members"]
    except FileNotFoundError as error:
        missing = "there is no such file" if not source.exists() else "its manifest is missing"
        raise Invalid(f"{source} cannot be restored: {missing}.") from error
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{source} is not a whole backup of Pilothouse.") from error
    if manifest.get("format") != FORMAT:
        raise Invalid(f"{source} has format {manifest.get('format')}; this version reads format {FORMAT}.")
    for name, digest in members.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise Invalid(f"{source} is damaged: {name} is not what was saved.")
    return manifest


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One plain file, inside `folder`. Debian's Python 3.11 has no tarfile filters yet; we need less than they do."""
    parts = PurePosixPath(member.name).parts
    if not member.isfile() or not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(member.name)
    content = archive.extractfile(member)
    if content is None:
        raise ValueError(member.name)
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as out:
        shutil.copyfileobj(content, out)


def _require_empty(engine: str) -> None:
    if engine == "sqlite":
        there = Path(settings.DATABASES["default"]["NAME"]).exists()
    else:
        there = bool(connection.introspection.table_names())
    if there:
        raise Conflict(
            f"There is an installation in {settings.HOME} already. Restore into an empty one: "
            "set PILOTHOUSE_HOME to a new folder (and PILOTHOUSE_DATABASE_URL to an empty database)."
        )


def _place_keys(folder: Path) -> None:
    """Put the saved keys where they belong; keys that were kept apart must be there already."""
    for name in KEYS:
        saved, place = folder / name, settings.HOME / name
        if saved.is_dir():
            shutil.copytree(saved, place, dirs_exist_ok=True)
        elif saved.exists() and not place.exists():
            shutil.copy(saved, place)
        for path in [place, *place.rglob("*")] if place.exists() else ():
            path.chmod(0o700 if path.is_dir() else 0o600)
    key = home.secret_key(settings.HOME)
    if not key:
        raise Conflict(
            f"This backup was made without keys. Put {home.KEY_FILE} and keys/ into {settings.HOME} first, "
            "or set PILOTHOUSE_SECRET_KEY."
        )
    settings.SECRET_KEY = key


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PilothouseError(
            f"{folder} cannot be made: {error.strerror}.", code="home_unwritable", status=503
        ) from error
    return folder
