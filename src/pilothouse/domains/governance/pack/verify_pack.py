#!/usr/bin/env python3
"""Verify an audit pack without Pilothouse: `python verify_pack.py PACK.zip [--key VERIFIER_KEY] [--witness NOTES]`.

Needs Python 3.9 or newer and the package `cryptography`, nothing else. Every byte of the pack is either in a file whose
hash is in the manifest, in a part of the seal whose hash is signed, or a byte of the ZIP that can only be so. It shows:

* nothing in the pack was changed, taken out, added or put in another order since it was sealed (manifest, signature);
* the sealing is an entry of the organisation's log, and the log of the pack's moment is a beginning of it (RFC 6962);
* the pack's entries about the system are all in that log, each at its place;
* with --witness: no checkpoint that the witness kept says otherwise, and none is newer than this pack.

Without --key it trusts the key inside the pack, and says so: get the key from somewhere else than the pack. Without
--witness, whoever holds the installation's key could have made another log and sealed another pack. Use a copy of this
program that did not come with the pack. Exit code: 0 when all holds, 1 when not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import struct
import sys
import zlib
from bisect import bisect_left
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "pilothouse-pack-1"
SEAL = "seal/seal.txt"
CHUNK = 1 << 20


class NotProvenError(Exception):
    """The pack does not hold; the message says where."""


def require(holds: bool, why: str) -> None:
    if not holds:
        raise NotProvenError(why)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: Any) -> bytes:
    """RFC 8785, of the values that a pack's own files hold: no fractions, keys in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parsed(data: bytes, name: str) -> Any:
    """The JSON of one of the pack's own files, once it is written as only one way is right."""
    value = json.loads(data)
    require(canonical(value) == data, f"{name} is not canonical JSON: it was changed.")
    return value


# The ZIP: files stored as they are, one time, one order, nothing between, before or after.


def local_header(name: bytes, crc: int, size: int) -> bytes:
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0x800, 0, 0, 33, crc, size, size, len(name), 0) + name


def directory_line(name: bytes, crc: int, size: int, offset: int) -> bytes:
    fields = (20 | 3 << 8, 20, 0x800, 0, 0, 33, crc, size, size, len(name), 0, 0, 0, 0, 0o100644 << 16, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name


def directory_end(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


class Pack:
    """The files of a pack by name, in order: where each begins, how long it is, its SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.files: dict[str, tuple[int, int, str]] = {}
        directory, offset = [], 0
        while (header := file.read(30))[:4] == b"PK\x03\x04":
            require(len(header) == 30, "The ZIP ends in the middle of a file's header.")
            crc, size, _, length, _ = struct.unpack("<3L2H", header[14:])
            name = file.read(length)
            require(header + name == local_header(name, crc, size), f"The ZIP's header at byte {offset} was changed.")
            text = name.decode()
            require(text not in self.files, f"{text} is in the pack twice.")
            digest = self._hashed(text, size, crc)
            self.files[text] = (offset + 30 + length, size, digest)
            directory.append(directory_line(name, crc, size, offset))
            offset += 30 + length + size
        lines = b"".join(directory)
        rest = header + file.read()
        require(rest == lines + directory_end(len(directory), len(lines), offset), "The ZIP's directory was changed.")

    def _hashed(self, name: str, size: int, crc: int) -> str:
        digest, found, left = hashlib.sha256(), 0, size
        while left and (data := self.file.read(min(left, CHUNK))):
            digest.update(data)
            found, left = zlib.crc32(data, found), left - len(data)
        require(not left, f"The ZIP ends in the middle of {name}.")
        require(found == crc, f"{name} was changed.")
        return digest.hexdigest()

    def read(self, name: str) -> bytes:
        require(name in self.files, f"{name} is missing.")
        offset, size, _ = self.files[name]
        self.file.seek(offset)
        return self.file.read(size)


# Signed notes (C2SP): text, an empty line, `— <name> <base64 of key id and signature>`.


def signed_text(note: str, keys: list[str], what: str) -> list[str]:
    """The lines of a note, once one of the keys verifies its only signature."""
    text, gap, line = note.partition("\n\n")
    text += "\n"
    parts = line.split(" ")
    shaped = bool(gap) and len(parts) == 3 and parts[0] == "—" and line.endswith("\n") and line.count("\n") == 1
    require(shaped, f"{what} is no signed note.")
    raw = base64.b64decode(parts[2])
    require(base64.b64encode(raw).decode() + "\n" == parts[2], f"The signature of {what} was changed.")
    require(parts[1] == text.splitlines()[0], f"{what} was signed in another name.")
    for key in keys:
        name, _, public = key.split("+", 2)
        material = base64.b64decode(public)
        if name != parts[1] or raw[:4] != sha256(name.encode(), b"\n", material)[:4] or material[:1] != b"\x01":
            continue
        try:
            Ed25519PublicKey.from_public_bytes(material[1:]).verify(raw[4:], text.encode())
        except InvalidSignature:
            continue
        return text.splitlines()
    raise NotProvenError(f"{what} is not signed by the key.")


def checkpoint_of(note: str, keys: list[str], what: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed checkpoint."""
    lines = signed_text(note, keys, what)
    require(len(lines) == 3, f"{what} is no checkpoint.")
    return lines[0], int(lines[1]), base64.b64decode(lines[2])


# The Merkle tree of RFC 6962.


def split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def tree_root(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes; of none, the hash of nothing."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    middle = split(len(leaves))
    return sha256(b"\x01", tree_root(leaves[:middle]), tree_root(leaves[middle:]))


def root_of_some(leaves: dict[int, bytes], nodes: list[bytes], size: int) -> bytes:
    """The root of a log of `size` entries of which some are known: `nodes` are the roots of what lies between them,
    from left to right, each as large as can be."""
    known, rest = sorted(leaves), iter(nodes)

    def root(low: int, high: int, first: int, last: int) -> bytes:
        """Of the entries from `low` to `high`, of which known[first:last] are known."""
        if first == last:
            return next(rest)
        if high - low == 1:
            return leaves[low]
        middle = low + split(high - low)
        cut = bisect_left(known, middle, first, last)
        return sha256(b"\x01", root(low, middle, first, cut), root(middle, high, cut, last))

    try:
        top = root(0, size, 0, len(known))
    except StopIteration:
        raise NotProvenError("An entry of the ledger, or a part of its proof, is missing.") from None
    require(next(rest, None) is None, "The proof of the ledger's entries holds more than it should.")
    return top


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2; the empty text when the path has another length."""
    node, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return b""
        if node % 2 or node == last:
            top = sha256(b"\x01", sibling, top)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            top = sha256(b"\x01", top, sibling)
        node, last = node // 2, last // 2
    return top if last == 0 else b""


def continues(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Is the log of `old` entries a beginning of the one of `new` (RFC 9162, section 2.1.4.2)?"""
    if not 0 < old < new:
        return old == new and old_root == new_root and not proof
    path = ([old_root] if old & (old - 1) == 0 else []) + proof
    if not path:
        return False
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node // 2, last // 2
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            before, after = sha256(b"\x01", sibling, before), sha256(b"\x01", sibling, after)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            after = sha256(b"\x01", after, sibling)
        node, last = node // 2, last // 2
    return last == 0 and before == old_root and after == new_root


def hashes(listed: list[str]) -> list[bytes]:
    return [bytes.fromhex(digest) for digest in listed]


# What is verified, in order.


def check_files(pack: Pack, manifest: dict[str, Any]) -> None:
    """Every file is the one that the manifest lists; the manifest's root is over them and over what was withheld."""
    leaves: dict[str, bytes] = {one["path"]: bytes.fromhex(one["leaf"]) for one in manifest["withheld"]}
    listed = [one["path"] for one in manifest["files"]]
    require(listed == sorted(set(listed)), "The manifest does not list its files in order.")
    for one in manifest["files"]:
        path = one["path"]
        require(path in pack.files, f"{path} is missing: it was taken out.")
        _, size, digest = pack.files[path]
        require((size, digest) == (one["size"], one["sha256"]), f"{path} is not the file that was sealed.")
        if "salt" in one:
            require(path not in leaves, f"{path} is both withheld and there.")
            leaves[path] = sha256(b"\x00", bytes.fromhex(one["salt"]), bytes.fromhex(digest), path.encode())
    root = tree_root([leaves[path] for path in sorted(leaves)])
    require(root.hex() == manifest["root"], "The files do not lead to the manifest's root.")
    own = ["manifest.json", *listed, *(name for name in pack.files if name.startswith("seal/"))]
    require(
        list(pack.files) == own, "There is a file in the pack, or an order of files, that the manifest does not know."
    )


def check_seal(pack: Pack, keys: list[str], origin: str) -> None:
    """The seal names the hash of the manifest and of each of its own parts, and the key signed it."""
    lines = signed_text(pack.read(SEAL).decode(), keys, "The seal")
    parts = [name for name in pack.files if name == "manifest.json" or (name.startswith("seal/") and name != SEAL)]
    require(parts == sorted(parts) and list(pack.files)[-1] == SEAL, "The parts of the seal are in another order.")
    said = [origin, "pack", *(f"{pack.files[name][2]} {name}" for name in parts)]
    require(lines == said, "The seal is of other files: the manifest or a part of the seal was changed.")


def check_sealing(pack: Pack, manifest: dict[str, Any], keys: list[str]) -> tuple[dict[str, Any], int, bytes]:
    """The ledger's entry that holds the manifest's hash, in the log that the checkpoint signs."""
    proof = parsed(pack.read("seal/entry.json"), "seal/entry.json")
    origin, size, root = checkpoint_of(proof["checkpoint"], keys, "The checkpoint of the sealing")
    require(origin == manifest["log"]["origin"], "The checkpoint is another organisation's.")
    text = proof["entry"]["envelope"]
    envelope: dict[str, Any] = json.loads(text)
    require(origin == "pilothouse/" + envelope["organisation"], "The entry is another organisation's.")
    reached = root_from(sha256(b"\x00", text.encode()), envelope["seq"], size, hashes(proof["entry"]["path"]))
    require(0 <= envelope["seq"] < size and reached == root, "The sealing is not in the log that was signed.")
    content = proof["content"]
    salted = sha256(bytes.fromhex(content["salt"]), content["body"].encode())
    require(salted.hex() == envelope["commitment"], "The sealing's content is not what the entry was written with.")
    sealed = "sha256:" + pack.files["manifest.json"][2]
    right = envelope["action"] == "audit.pack_sealed" and json.loads(content["body"])["after"]["manifest"] == sealed
    require(right, "The log has the sealing of another manifest at this place.")
    return envelope, size, root


def check_entries(pack: Pack, manifest: dict[str, Any], keys: list[str]) -> int:
    """The pack's entries about the system, each in the log of the moment at its place. Returns how many."""
    said, log = checkpoint_of(pack.read("ledger/checkpoint.txt").decode(), keys, "The checkpoint"), manifest["log"]
    require(said == (log["origin"], log["size"], bytes.fromhex(log["root"])), "The checkpoint is of another log.")
    leaves: dict[int, bytes] = {}
    for name in (one for one in pack.files if one.startswith("ledger/entries-")):
        for number, line in enumerate(pack.read(name).splitlines(), 1):
            one = json.loads(line)
            envelope, where = one["envelope"], f"Line {number} of {name}"
            require(envelope["seq"] not in leaves, f"{where} is there twice.")
            require(envelope["system"] == manifest["system"]["id"], f"{where} is of another system.")
            leaves[envelope["seq"]] = sha256(b"\x00", canonical(envelope))
            if "salt" in one:
                salted = sha256(bytes.fromhex(one["salt"]), one["body"].encode())
                require(salted.hex() == envelope["commitment"], f"{where} is not what was written.")
    nodes = hashes(json.loads(pack.read("ledger/proof.json"))["nodes"])
    require(all(0 <= seq < log["size"] for seq in leaves), "An entry lies beyond the log's end.")
    require(root_of_some(leaves, nodes, log["size"]).hex() == log["root"], "The entries are not those of the log.")
    return len(leaves)


def check_witness(notes: str, keys: list[str], log: dict[str, Any], size: int, root: bytes, origin: str) -> int:
    """No note that the witness kept says otherwise than this pack's log. Returns how many notes were compared."""
    known = {one["size"]: one for one in log["checkpoints"]}
    found, lines = 0, notes.replace("\r\n", "\n").split("\n")
    for start in (number for number, line in enumerate(lines) if line == origin):
        note = "\n".join(lines[start : start + 5]) + "\n"
        _, kept, kept_root = checkpoint_of(note, keys, f"The witness's note at line {start + 1}")
        newer = (
            f"The witness kept a checkpoint of {kept} entries; this pack's log ends at {size}. It is older than it may"
        )
        require(kept <= size, newer + " seem, or the log was rolled back.")
        if kept == size:
            require(kept_root == root, f"The witness knows another log of {kept} entries: the log was rewritten.")
        else:
            one = known.get(kept, {"root": "", "proof": []})
            same = one["root"] == kept_root.hex() and continues(kept, kept_root, size, root, hashes(one["proof"]))
            require(same, f"The log is no continuation of the {kept} entries that the witness saw: it was rewritten.")
        found += 1
    require(found > 0, "The witness's file holds no checkpoint of this log.")
    return found


def verify(file: BinaryIO, key: str = "", witness: str = "") -> list[str]:
    """What the pack shows, one line each. Raises NotProvenError."""
    pack = Pack(file)
    manifest = parsed(pack.read("manifest.json"), "manifest.json")
    require(manifest["format"] == FORMAT, "This is not an audit pack that this program knows.")
    keys, log = [key] if key else manifest["keys"], manifest["log"]
    check_files(pack, manifest)
    check_seal(pack, keys, log["origin"])
    sealing, size, root = check_sealing(pack, manifest, keys)
    seen = parsed(pack.read("seal/log.json"), "seal/log.json")
    later = continues(log["size"], bytes.fromhex(log["root"]), size, root, hashes(seen["moment"]))
    require(later, "The log of the pack's moment is no beginning of the log that it was sealed in.")
    count = check_entries(pack, manifest, keys)
    system, said = manifest["system"], manifest["counts"]
    lines = [
        f"{manifest['profile'].capitalize()} pack of {system['ref']} “{system['name']}” as of {manifest['as_of']},",
        f"{manifest['organisation']['name']}: {len(manifest['files'])} files, {len(manifest['withheld'])} withheld.",
        f"Sealed {sealing['at']} as entry {sealing['seq']} of a log of {size}; {count} entries are about the system.",
        f"By its own account {'complete' if manifest['complete'] else 'not complete'}: "
        + ", ".join(f"{many} {state.replace('_', ' ')}" for state, many in sorted(said.items()))
        + ".",
    ]
    if witness:
        notes = check_witness(witness, keys, seen, size, root, log["origin"])
        lines.append(f"It agrees with {notes} checkpoints that the witness kept; none is newer.")
    else:
        lines.append("No witness was asked: whoever holds the key could have sealed another log. Use --witness.")
    if not key:
        lines.append("The key came with the pack. Compare it with one you have from elsewhere: " + keys[0])
    if "seal/timestamp.tsr" in pack.files:
        lines.append("There is an RFC 3161 token over the checkpoint: see README.txt for how to verify it.")
    return lines


TROUBLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError, struct.error)


def proven(file: BinaryIO, key: str = "", witness: str = "") -> list[str]:
    """As `verify`, but whatever cannot be read is not proven either."""
    try:
        return verify(file, key, witness)
    except TROUBLE as error:
        raise NotProvenError(f"It cannot be read as a pack ({type(error).__name__}: {error}).") from None


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a Pilothouse audit pack.")
    parser.add_argument("pack", help="The ZIP.")
    parser.add_argument("--key", default="", help="The verifier key, from a source you trust.")
    parser.add_argument("--witness", default="", help="A file with the checkpoints that a witness kept.")
    arguments = parser.parse_args()
    try:
        witness = open(arguments.witness, encoding="utf-8").read() if arguments.witness else ""  # noqa: SIM115
        require(not arguments.witness or bool(witness), "The witness's file is empty.")
        with open(arguments.pack, "rb") as file:
            lines = proven(file, arguments.key, witness)
    except NotProvenError as error:
        print(f"NOT PROVEN. {error}")  # noqa: T201
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"NOT PROVEN. {error}")  # noqa: T201
        return 1
    print("PROVEN.", *lines, sep="\n")  # noqa: T201
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
