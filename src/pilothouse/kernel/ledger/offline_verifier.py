#!/usr/bin/env python3
"""Verify a ledger proof without Pilothouse: `python offline_verifier.py PROOF.json [--key VERIFIER_KEY]`.

Needs Python 3.9 or newer and the package `cryptography`, nothing else. It recomputes the entry's hash, follows the path
to the root of the log (RFC 6962) and checks the signature on the checkpoint (C2SP signed note). Without --key it trusts
the key inside the proof, and says so: get the key from somewhere else than the proof. Exit code: 0 when all holds.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotProvenError(Exception):
    """The proof does not hold; the message says where."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def require(holds: bool, why: str) -> None:
    if not holds:
        raise NotProvenError(why)


def checkpoint_of(note: str, keys: list[str]) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed note, once one of the keys verifies it."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    origin, size, root = text.splitlines()[:3]
    for line in signatures.splitlines():
        _, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded)
        for key in keys:
            key_name, _, public = key.split("+", 2)
            material = base64.b64decode(public)
            key_id = sha256(key_name.encode() + b"\n" + material)[:4]
            if name != key_name or name != origin or raw[:4] != key_id or material[:1] != b"\x01":
                continue
            try:
                Ed25519PublicKey.from_public_bytes(material[1:]).verify(raw[4:], text.encode())
            except InvalidSignature:
                continue
            return origin, int(size), base64.b64decode(root)
    raise NotProvenError("The checkpoint is not signed by the key.")


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, section 2.1.3.2."""
    node, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            top = sha256(b"\x01" + sibling + top)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            top = sha256(b"\x01" + top + sibling)
        node, last = node // 2, last // 2
    return top if last == 0 else None


def included(member: dict[str, Any], origin: str, size: int, root: bytes) -> dict[str, Any]:
    """The envelope of an entry, once its path leads to the root."""
    text = member["envelope"]
    envelope: dict[str, Any] = json.loads(text)
    require(origin == "pilothouse/" + envelope["organisation"], "The checkpoint is another organisation's.")
    require(0 <= envelope["seq"] < size, "The checkpoint does not cover the entry.")
    path = [bytes.fromhex(node) for node in member["path"]]
    reached = root_from(sha256(b"\x00" + text.encode()), envelope["seq"], size, path)
    require(reached == root, "The entry is not in the log that was signed: it, its place or its path was changed.")
    return envelope


def verify(proof: dict[str, Any], key: str = "") -> list[str]:
    """What the proof shows, one line each. Raises NotProvenError."""
    require(proof.get("format") == "pilothouse-proof-1", "This is not a proof of a ledger entry.")
    origin, size, root = checkpoint_of(proof["checkpoint"], [key] if key else proof["keys"])
    entry = included(proof["entry"], origin, size, root)
    lines = [
        f"Entry {entry['seq']} of {origin}: {entry['action']} on {entry['subject'][0]} {entry['subject'][1]}",
        f"written {entry['at']}, in the signed log of {size} entries.",
    ]
    content, erasure = proof["content"], proof["erasure"]
    if content is not None:
        salted = bytes.fromhex(content["salt"]) + content["body"].encode()
        require(sha256(salted).hex() == entry["commitment"], "The content is not what the entry was written with.")
        lines.append("Its content is the one it was written with: " + content["body"])
    elif erasure is not None:
        act = included(erasure, origin, size, root)
        right = act["action"] == "ledger.entry_erased" and act["subject"] == ["ledger.entry", erasure["of"]]
        require(right, "The erasure that the proof names is not one of this entry.")
        lines.append(f"Its content was erased on {act['at']} (entry {act['seq']}).")
    else:
        lines.append("Its content was erased; no checkpoint covers the erasure yet.")
    if not key:
        lines.append("The key came with the proof. Compare it with one you have from elsewhere: " + proof["keys"][0])
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a Pilothouse ledger proof.")
    parser.add_argument("proof", help="The file downloaded from the entry's page.")
    parser.add_argument("--key", default="", help="The verifier key, from a source you trust.")
    arguments = parser.parse_args()
    try:
        with open(arguments.proof, encoding="utf-8") as file:
            lines = verify(json.load(file), arguments.key)
    except NotProvenError as error:
        print(f"NOT PROVEN. {error}")  # noqa: T201
        return 1
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"NOT PROVEN. The file cannot be read as a proof ({type(error).__name__}: {error}).")  # noqa: T201
        return 1
    print("PROVEN.", *lines, sep="\n")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
