"""A provider and a gateway, both served on this machine, for tests that go in by the front door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pilothouse.gateway.app import App
from pilothouse.gateway.gateway import Gateway, Settings
from pilothouse.gateway.tests.house import KEY, House
from pilothouse.gateway.tests.provider import Provider, served


@dataclass
class Door:
    """The gateway's address, with what stands before and behind it."""

    url: str
    house: House
    provider: Provider
    gateway: Gateway
    client: httpx.Client

    def post(self, path: str, body: object, *, key: str = KEY, **headers: str) -> httpx.Response:
        return self.client.post(self.url + path, json=body, headers={"Authorization": f"Bearer {key}", **headers})

    def post_raw(self, path: str, body: bytes, *, key: str = KEY) -> httpx.Response:
        return self.client.post(self.url + path, content=body, headers={"Authorization": f"Bearer {key}"})

    def chat(self, text: str = "Hello", **more: object) -> httpx.Response:
        return self.post("/v1/chat/completions", {"model": "chat", "messages": [_user(text)], **more})

    def refresh(self) -> None:
        """Let the gateway look at its files now instead of within half a second."""
        self.gateway.state.refresh()


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def door(tmp_path: Path, provider: Provider) -> Iterator[Door]:
    with served(provider) as behind:
        house = House(tmp_path, behind.url)
        app = App(Settings(home=tmp_path))
        with served(app, lifespan="on") as front, httpx.Client(timeout=30) as client:
            yield Door(front.url, house, provider, app.gateway, client)
