"""`pilothouse run` as people start it: a process of its own on an empty folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("PILOTHOUSE_TEST_DATABASE") == "postgresql", reason="it makes a SQLite installation of its own"
)


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PILOTHOUSE_", "DJANGO_"))}
    return kept | {"PILOTHOUSE_HOME": str(home)}


def pilothouse(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pilothouse.site.cli import main; main()", *arguments]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False, timeout=120)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", "from pilothouse.site.cli import main; main()"]
    process = subprocess.Popen(
        [*command, "run", "--no-demo", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urlopen(f"http://127.0.0.1:{port}/readyz").close()
                break
            except (URLError, ConnectionError):
                time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_runs_says_where_ends_cleanly_and_starts_again(tmp_path):
    home = tmp_path / "home"
    port = free_port()
    with serving(home, port) as process:
        assert json.load(urlopen(f"http://127.0.0.1:{port}/readyz"))["ready"] is True
        # A second one on the same folder, and another on the same port, are told so in a sentence.
        second = pilothouse(home, "run", "--port", str(free_port()))
        assert (second.returncode, second.stderr.startswith("Pilothouse already runs on ")) == (4, True)
        other = pilothouse(home.with_name("other"), "run", "--port", str(port))
        assert (other.returncode, other.stderr.startswith(f"Port {port} is taken")) == (4, True)
        # The command line works beside the server.
        assert pilothouse(home, "work", "list").returncode == 0
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert f"http://localhost:{port}" in out
        assert "Press Ctrl-C to stop" in out
    _starts_again_with_its_data(home, port)


def _starts_again_with_its_data(home: Path, port: int) -> None:
    key = (home / "secret.key").read_text()
    inode = (home / "pilothouse.sqlite3").stat().st_ino
    with serving(home, port) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert (home / "secret.key").read_text() == key
    assert (home / "pilothouse.sqlite3").stat().st_ino == inode


def test_a_command_before_init_says_what_to_do(tmp_path):
    done = pilothouse(tmp_path, "migrate")
    assert done.returncode == 2
    assert "Run `pilothouse init`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_said_plainly(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "environment", _with(PILOTHOUSE_URL="nonsense"))
    done = pilothouse(tmp_path, "init")
    assert (done.returncode, "PILOTHOUSE_URL is not an address" in done.stderr) == (2, True)


def test_a_home_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    done = pilothouse(tmp_path / "file" / "home", "run")
    assert done.returncode == 1
    assert done.stderr.startswith("Pilothouse cannot write to its data directory")


def _with(**extra: str):
    original = environment
    return lambda home: original(home) | extra
