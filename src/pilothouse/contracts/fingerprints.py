"""Fingerprints of documents by winnowing, so that a passage is recognised without the document being there.

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003: of every
`WINDOW` consecutive hashes of `WORDS` words the least is kept. A passage of WORDS + WINDOW - 1 words or more that two
texts share is always found; nothing shorter than WORDS words ever is.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable

WORDS = 8
WINDOW = 4
LEAST_SHARED = 2  # fingerprints in common before a text counts as taken from a document

_WORD = re.compile(r"\w+")


def fingerprints(text: str) -> frozenset[int]:
    """The fingerprints of `text`, each 64 bits; case, punctuation and line ends do not matter."""
    words = _WORD.findall(text.lower())
    hashes = [_hash(" ".join(words[start : start + WORDS])) for start in range(len(words) - WORDS + 1)]
    if len(hashes) <= WINDOW:
        return frozenset(hashes)
    return frozenset(min(hashes[start : start + WINDOW]) for start in range(len(hashes) - WINDOW + 1))


def pack(prints: Iterable[int]) -> bytes:
    """Fingerprints as a file: eight bytes each, little-endian, rising."""
    ordered = sorted(set(prints))
    return struct.pack(f"<{len(ordered)}Q", *ordered)


def unpack(data: bytes) -> frozenset[int]:
    """The fingerprints of a file. Raises ValueError when it is not one."""
    if len(data) % 8:
        raise ValueError("a file of fingerprints has eight bytes for each")
    return frozenset(struct.unpack(f"<{len(data) // 8}Q", data))


def _hash(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
