"""Issuers of identity tokens on pages, over REST and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pilothouse.kernel.policy.models import Issuer
from pilothouse.kernel.policy.tests.test_issuers import FACTS, SHOWN, URL
from pilothouse.site.cli import run

PAGE = "/o/harbour/gateway/issuers/"
SAID = {"name": "main", "url": URL, "audiences": "pilothouse, desk", "claim": "email", "algorithms": "RS256"}


def test_it_works(cast: Any, browse: Any) -> None:
    caio = browse("caio")
    assert "No issuers yet" in caio.get(PAGE).content.decode()
    assert caio.post(PAGE, {**SAID, "keys": json.dumps(SHOWN), "active": "on"}).status_code == 302
    issuer = Issuer.objects.get()
    assert (issuer.audiences, issuer.given, len(issuer.keys)) == (["desk", "pilothouse"], True, 2)
    assert "2 given by hand" in caio.get(PAGE).content.decode()
    where = f"{PAGE}{issuer.pk}/"
    assert "pilothouse" in caio.get(where).content.decode()
    assert caio.post(where, {**SAID, "claim": "oid", "version": "1", "active": "on"}).status_code == 302
    issuer.refresh_from_db()
    assert (issuer.claim, len(issuer.keys)) == ("oid", 2)
    assert caio.post(f"{where}renew/").status_code == 302


def test_what_is_wrong_stands_beside_its_field(cast: Any, browse: Any) -> None:
    answer = browse("caio").post(PAGE, {**SAID, "algorithms": "HS256"})
    assert answer.status_code == 422
    assert "Choose among" in answer.content.decode()
    assert not Issuer.objects.exists()


def test_others_may_not(cast: Any, browse: Any, rest: Any) -> None:
    assert browse("alice").get(PAGE).status_code == 403
    assert browse("charlie").get(PAGE).status_code == 404
    assert rest("alice").get("gateway/issuers").status_code == 403
    assert rest("alice").post("gateway/issuers", {"name": "main", **FACTS}).status_code == 403


def test_over_rest(cast: Any, rest: Any) -> None:
    caio = rest("caio")
    made = caio.post("gateway/issuers", {"name": "main", **FACTS, "keys": json.dumps(SHOWN)})
    assert made.status_code == 200
    assert (made.json()["given"], made.json()["problem"]) == (True, "")
    assert len(caio.get("gateway/issuers").json()["items"]) == 1
    assert caio.get("traffic/model-changes").json()["items"] == []


def test_on_the_command_line(cast: Any, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(SHOWN))
    said = ["--url", URL, "--audience", "pilothouse", "--keys-file", str(tmp_path / "keys.json")]
    assert run(["gateway", "issuers", "save", "main", *said, "--org", "harbour", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["keys"] == 2
    assert run(["gateway", "issuers", "list", "--org", "harbour"]) == 0
    assert run(["usage", "model-changes", "--org", "harbour"]) == 0
