"""The gateway's parent process: it holds the socket, starts the workers, and starts them anew when they die."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import msgspec

from pilothouse.contracts.errors import Conflict, PilothouseError
from pilothouse.gateway.gateway import LEAVE_SECONDS, Settings
from pilothouse.gateway.spool import SLOTS
from pilothouse.gateway.worker import Job

SHORTEST_LIFE = 5.0  # seconds; a worker that dies sooner is started again only after a pause
PAUSES = (0.0, 0.5, 2.0, 5.0)


def claim(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Conflict when the port is taken, PilothouseError when it may not be used."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise Conflict(
                f"The gateway's port {port} is taken by another program. Choose another: --gateway-port, or "
                "PILOTHOUSE_GATEWAY_PORT.",
                code="port_taken",
            ) from None
        raise PilothouseError(f"The gateway cannot listen on {host}:{port}: {error}.", code="port") from None
    return listener


def claim_near(host: str, port: int) -> socket.socket:
    """The same, on the first free port of a few from `port` on: for whoever did not ask for a certain one."""
    for candidate in range(port, min(port + 20, 65_536)):
        try:
            return claim(host, candidate)
        except Conflict:
            continue
    return claim(host, port)


class Worker:
    """One place for a worker: the process in it, and how often in a row it died young."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.born = self.not_before = 0.0
        self.deaths = 0


class Workers:
    """The worker processes on one socket."""

    def __init__(
        self, listener: socket.socket, settings: Settings, number: int, pauses: tuple[float, ...] = PAUSES
    ) -> None:
        if not 1 <= number <= SLOTS:
            raise PilothouseError(f"From 1 to {SLOTS} workers run on one host.", code="workers")
        self._listener, self._settings, self._pauses = listener, settings, pauses
        self._workers = [Worker() for _ in range(number)]
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="gateway-workers", daemon=True)

    def start(self) -> None:
        self._look()
        self._watcher.start()

    def _watch(self) -> None:
        while not self._stopping.wait(0.1):
            self._look()

    def _look(self) -> None:
        """Start every worker that is not there, or not any more. One that dies young is given time."""
        now = time.monotonic()
        for worker in self._workers:
            process = worker.process
            if process is not None:
                if process.poll() is None:
                    continue
                worker.deaths = worker.deaths + 1 if now - worker.born < SHORTEST_LIFE else 0
                worker.not_before = now + self._pauses[min(worker.deaths, len(self._pauses) - 1)]
                worker.process = None
                if process.stdin:
                    process.stdin.close()
            if now >= worker.not_before:
                worker.process, worker.born = self._spawn(), now

    def _spawn(self) -> subprocess.Popen[bytes]:
        job = Job(self._listener.fileno(), str(self._settings.home), self._settings.durability)
        command = [sys.executable, "-m", "pilothouse.gateway.worker", msgspec.json.encode(job).decode()]
        # A session of its own keeps Ctrl-C from the workers: they are told by us, after the socket is closed.
        return subprocess.Popen(  # noqa: S603  our own interpreter with our own module
            command, stdin=subprocess.PIPE, pass_fds=[self._listener.fileno()], start_new_session=True
        )

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes()]

    def _processes(self) -> list[subprocess.Popen[bytes]]:
        return [worker.process for worker in self._workers if worker.process is not None]

    def wait(self) -> None:
        """Until `leave` or `stop` is called."""
        self._stopping.wait()

    def leave(self) -> None:
        """Start no worker any more, and end `wait`."""
        self._stopping.set()

    def stop(self) -> None:
        """Let the calls under way end, then the workers."""
        self._stopping.set()
        if self._watcher.is_alive() and self._watcher is not threading.current_thread():
            self._watcher.join()
        for process in self._processes():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 2 * LEAVE_SECONDS + 5
        for process in self._processes():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def running(listener: socket.socket, number: int, settings: Settings) -> Iterator[Workers]:
    """The gateway on `listener`, for as long as the block lasts. Raises PilothouseError."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.closing(listener):
        workers = Workers(listener, settings, number)
        workers.start()
        try:
            yield workers
        finally:
            workers.stop()


def serve_until_told(listener: socket.socket, number: int, settings: Settings) -> None:
    """Run the gateway until SIGINT or SIGTERM. Raises PilothouseError."""
    with running(listener, number, settings) as workers:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: workers.leave())
        workers.wait()


def workers_for_this_host() -> int:
    """As many as there are cores, but for one that everything else needs."""
    return max(1, min(SLOTS, (os.cpu_count() or 2) - 1))
