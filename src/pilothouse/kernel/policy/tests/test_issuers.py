"""Issuers of identity tokens: what may be said of them, and how their keys come into the policy."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.clock import now
from pilothouse.kernel.policy import issuers as asked
from pilothouse.kernel.policy.actions.issuers import issuer_keys_take, issuer_renew, issuer_save, issuers_tick
from pilothouse.kernel.policy.actions.keys import key_issue
from pilothouse.kernel.policy.compile import compile_snapshot
from pilothouse.kernel.policy.issuers import clean_keys
from pilothouse.kernel.policy.models import Issuer
from pilothouse.kernel.policy.selectors import issuers, verdict

URL = "https://login.harbour.example"
FACTS = {"url": URL, "audiences": ["pilothouse"]}
RSA = {"kty": "RSA", "kid": "a", "use": "sig", "alg": "RS256", "n": "x" * 342, "e": "AQAB", "d": "private"}
CURVE = {"kty": "EC", "kid": "b", "crv": "P-256", "x": "x", "y": "y", "key_ops": ["verify"]}
SHOWN = {"keys": [RSA, CURVE]}


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the issuer shows, by address; an address that is not there cannot be reached."""
    pages = {
        f"{URL}/.well-known/openid-configuration": {"issuer": URL, "jwks_uri": f"{URL}/keys"},
        f"{URL}/keys": SHOWN,
    }

    def get(url: str) -> Any:
        if url not in pages:
            raise Invalid(
                "The issuer's keys cannot be read.", fields={"url": "login.harbour.example: it answered 404."}
            )
        return pages[url]

    monkeypatch.setattr(asked, "_get", get)
    return pages


def compiled(cast: Any) -> Snapshot:
    return compile_snapshot(Organisation.objects.get(pk=cast.actor("caio").organisation_id), now())


def test_it_works(cast: Any, shows: dict[str, Any]) -> None:
    caio = cast.actor("caio")
    made = issuer_save(actor=caio, name="main", facts=FACTS)
    assert not compiled(cast).issuers, "its keys are not known yet"
    issuer_renew(actor=caio, issuer=made)
    known = compiled(cast).issuers[URL]
    assert (known.audiences, known.algorithms, known.claim) == (("pilothouse",), ("ES256", "RS256"), "email")
    assert [key["kid"] for key in known.keys] == ["a", "b"]
    assert "d" not in known.keys[0], "the private part, which nobody should show, is left out"
    assert all(isinstance(value, str) for key in known.keys for value in key.values())


def test_what_if_knows_people_who_are_shown(cast: Any, offered: Any, call: Any) -> None:
    from pilothouse.contracts.policy.request import key_hash

    issued = key_issue(actor=cast.actor("alice"), system=offered, name="For people", person="verified")
    ask = {"key": key_hash(issued.text), "person": "somebody"}
    assert verdict(cast.actor("alice"), call(**ask)).code == "person_missing"
    assert verdict(cast.actor("alice"), call(**ask, person_verified=True)).allow
    assert verdict(cast.actor("alice"), call(**ask, person_problem="it has expired.")).code == "person_unverified"


def test_keys_are_renewed_and_kept_for_a_while_when_they_cannot_be(cast: Any, shows: dict[str, Any]) -> None:
    caio = cast.actor("caio")
    made = issuer_renew(actor=caio, issuer=issuer_save(actor=caio, name="main", facts=FACTS))
    shows[f"{URL}/keys"] = {"keys": [CURVE]}
    assert issuers_tick(now()) == {"renewed": 1, "failed": 0}
    assert [key["kid"] for key in compiled(cast).issuers[URL].keys] == ["b"]
    del shows[f"{URL}/keys"]
    assert issuers_tick(now()) == {"renewed": 0, "failed": 1}
    assert "404" in Issuer.objects.get(pk=made.pk).problem
    assert URL in compiled(cast).issuers
    Issuer.objects.filter(pk=made.pk).update(fetched_at=now() - timedelta(hours=73))
    assert not compiled(cast).issuers, "a key so old may long have been withdrawn"


def test_keys_given_by_hand_are_never_fetched(cast: Any) -> None:
    caio = cast.actor("caio")
    made = issuer_save(actor=caio, name="main", facts={**FACTS, "keys": json.dumps(SHOWN)})
    assert issuer_renew(actor=caio, issuer=made).given
    assert issuers_tick(now()) == {"renewed": 0, "failed": 0}
    assert len(compiled(cast).issuers[URL].keys) == 2
    issuer_save(actor=caio, name="main", facts={"active": False})
    assert not compiled(cast).issuers


def test_another_address_starts_without_keys(cast: Any) -> None:
    caio = cast.actor("caio")
    issuer_save(actor=caio, name="main", facts={**FACTS, "keys": json.dumps(SHOWN)})
    moved = issuer_save(actor=caio, name="main", facts={"url": "https://other.example"})
    assert (moved.keys, moved.given) == ([], False)


def test_an_address_that_speaks_for_another_is_refused(cast: Any, shows: dict[str, Any]) -> None:
    caio = cast.actor("caio")
    made = issuer_save(actor=caio, name="main", facts=FACTS)
    shows[f"{URL}/.well-known/openid-configuration"]["issuer"] = "https://evil.example"
    with pytest.raises(Invalid):
        issuer_renew(actor=caio, issuer=made)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"url": "http://login.harbour.example"}, "url"),
        ({"url": "login"}, "url"),
        ({"audiences": []}, "audiences"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"claim": ""}, "claim"),
        ({"keys_url": "file:///etc/passwd"}, "keys_url"),
        ({"keys": "[]"}, "keys"),
        ({"keys": "nonsense"}, "keys"),
        ({"keys": json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})}, "keys"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_issuer_is_refused(cast: Any, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        issuer_save(actor=cast.actor("caio"), name="main", facts={**FACTS, **facts})
    assert field in raised.value.fields


def test_two_entries_for_one_issuer_are_refused(cast: Any) -> None:
    issuer_save(actor=cast.actor("caio"), name="main", facts=FACTS)
    with pytest.raises(Invalid):
        issuer_save(actor=cast.actor("caio"), name="second", facts=FACTS)
    with pytest.raises(Conflict):
        issuer_save(actor=cast.actor("caio"), name="main", facts=FACTS, version=7)


def test_others_may_not(cast: Any) -> None:
    made = issuer_save(actor=cast.actor("caio"), name="main", facts=FACTS)
    with pytest.raises(NotFound):
        issuer_keys_take(actor=cast.actor("charlie"), issuer=made, keys=[CURVE])
    with pytest.raises(Forbidden):
        issuer_save(actor=cast.actor("alice"), name="main", facts=FACTS)
    with pytest.raises(NotFound):
        issuer_renew(actor=cast.actor("charlie"), issuer=made)
    assert not issuers(cast.actor("charlie")).exists()


@pytest.mark.parametrize("address", ["https://127.0.0.1/keys", "https://[::1]/keys", "https://169.254.169.254/latest"])
def test_only_public_addresses_are_asked(address: str) -> None:
    with pytest.raises(Invalid):
        asked._get(address)


@pytest.mark.parametrize("key", [{**RSA, "n": "short"}, {**RSA, "use": "enc"}, {**RSA, "alg": "HS256"}, {"kty": "EC"}])
def test_keys_that_cannot_sign_are_left_out(key: dict[str, Any]) -> None:
    assert [one["kid"] for one in clean_keys({"keys": [key, CURVE]})] == ["b"]
