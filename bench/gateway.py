"""The gateway beside LiteLLM and Portkey: `python bench/gateway.py [SECONDS A CELL]`. About four minutes.

All three forward the same calls to the same mock upstream on this machine, one process each, one after another. Ours
checks everything: key, stage, limits, budget, usage on disk, secrets and structured personal data. The others run as
they come, without a database: they check a key and forward.

The machine is shared by client, gateway and upstream, so calls a second say little; calls for each second of the
gateway's own processor time say more. The peers are installed at the first run, outside the repository, into
PILOTHOUSE_BENCH_DIR (a folder in the system's temporary one); what cannot be installed is left out and said.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import httptools
import uvloop

HERE = Path(__file__).resolve()
PLACE = Path(os.environ.get("PILOTHOUSE_BENCH_DIR", Path(tempfile.gettempdir()) / "pilothouse-bench"))
UPSTREAM, OURS, LITELLM, PORTKEY = 9400, 9401, 9402, 9403
PIECES = 20
MASTER = f"sk-{secrets.token_hex(32)}"
TICKS = os.sysconf("SC_CLK_TCK")
# One e-mail address, so that inspection has something to find.
PROSE = (
    "and will answer by e-mail to quality@example.com. The line stood still for 45 minutes, as a sensor failed. "
    "of the 1,300 parts that were ordered; the rest is due next week. Quality asked for photographs of lot 20260311-77 "
    "and will answer by e-mail to quality@example.com. The line stood still for 45 minutes because a sensor failed. "
)


@dataclass(frozen=True)
class Cell:
    """One way to call: answers whole or streamed, calls at a time, the upstream's delay in ms, bytes of the prompt."""

    stream: bool
    at_once: int
    delay: int
    size: int

    @property
    def name(self) -> str:
        kind = "SSE" if self.stream else "JSON"
        return f"{kind}, c={self.at_once}, {self.delay} ms, {'100' if self.size > 2000 else '.9'} KB"


CELLS = [
    *(Cell(stream, c, delay, 900) for stream in (False, True) for delay in (0, 50) for c in (1, 16, 64)),
    *(Cell(False, c, 0, 100_000) for c in (1, 16)),
]


@dataclass
class Measured:
    """What one cell gave: calls, failures, seconds, the gateway's processor seconds, and each call's milliseconds."""

    calls: int = 0
    failed: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return self.calls / self.wall if self.wall else 0.0

    @property
    def a_core(self) -> float:
        """Calls for each second of the gateway's own processor time."""
        return self.calls / self.cpu if self.cpu > 0.02 else 0.0

    def at(self, percent: int) -> float:
        return quantiles(self.times, n=100)[percent - 1] if len(self.times) > 1 else 0.0


# The mock upstream ------------------------------------------------------------------------------------------------


class Mock(asyncio.Protocol):
    """Answers /d<ms>/v1/chat/completions in the OpenAI shape, whole or in pieces, after so many milliseconds."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.body, self.path = b"", b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.path, self.body = url, b""

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        streamed = b'"stream":true' in self.body.replace(b" ", b"")
        delay = 0.05 if self.path.startswith(b"/d50") else 0.0
        answer = STREAMED if streamed else WHOLE
        if delay:
            asyncio.get_running_loop().call_later(delay, self.say, answer)
        else:
            self.say(answer)

    def say(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


def _answers() -> tuple[bytes, bytes]:
    base = {"id": "chatcmpl-1", "created": 1, "model": "mock"}
    usage = {"prompt_tokens": 200, "completion_tokens": PIECES, "total_tokens": 200 + PIECES}
    message = {"role": "assistant", "content": "word " * PIECES}
    whole = base | {"object": "chat.completion", "usage": usage,
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
    body = json.dumps(whole).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    chunk = base | {"object": "chat.completion.chunk"}
    deltas = [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}] * PIECES
    events = [chunk | {"choices": [delta]} for delta in deltas]
    events.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append(chunk | {"choices": [], "usage": usage})
    said = [f"data: {json.dumps(event)}\n\n".encode() for event in events] + [b"data: [DONE]\n\n"]
    stream = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    stream += b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in said) + b"0\r\n\r\n"
    return head + body, stream


WHOLE, STREAMED = _answers()


async def serve_mock() -> None:
    server = await asyncio.get_running_loop().create_server(Mock, "127.0.0.1", UPSTREAM)
    await server.serve_forever()


# The client -------------------------------------------------------------------------------------------------------


class Caller(asyncio.Protocol):
    """One connection that calls again as soon as it is answered, until the time is up."""

    def __init__(self, request: bytes, until: float, into: Measured, done: asyncio.Future[None]) -> None:
        self.request, self.until, self.into, self.done = request, until, into, done

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.call()

    def call(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.into.calls += 1
        self.into.failed += self.parser.get_status_code() != 200
        self.into.times.append((now - self.began) * 1000)
        if now < self.until:
            asyncio.get_running_loop().call_soon(self.call)
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self.until:
            self.into.failed += 1
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, request: bytes, cell: Cell, seconds: float) -> Measured:
    """Call for so long with so many connections."""
    loop = asyncio.get_running_loop()
    found, until = Measured(), time.perf_counter() + seconds
    began = time.perf_counter()
    ends = [loop.create_future() for _ in range(cell.at_once)]
    for end in ends:
        await loop.create_connection(lambda end=end: Caller(request, until, found, end), "127.0.0.1", port)
    await asyncio.wait_for(asyncio.gather(*ends), seconds + 60)
    found.wall = time.perf_counter() - began
    return found


def request_of(path: str, cell: Cell, model: str, headers: dict[str, str]) -> bytes:
    text = (PROSE * (cell.size // len(PROSE) + 1))[: cell.size - 150]
    body: dict[str, Any] = {"model": model, "max_tokens": 256, "messages": [{"role": "user", "content": text}]}
    if cell.stream:
        body |= {"stream": True}
    data = json.dumps(body, separators=(",", ":")).encode()
    lines = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(data))} | headers
    return (f"POST {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode() + data


# The gateways -----------------------------------------------------------------------------------------------------


class Rival:
    """One gateway: how it is started, called, and what it calls itself."""

    name, port, path = "", 0, "/v1/chat/completions"

    def command(self) -> list[str]:
        raise NotImplementedError

    def request(self, cell: Cell) -> bytes:
        raise NotImplementedError

    def ready(self) -> str:
        """Install what is missing; returns why it cannot run, or nothing."""
        return ""

    def environment(self) -> dict[str, str]:
        return {}


class Direct(Rival):
    name, port = "upstream alone", UPSTREAM

    def request(self, cell: Cell) -> bytes:
        return request_of(f"/d{cell.delay}{self.path}", cell, "mock", {})


class Pilothouse(Rival):
    name, port = "Pilothouse", OURS

    def ready(self) -> str:
        from pilothouse.contracts.policy.snapshot import Alias, Budget, Limits, Price, Target, Upstream
        from pilothouse.gateway.tests.house import KEY, House, system

        self.home = Path(tempfile.mkdtemp(prefix="pilothouse-bench-"))
        house, self.key = House(self.home, f"http://127.0.0.1:{UPSTREAM}"), KEY
        since = house.snapshot.issued_at
        secret = "file:secrets/harbour/provider"
        house.write(
            systems={"sys": system(limits=Limits(10_000_000, 10_000_000_000, 1_000))},
            upstreams={
                f"d{d}": Upstream(f"d{d}", f"http://127.0.0.1:{UPSTREAM}/d{d}/v1", "openai", secret) for d in (0, 50)
            },
            aliases={f"d{d}": Alias(f"d{d}", (Target(f"d{d}", "mock"),)) for d in (0, 50)},
            prices={f"d{d}/mock": (Price("p", since, 1_000_000, 2_000_000),) for d in (0, 50)},
            budgets={"system:sys": (Budget("b", "Cap", "system", "sys", "day", 10**15),)},
        )
        return ""

    def command(self) -> list[str]:
        serve = (
            "from pathlib import Path; from pilothouse.gateway.gateway import Settings\n"
            "from pilothouse.gateway.run import claim, serve_until_told\n"
            f"serve_until_told(claim('127.0.0.1', {self.port}), 1, Settings(Path({str(self.home)!r})))"
        )
        return [sys.executable, "-c", serve]

    def request(self, cell: Cell) -> bytes:
        return request_of(self.path, cell, f"d{cell.delay}", {"authorization": f"Bearer {self.key}"})


class LiteLlm(Rival):
    name, port = "LiteLLM", LITELLM

    def ready(self) -> str:
        python = PLACE / "litellm" / "bin" / "python"
        if not python.exists():
            uv = shutil.which("uv") or str(HERE.parents[1] / ".uv" / "bin" / "uv")
            made = subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(PLACE / "litellm")], check=False)
            made = (
                made.returncode
                or subprocess.run([uv, "pip", "install", "-q", "-p", str(python), "litellm[proxy]"]).returncode
            )
            if made:
                return "it could not be installed"
        models = [
            {"model_name": f"d{d}", "litellm_params": {"model": "openai/mock", "api_key": "x",
                                                       "api_base": f"http://127.0.0.1:{UPSTREAM}/d{d}/v1"}}
            for d in (0, 50)
        ]  # fmt: skip
        config = {"model_list": models, "general_settings": {"master_key": MASTER},
                  "litellm_settings": {"telemetry": False}}  # fmt: skip
        (PLACE / "litellm.yaml").write_text(json.dumps(config))
        show = "import importlib.metadata as m; print(m.version('litellm'))"
        self.name = "LiteLLM " + subprocess.check_output([python, "-c", show], text=True).strip()
        return ""

    def command(self) -> list[str]:
        program = str(PLACE / "litellm" / "bin" / "litellm")
        return [program, "--config", str(PLACE / "litellm.yaml"), "--port", str(self.port), "--host", "127.0.0.1"]

    def environment(self) -> dict[str, str]:
        return {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}

    def request(self, cell: Cell) -> bytes:
        return request_of(self.path, cell, f"d{cell.delay}", {"authorization": f"Bearer {MASTER}"})


class Portkey(Rival):
    name, port = "Portkey", PORTKEY

    def ready(self) -> str:
        if not shutil.which("node"):
            return "there is no node on this machine"
        self.module = PLACE / "portkey" / "node_modules" / "@portkey-ai" / "gateway"
        if not self.module.exists():
            (PLACE / "portkey").mkdir(parents=True, exist_ok=True)
            npm = ["npm", "install", "--no-fund", "--no-audit", "--silent", "@portkey-ai/gateway"]
            if subprocess.run(npm, cwd=PLACE / "portkey", check=False).returncode:
                return "it could not be installed"
        self.name = "Portkey " + json.loads((self.module / "package.json").read_text())["version"]
        return ""

    def command(self) -> list[str]:
        return ["node", str(self.module / "build" / "start-server.js"), f"--port={self.port}", "--headless"]

    def environment(self) -> dict[str, str]:
        return {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}

    def request(self, cell: Cell) -> bytes:
        host = f"http://127.0.0.1:{UPSTREAM}/d{cell.delay}/v1"
        headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": host, "authorization": "Bearer x"}
        return request_of(self.path, cell, "mock", headers)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(entry.read_text().rsplit(")", 1)[1].split()[1]), []).append(int(entry.parent.name))
    found, ahead = [], [pid]
    while ahead:
        found.append(ahead.pop())
        ahead += parents.get(found[-1], [])
    return found


def used(pid: int) -> tuple[float, float]:
    """Processor seconds and resident megabytes of a process and all below it."""
    seconds = memory = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            seconds += (int(words[11]) + int(words[12])) / TICKS
            memory += int(words[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return seconds, memory


@contextlib.contextmanager
def running(command: list[str], port: int, extra: dict[str, str]) -> Iterator[int]:
    """A process that listens on `port`; it and all below it end with the block."""
    with (PLACE / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | extra)
    try:
        deadline = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start: see {log.name}")
            time.sleep(0.1)
        yield process.pid
    finally:
        for pid in reversed(family(process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 15)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


async def measure(rival: Rival, pid: int, seconds: float) -> tuple[dict[Cell, Measured], float]:
    found = {}
    for cell in CELLS:
        request = rival.request(cell)
        await load(rival.port, request, cell, 0.5)
        before, _ = used(pid)
        found[cell] = await load(rival.port, request, cell, seconds)
        found[cell].cpu = used(pid)[0] - before
    return found, used(pid)[1]


HEADS = ("calls/s", "calls/s and core", "p50 ms", "p99 ms", "added p50", "added p99", "failed")


def tell(results: dict[str, dict[Cell, Measured]], memory: dict[str, float]) -> None:
    direct, ours = results["upstream alone"], results["Pilothouse"]
    for name, cells in results.items():
        print(f"\n{name}" + (f", {memory[name]:.0f} MB resident" if name in memory else ""))
        print(f"{'':28}" + "".join(f"{head:>{len(head) + 3}}" for head in HEADS))
        for cell, m in cells.items():
            core = f"{m.a_core:,.0f}" if name in memory else "–"
            added = [f"{m.at(p) - direct[cell].at(p):.2f}" if name in memory else "–" for p in (50, 99)]
            said = (f"{m.a_second:,.0f}", core, f"{m.at(50):.2f}", f"{m.at(99):.2f}", *added, f"{m.failed:,}")
            words = "".join(f"{text:>{len(head) + 3}}" for text, head in zip(said, HEADS, strict=True))
            print(f"{cell.name:28}{words}")
    peers = [name for name in results if name not in ("upstream alone", "Pilothouse")]
    print("\nOurs for one of theirs: calls/s, and calls/s and core")
    for cell in CELLS:
        said = [
            f"{name} {ours[cell].a_second / theirs.a_second:5.1f} × {ours[cell].a_core / theirs.a_core:5.1f} ×"
            if theirs.calls > theirs.failed and theirs.a_core
            else f"{name} failed"
            for name in peers
            for theirs in [results[name][cell]]
        ]
        print(f"{cell.name:28}{'   '.join(said)}")


def main(seconds: float) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[Cell, Measured]] = {}
    memory: dict[str, float] = {}
    with running([sys.executable, str(HERE), "--upstream"], UPSTREAM, {}) as upstream:
        results["upstream alone"], _ = uvloop.run(measure(Direct(), upstream, seconds / 2))
        for rival in (Pilothouse(), LiteLlm(), Portkey()):
            if reason := rival.ready():
                print(f"{rival.name}: left out, {reason}.")
                continue
            try:
                with running(rival.command(), rival.port, rival.environment()) as pid:
                    time.sleep(2)
                    results[rival.name], memory[rival.name] = uvloop.run(measure(rival, pid, seconds))
            except (RuntimeError, TimeoutError) as error:
                print(f"{rival.name}: left out, {error}.")
    tell(results, memory)


if __name__ == "__main__":
    if sys.argv[1:] == ["--upstream"]:
        uvloop.run(serve_mock())
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.5)
