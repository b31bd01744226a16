"""From a call at the gateway to a row of the warehouse: nothing lost, nothing doubled, and no text on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from pilothouse.gateway.app import App
from pilothouse.gateway.gateway import Settings
from pilothouse.gateway.tests.house import KEY, ORGANISATION, House
from pilothouse.gateway.tests.provider import Provider, served
from pilothouse.kernel.warehouse import questions, spool
from pilothouse.kernel.warehouse.asking import opened
from pilothouse.kernel.warehouse.questions import Where

CANARY = "ghp_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
PERSON = "jane.canary@example.com"


def test_every_call_arrives_once_and_without_its_text(tmp_path: Path) -> None:
    provider = Provider()
    with served(provider) as behind:
        House(tmp_path, behind.url)
        app = App(Settings(home=tmp_path))
        with served(app, lifespan="on") as front, httpx.Client(timeout=30) as client:
            for number in range(6):
                said = [{"role": "user", "content": f"Call {number}: token {CANARY}, write to {PERSON}"}]
                body = {"model": "chat" if number < 5 else "no-such-model", "messages": said, "stream": number % 2 == 1}
                url = f"{front.url}/v1/chat/completions"
                client.post(url, json=body, headers={"Authorization": f"Bearer {KEY}"}).read()
    done = spool.project(tmp_path / "gateway" / "spool", tmp_path / "warehouse")
    assert done["unread"] == 0
    now = datetime.now(UTC)
    with opened(tmp_path / "warehouse", ORGANISATION, now - timedelta(hours=1), now + timedelta(hours=1)) as warehouse:
        totals = questions.totals(warehouse, Where())
        assert totals["calls"] == provider.billed == 5
        assert totals["cost"] > 0
        assert [row["value"] for row in questions.refusals_by(warehouse, "code", Where())] == ["unknown_model"]
        found = {row["kind"]: row["found"] for row in questions.findings_by(warehouse, "system", Where())}
        assert found == {"secret": 5, "email": 5}
    assert spool.project(tmp_path / "gateway" / "spool", tmp_path / "warehouse")["rows"] == 0
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert CANARY.encode() not in content, path
        assert PERSON.encode() not in content, path
