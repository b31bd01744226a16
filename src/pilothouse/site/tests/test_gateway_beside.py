"""The gateway as people start it: beside the control plane, and alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from pilothouse.site.tests.test_run import environment, free_port

pytestmark = pytest.mark.skipif(
    os.environ.get("PILOTHOUSE_TEST_DATABASE") == "postgresql", reason="it makes a SQLite installation of its own"
)


def start(home: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(url).close()
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}: {process.communicate(timeout=5)}")


def test_it_runs_beside_and_ends_with_the_control_plane(tmp_path: Path):
    home, port, beside = tmp_path / "home", free_port(), free_port()
    pilothouse = ["-c", "from pilothouse.site.cli import main; main()"]
    process = start(home, *pilothouse, "run", "--no-demo", "--port", str(port), "--gateway-port", str(beside))
    try:
        wait_for(process, f"http://127.0.0.1:{port}/readyz")
        wait_for(process, f"http://127.0.0.1:{beside}/healthz")
        call = Request(f"http://127.0.0.1:{beside}/v1/chat/completions", b'{"model":"x","messages":[]}')
        with pytest.raises(HTTPError) as refused:
            urlopen(call)
        # There is no organisation yet, so there is no policy, so nothing may be called.
        assert json.load(refused.value)["error"]["code"] == "no_policy"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert f"gateway for model calls runs at http://localhost:{beside}/v1" in out
        with pytest.raises(URLError):
            urlopen(f"http://127.0.0.1:{beside}/healthz")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGKILL])
def test_it_runs_alone_and_leaves_no_worker_behind(tmp_path: Path, signal_: signal.Signals):
    port = free_port()
    process = start(tmp_path, "-m", "pilothouse.gateway", "--port", str(port), "--workers", "2")
    try:
        wait_for(process, f"http://127.0.0.1:{port}/healthz")
        process.send_signal(signal_)
        assert process.wait(30) == (0 if signal_ is signal.SIGTERM else -signal.SIGKILL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz").close()
                time.sleep(0.1)
            except (URLError, ConnectionError):
                return
        raise AssertionError("a worker lives on")
    finally:
        process.kill()
        process.wait()


def test_a_taken_port_is_said_plainly(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, "-m", "pilothouse.gateway", "--port", str(taken.getsockname()[1]))
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "is taken by another program" in error
    assert "Traceback" not in error
