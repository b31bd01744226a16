"""`pilothouse run`: everything from an empty folder to a served page, in one process."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer
import uvicorn
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.core.management import call_command

from pilothouse.contracts.errors import Conflict, PilothouseError
from pilothouse.gateway import run as gateway
from pilothouse.gateway.gateway import Settings as GatewaySettings
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.policy.publish import Publisher
from pilothouse.site import home


@dataclass(frozen=True, slots=True)
class Beside:
    """The gateway that runs beside the control plane. No `port`: the first free one after the control plane's."""

    host: str = "127.0.0.1"
    port: int | None = None
    workers: int = 1
    durability: Literal["process", "power"] = "process"

    def listener(self, after: int) -> socket.socket:
        return gateway.claim_near(self.host, after + 1) if self.port is None else gateway.claim(self.host, self.port)

    def settings(self) -> GatewaySettings:
        return GatewaySettings(settings.HOME, self.durability)


def run(*, host: str, port: int, demo: bool, work: bool, beside: Beside | None = None) -> None:
    """Serve until interrupted. Raises PilothouseError in plain words for whatever the operator can mend."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop ends it as Ctrl-C does
    with contextlib.ExitStack() as held:
        if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            held.enter_context(contextlib.closing(home.hold(settings.HOME)))  # SQLite serves one process
        listener = held.enter_context(contextlib.closing(claim(host, port)))
        door = beside.listener(port) if beside else None
        if door:
            held.enter_context(contextlib.closing(door))
        settle()
        if demo and not Organisation.objects.exists():
            make_demo()
        if beside and door:
            held.enter_context(gateway.running(door, beside.workers, beside.settings()))
        with working() if work else contextlib.nullcontext():
            greeting = welcome(host, port, door)
            Server(lambda: typer.echo(greeting)).run(sockets=[listener])


def claim(host: str, port: int) -> socket.socket:
    """A socket on `host:port`. Raises Conflict when the port is taken, PilothouseError when it may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OverflowError:
        listener.close()
        raise PilothouseError(f"{port} is not a port: choose one from 1024 to 65535.", code="port") from None
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict(
                f"Port {port} is taken by another program. Stop that one, or choose another port: "
                f"make run PORT={port + 1} (or pilothouse run --port {port + 1}).",
                code="port_taken",
            ) from None
        reason = (error.strerror or str(error)).lower()
        raise PilothouseError(f"Pilothouse cannot listen on {host}:{port}: {reason}.", code="port") from None
    return listener


def settle() -> None:
    """Check the settings, bring the database up to date and lay out the static files."""
    findings = checks.run_checks()
    for message in findings:
        if not message.is_serious():
            typer.echo(f"note: {message.msg} {message.hint or ''}".rstrip(), err=True)
    serious = [f"{message.msg} {message.hint or ''}".rstrip() for message in findings if message.is_serious()]
    if serious:
        raise PilothouseError("\n".join(serious), code="settings")
    call_command("migrate", verbosity=0)
    lay_out_static_files()


def lay_out_static_files() -> None:
    """Collect static files when one is newer than what was collected last; compressing them takes seconds."""
    sources = [storage.path(name) for finder in finders.get_finders() for name, storage in finder.list([])]
    newest = max((_mtime(path) for path in sources), default=0.0)
    stamp = settings.STATIC_ROOT / ".collected"
    mark = f"{len(sources)} {newest}"
    if stamp.exists() and stamp.read_text() == mark:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(mark)


def make_demo() -> None:
    """The demo's two organisations, told as a year of history."""
    from pilothouse.demo.generate import make

    typer.echo("Making two demo organisations with a year of history; this takes a minute and is done once …", err=True)
    make()


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Do the scheduled jobs and keep gateways informed, in this process, for as long as the block lasts."""
    from pilothouse.kernel.work import engine  # brings 40 MB that a process without work does not need

    engine.start()
    publisher = Publisher()
    publisher.start()
    try:
        yield
    finally:
        publisher.stop()
        engine.stop()


class Server(uvicorn.Server):
    """uvicorn, which says so once it listens and ends quietly on Ctrl-C."""

    def __init__(self, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                "pilothouse.site.asgi:application",
                log_config=None,
                access_log=False,  # our own middleware writes the one line for each request
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=10,
                forwarded_allow_ips=settings.TRUSTED_PROXIES,
            )
        )
        self.on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_started()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            super().run(sockets)


def welcome(host: str, port: int, door: socket.socket | None = None) -> str:
    """What to do now: the address, who can sign in, three things to try."""
    where = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104
    lines = ["", f"Pilothouse runs at http://{where}:{port}"]
    if door:
        lines.append(f"Its gateway for model calls runs at http://{where}:{door.getsockname()[1]}/v1")
    lines += [f"Its data is in {settings.HOME}", ""]
    if Organisation.objects.filter(is_demo=True).exists():
        from pilothouse.demo.generate import introduce

        lines += introduce()
    elif not Organisation.objects.exists():
        lines += ["There is no organisation yet: pilothouse org create SLUG", ""]
    lines.append("Press Ctrl-C to stop; the data stays.")
    return "\n".join(lines)


def _mtime(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:  # a broken link, or a file that an editor just replaced
        return 0.0
