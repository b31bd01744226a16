"""People shown by a token of their own: one that counts, and everything that does not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from pilothouse.contracts.policy.events import Refusal, Settlement
from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.snapshot import SIGNATURES, Issuer
from pilothouse.gateway.persons import LONGEST, NotShown, Persons
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY, ORGANISATION

ISSUER, AUDIENCE = "https://login.harbour.example", "pilothouse"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
SECRET = "a shared secret that is long enough for its algorithm"


def public(kind: Any, key: Any, **more: str) -> dict[str, str]:
    said = json.loads(kind.to_jwk(key.public_key()))
    return {name: value for name, value in said.items() if isinstance(value, str)} | more


KEYS = (
    public(RSAAlgorithm, RSA, kid="r"),
    public(ECAlgorithm, CURVE, kid="e"),
    public(OKPAlgorithm, EDWARDS, kid="d"),
    {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(), "kid": "s"},
    {"kty": "curious", "kid": "?"},
)
KNOWN = Issuer(ISSUER, (AUDIENCE, "other"), ("RS256", "ES256", "EdDSA"), keys=KEYS)


def token(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "r", **changes: Any) -> str:
    now = datetime.now(UTC)
    said = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "7",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "email": "Ann@Harbour.example",
        **changes,
    }
    headers = {"kid": kid} if kid else {}
    return jwt.encode({name: value for name, value in said.items() if value is not None}, key, algorithm, headers)


@pytest.fixture
def shown(door: Door) -> Callable[..., Any]:
    """Make a chat call for which a person must be shown, with this token."""
    door.house.write(issuers={ISSUER: KNOWN})
    door.house.with_key(person="verified")
    door.refresh()

    def call(text: str | None, **headers: str) -> Any:
        more = {"X-Pilothouse-Person-Token": text} if text is not None else {}
        return door.post("/v1/chat/completions", {"model": "chat", "messages": []}, **more, **headers)

    return call


def test_it_works(door: Door, shown: Callable[..., Any]) -> None:
    for text in (token(), token(CURVE, "ES256", "e"), token(EDWARDS, "EdDSA", "d"), token(aud=["x", "other"])):
        assert shown(text, **{"X-Pilothouse-Person": "somebody@else.example"}).status_code == 200
    ann = person_id(ORGANISATION, "ann@harbour.example")
    assert {event.person for event in door.house.events(Settlement)} == {ann}
    assert all("x-pilothouse-person-token" not in headers for _, headers, _ in door.provider.requests)


def test_a_person_who_is_only_told_is_not_enough(shown: Callable[..., Any]) -> None:
    answer = shown(None, **{"X-Pilothouse-Person": "ann@harbour.example"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "person_missing"


BAD: dict[str, Callable[[], str]] = {
    "it has expired": lambda: token(exp=datetime.now(UTC) - timedelta(minutes=2)),
    "it is not valid yet": lambda: token(nbf=datetime.now(UTC) + timedelta(minutes=2)),
    "until when": lambda: token(exp=None),
    "meant for somebody else": lambda: token(aud="another"),
    "issuer is not known": lambda: token(iss="https://evil.example"),
    "signature is not right": lambda: token(OTHER),
    "key that signed it is not known": lambda: token(OTHER, kid="x"),
    "does not allow": lambda: token(SECRET, "HS256", "s"),
    "way that its issuer": lambda: token(None, "none"),
    "its issuer's entry": lambda: token(RSA, "PS256"),
    "no claim": lambda: token(email=None),
    "has not verified": lambda: token(email_verified=False),
    "no identity token": lambda: "secret-canary",
    "too long": lambda: "a" * (LONGEST + 1),
    "cannot be verified": lambda: token(CURVE, "ES256", "r"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_token_is_refused(door: Door, shown: Callable[..., Any], why: str) -> None:
    text = BAD[why]()
    answer = shown(text)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "person_unverified")
    assert why in answer.json()["error"]["message"]
    assert not door.provider.requests
    [refusal] = door.house.events(Refusal)
    assert refusal.code == "person_unverified"


def test_a_token_that_does_not_count_refuses_though_none_was_needed(door: Door, shown: Callable[..., Any]) -> None:
    door.house.with_key(person="any")
    door.refresh()
    assert shown(None).status_code == 200
    assert shown(token(OTHER)).status_code == 403


def test_clocks_may_differ_a_little(shown: Callable[..., Any]) -> None:
    assert shown(token(exp=datetime.now(UTC) - timedelta(seconds=20))).status_code == 200
    assert shown(token(nbf=datetime.now(UTC) + timedelta(seconds=20))).status_code == 200


def test_a_public_key_is_no_shared_secret(shown: Callable[..., Any]) -> None:
    """The old trick: signing with the public key's own text as the secret of HS256."""
    said = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"r"}').rstrip(b"=").decode()
    body = token().split(".")[1]
    assert shown(f"{said}.{body}.AAAA").status_code == 403


def test_nothing_of_a_token_is_written(door: Door, shown: Callable[..., Any], capfd: Any, caplog: Any) -> None:
    texts = [token(), token(OTHER), "canary-head.canary-body.canary-tail"]
    for text in texts:
        shown(text)
    written = b"".join(path.read_bytes() for path in door.house.home.rglob("*") if path.is_file())
    out = capfd.readouterr()
    everything = written + out.out.encode() + out.err.encode() + caplog.text.encode()
    for text in texts:
        assert not any(part.encode() in everything for part in text.split(".") if len(part) > 8)
    assert b"ann@harbour.example" not in everything.lower()


def test_whoever_asks_before_acting_may_show_one_too(door: Door, shown: Callable[..., Any]) -> None:
    reply = door.post("/v1/evaluate", {"model": "chat", "endpoint": "chat"}, **{"X-Pilothouse-Person-Token": token()})
    assert reply.json()["allow"] is True
    reply = door.post("/v1/evaluate", {"model": "chat", "endpoint": "chat", "person": "ann@harbour.example"})
    assert reply.json()["code"] == "person_missing"


def test_new_keys_hold_at_once(door: Door, shown: Callable[..., Any]) -> None:
    assert shown(token(OTHER)).status_code == 403
    fresh = Issuer(ISSUER, (AUDIENCE,), ("RS256",), keys=(public(RSAAlgorithm, OTHER, kid="r"),))
    door.house.write(issuers={ISSUER: fresh})
    door.refresh()
    assert shown(token(OTHER)).status_code == 200
    assert shown(token()).status_code == 403


def test_a_key_is_used_as_it_is_meant(door: Door, shown: Callable[..., Any]) -> None:
    key = public(RSAAlgorithm, RSA, kid="r", alg="RS512")
    door.house.write(issuers={ISSUER: Issuer(ISSUER, (AUDIENCE,), ("RS256", "RS512"), keys=(key,))})
    door.refresh()
    assert "its key is not for" in shown(token()).json()["error"]["message"]
    assert shown(token(algorithm="RS512")).status_code == 200


def test_no_shared_secret_may_sign() -> None:
    assert not any(name.startswith("HS") or name == "none" for name in SIGNATURES)


@given(st.binary(max_size=200) | st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(
    lambda parts: b".".join(base64.urlsafe_b64encode(part) for part in parts)
))  # fmt: skip
def test_whatever_is_sent_shows_nobody(data: bytes) -> None:
    from pilothouse.contracts.policy.tests.world import make

    with pytest.raises(NotShown):
        Persons().told(data, make(issuers={ISSUER: KNOWN}))


def test_strangers_tokens_are_not_looked_at(door: Door, shown: Callable[..., Any]) -> None:
    body = {"model": "chat", "messages": []}
    answer = door.post("/v1/chat/completions", body, key=KEY + "x", **{"X-Pilothouse-Person-Token": "x"})
    assert answer.json()["error"]["code"] == "unknown_key"
