"""Secrets are found by shape, by name and by place; placeholders and prose are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.inspection import Inspector
from pilothouse.gateway.inspection.patterns import AnySet
from pilothouse.gateway.inspection.secrets import KEY_RULES, KeyRule, secrets_in

# Put together here, so that no scanner of repositories takes a made-up key for a real one.
A36 = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


@pytest.mark.parametrize("rule", KEY_RULES, ids=lambda rule: f"{rule.provider} {rule.anchor[:12]}")
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_every_key_of_a_shape_is_found_and_has_its_anchor(rule: KeyRule, data: st.DataObject) -> None:
    key = data.draw(
        st.from_regex(rf"\A(?:{rule.shape})\Z", alphabet=st.characters(min_codepoint=33, max_codepoint=126))
    )
    assert AnySet([rule.anchor]).found(key.encode())
    assert any(span.kind == "secret" for span in secrets_in(f"use {key} now".encode()))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password: hunter2Secret99!", "hunter2Secret99!"),
        ("export DB_PASSWORD='tR0ub4dor&3x'", "tR0ub4dor&3x"),
        ('{"client_secret": "q8Zr-71Kd_0pLm44"}', "q8Zr-71Kd_0pLm44"),
        ("Das Passwort lautet Zx81-Kt55qq.", "Zx81-Kt55qq"),
        ("Le mot de passe est Zx81-Kt55qq", "Zx81-Kt55qq"),
        ("La contraseña es Zx81-Kt55qq", "Zx81-Kt55qq"),
        ("La password è Zx81-Kt55qq", "Zx81-Kt55qq"),
        ("Het wachtwoord is Zx81-Kt55qq", "Zx81-Kt55qq"),
        ("Authorization: Bearer 0a1B2c3D4e5F6g7H8i9J", "0a1B2c3D4e5F6g7H8i9J"),
        ("postgresql://app:Gr8-pa55@db.internal:5432/crm", "postgresql://app:Gr8-pa55@db.internal:5432/crm"),
        (f"curl -H 'x-api-key: sk-ant-api03-{A36}'", f"sk-ant-api03-{A36}"),
        (f"key=ghp_{A36}", f"ghp_{A36}"),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLWl0",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLWl0",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/123\nxyz==\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/123\nxyz==\n-----END RSA PRIVATE KEY-----",
        ),
    ],
)
def test_a_secret_is_masked_whole(text: str, secret: str) -> None:
    seen = Inspector(Inspection(prompt={"secret": "mask", "email": "allow"})).prompt({"content": f"Look: {text}"})
    assert seen.counts.get("secret", 0) >= 1
    assert secret not in seen.body["content"]
    assert seen.restorer is not None
    assert seen.restorer.whole(seen.body["content"]) == f"Look: {text}"


@pytest.mark.parametrize(
    "text",
    [
        "password: <your password here>",
        "password = os.environ['DB_PASSWORD']",
        "api_key: ${API_KEY}",
        "The secret is patience, the key is practice.",
        "token: xxxxxxxxxxxxxxxx",
        "postgres://user:password@localhost/db",
        "max_tokens: 128000, tokenizer: cl100k",
        "Our password policy is documented in the handbook.",
        "https://example.com/path?query=1",
        "sk-short",
        "The risk-assessment-of-the-new-supplier-network-and-logistics is attached.",
    ],
)
def test_placeholders_and_prose_are_no_secrets(text: str) -> None:
    assert list(secrets_in(text.encode())) == []
