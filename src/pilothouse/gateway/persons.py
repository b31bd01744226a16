"""Who a person is, shown by an identity token of their own (OpenID Connect) and not only told.

Issuers and their public keys come with the policy; nobody is asked during a call. The token is read, judged and
forgotten: it is in no record, log, error or request to a provider, and nor is what it says but the person's id.
"""

from __future__ import annotations

import binascii
from typing import Any

import jwt
from jwt.types import Options

from pilothouse.contracts.policy.snapshot import SIGNATURES, Issuer, Snapshot

HEADER = b"x-pilothouse-person-token"
LONGEST = 16_384  # bytes
LEEWAY = 60  # seconds that clocks may differ
NEEDED: Options = {"require": ["exp", "iat", "iss", "aud"]}

Key = tuple[str, str, jwt.PyJWK]
"""the key's id, the only algorithm it is meant for (if it says one), and the key"""


class NotShown(Exception):
    """The token does not show who the person is; the message is a sentence that quotes nothing of it."""


class Persons:
    """Judges tokens by an organisation's issuers. Keys are made ready once and kept while they are the same."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, str], tuple[Issuer, list[Key]]] = {}

    def told(self, token: bytes, snapshot: Snapshot) -> str:
        """What the person is called by the claim that the issuer's entry names. Raises NotShown."""
        if len(token) > LONGEST:
            raise NotShown("it is too long.")
        try:
            text = token.decode("ascii").strip()
            header = jwt.get_unverified_header(text)
            said = jwt.decode(text, options={"verify_signature": False})
        except (jwt.PyJWTError, UnicodeDecodeError, binascii.Error, ValueError, TypeError) as error:
            raise NotShown("it is no identity token.") from error
        issuer = snapshot.issuers.get(str(said.get("iss", "")))
        if issuer is None:
            raise NotShown("its issuer is not known here.")
        return self._verified(text, header, issuer, snapshot.organisation)

    def _verified(self, text: str, header: dict[str, Any], issuer: Issuer, organisation: str) -> str:
        algorithm = header.get("alg")
        if algorithm not in issuer.algorithms or algorithm not in SIGNATURES:
            raise NotShown("it is signed in a way that its issuer's entry does not allow.")
        meant, key = self._key(header, issuer, organisation)
        if meant and meant != algorithm:
            raise NotShown("it is signed in a way that its key is not for.")
        try:
            said = jwt.decode(
                text, key.key, [algorithm], NEEDED, audience=list(issuer.audiences), issuer=issuer.url, leeway=LEEWAY
            )
        except jwt.PyJWTError as error:
            why = next((words for kind, words in WHY.items() if isinstance(error, kind)), "it cannot be verified.")
            raise NotShown(why) from error
        except (ValueError, TypeError, OverflowError) as error:
            raise NotShown("it cannot be verified.") from error
        called = said.get(issuer.claim)
        if not isinstance(called, str) or not called.strip():
            raise NotShown(f"it has no claim “{issuer.claim}”.")
        if issuer.claim == "email" and said.get("email_verified", True) not in (True, "true"):
            raise NotShown("its issuer has not verified the e-mail address in it.")
        return called

    def _key(self, header: dict[str, Any], issuer: Issuer, organisation: str) -> tuple[str, jwt.PyJWK]:
        place = organisation, issuer.url
        kept, ready = self._ready.get(place, (None, []))
        if kept is not issuer:
            if kept != issuer:
                ready = [
                    (key.get("kid", ""), key.get("alg", ""), made)
                    for key in issuer.keys
                    if (made := _made(key)) is not None
                ]
            self._ready[place] = issuer, ready
        wanted = header.get("kid")
        found = [(meant, key) for kid, meant, key in ready if not wanted or kid == wanted]
        if len(found) != 1:
            raise NotShown("the key that signed it is not known here.")
        return found[0]


WHY: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired.",
    jwt.ImmatureSignatureError: "it is not valid yet.",
    jwt.InvalidIssuedAtError: "it was issued in the future.",
    jwt.InvalidAudienceError: "it is meant for somebody else.",
    jwt.MissingRequiredClaimError: "it does not say whom it is for and until when.",
    jwt.InvalidSignatureError: "its signature is not right.",
}


def _made(key: dict[str, str]) -> jwt.PyJWK | None:
    """A key made ready, or None for one of a kind that is not understood."""
    try:
        return jwt.PyJWK.from_dict(key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
