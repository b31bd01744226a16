"""The data directory: where it is, what must be true of it, and the secret key that lies in it. No Django here."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

from pilothouse.contracts.errors import Conflict, PilothouseError

KEY_FILE = "secret.key"
LEAST_FREE = 200 * 1024 * 1024  # bytes; below that SQLite's log and an import could fail half-way


def location() -> Path:
    """`PILOTHOUSE_HOME`, or `var` in the present folder."""
    return Path(os.environ.get("PILOTHOUSE_HOME") or Path.cwd() / "var").absolute()


def secret_key(home: Path) -> str:
    """The key from the environment, else from the home; empty when there is none yet."""
    given = os.environ.get("PILOTHOUSE_SECRET_KEY", "")
    if given:
        return given
    try:
        return (home / KEY_FILE).read_text().strip()
    except OSError:
        return ""


def prepare(home: Path) -> None:
    """Make the folder and its key where they are missing. Raises PilothouseError saying what to mend."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"0")
        probe.unlink()
    except OSError as error:
        raise PilothouseError(
            f"Pilothouse cannot write to its data directory {home} ({(error.strerror or str(error)).lower()}). "
            "Set PILOTHOUSE_HOME to a folder that you may write to.",
            code="home_unwritable",
            status=503,
        ) from error
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        raise PilothouseError(
            f"The disk under {home} has only {free // 2**20} MB left; Pilothouse wants {LEAST_FREE // 2**20} MB. "
            "Free some, or set PILOTHOUSE_HOME to a folder on another disk.",
            code="disk_full",
            status=503,
        )
    _make_key(home / KEY_FILE)


def _make_key(path: Path) -> None:
    """Create the key file for its owner alone; leave one that is there."""
    if os.environ.get("PILOTHOUSE_SECRET_KEY") or path.exists():
        return
    # O_EXCL: of two processes that start together one writes and the other reads what that one wrote.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48) + "\n")


def hold(home: Path) -> IO[str]:
    """Claim the home for this process until the returned file is closed. Raises Conflict when another runs on it."""
    lock = (home / "run.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Conflict(
            f"Pilothouse already runs on {home}. Stop it first, or set PILOTHOUSE_HOME to another folder.",
            code="already_running",
        ) from None
    return lock
