"""Telling an observability system of every call: at least once, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import encode
from pilothouse.kernel.traffic import exporting, places
from pilothouse.kernel.traffic.exporting import otlp_tick, outbox
from pilothouse.kernel.traffic.observed import otlp, telling
from pilothouse.kernel.traffic.tests.conftest import refusal, settlement
from pilothouse.kernel.warehouse import spool

AT = datetime(2026, 11, 23, 10, 15, 30, 250_000, UTC)


class Collector:
    """Whoever is told: keeps what came, and answers as it is told to."""

    def __init__(self) -> None:
        self.bodies: list[tuple[dict[str, str], bytes]] = []
        self.status = 200

    def seen(self) -> list[Any]:
        return [seen for _, body in self.bodies for seen in otlp.read(body, protobuf=True)]


@pytest.fixture
def collector(settings: Any, home: Path) -> Iterator[Collector]:
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if kept.status == 200:
                kept.bodies.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.OTLP_ENDPOINT = f"http://127.0.0.1:{server.server_port}/v1/traces"
    settings.OTLP_HEADERS_FILE = str(home / "headers")
    (home / "headers").write_text("Authorization: Bearer told-secret\n")
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


def closed(*events: Any, name: str = "1") -> None:
    """A file that a gateway closed, brought in as every minute does."""
    folder = places.spool() / "0"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    spool.project(places.spool(), places.warehouse(), outbox())


def calls(count: int) -> list[Any]:
    return [settlement(id=f"s-{number}", call=f"c-{number}", at=AT, organisation="o") for number in range(count)]


def test_it_works(collector: Collector) -> None:
    closed(*calls(3), refusal(at=AT, organisation="o"))
    assert otlp_tick(timezone.now()) == {"spans": 3, "given_up": 0}
    assert len(collector.seen()) == 3
    assert collector.bodies[0][0]["authorization"] == "Bearer told-secret"
    assert otlp_tick(timezone.now())["spans"] == 0
    assert not list(places.outbox().iterdir())


def test_what_cannot_be_delivered_waits_and_goes_on_where_it_stopped(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 2)
    collector.status = 503
    closed(*calls(5))
    assert otlp_tick(timezone.now())["spans"] == 0
    collector.status = 200
    assert otlp_tick(timezone.now())["spans"] == 5
    ids = [seen.id for seen in collector.seen()]
    assert len(ids) == len(set(ids)) == 5


def test_told_again_it_is_the_same_span(collector: Collector) -> None:
    closed(*calls(1))
    otlp_tick(timezone.now())
    closed(*calls(1), name="2")
    otlp_tick(timezone.now())
    assert len({seen.id for seen in collector.seen()}) == 1


def test_one_bad_batch_holds_nothing_up(collector: Collector) -> None:
    collector.status = 400
    closed(*calls(1))
    otlp_tick(timezone.now())
    assert not list(places.outbox().iterdir())


def test_what_waits_has_an_end(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", 10)
    closed(*calls(1))
    assert otlp_tick(timezone.now()) == {"spans": 0, "given_up": 1}


def test_without_an_address_nothing_is_laid_aside(home: Path) -> None:
    closed(*calls(1))
    assert otlp_tick(timezone.now()) == {"spans": 0, "given_up": 0}
    assert not places.outbox().exists()


numbers = st.integers(0, 2**40)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(Tokens, numbers, numbers, numbers, numbers, numbers),
    words, words, words, words, st.integers(0, 10**7), st.sampled_from([200, 500]),
)  # fmt: skip
def test_what_is_told_is_read_back(
    tokens: Tokens, upstream: str, target: str, conversation: str, agent: str, latency: int, status: int
) -> None:
    event = settlement(
        call="c", at=AT, organisation="o", system="sys", endpoint="chat", upstream=upstream, target=target,
        conversation=conversation, agent=agent, latency_ms=latency, status=status, tokens=tokens, model="asked",
        model_reported="answered", person="person-id",
    )  # fmt: skip
    body = telling.request([event])
    [seen] = otlp.read(body, protobuf=True)
    assert (seen.tokens, seen.at, seen.latency_ms, seen.status) == (tokens, AT, latency, status)
    assert (seen.provider, seen.model, seen.model_reported) == (upstream, target or "asked", "answered")
    assert (seen.conversation, seen.agent, seen.operation, seen.system) == (conversation, agent, "chat", "sys")
    assert not seen.person
    assert b"person-id" not in body
