"""Nothing that is done to a sealed pack goes unseen: bytes, files, order, length, parts of other packs."""

import io
import random
import subprocess
import sys
import zipfile

import pytest

from pilothouse.domains.governance.pack import verify_pack
from pilothouse.domains.governance.pack.tests.test_packs import own_key, read
from pilothouse.domains.governance.pack.zipped import blob, write_zip

SEED = 20261129
OUTSIDE = 12


def found(data, key):
    """Is it noticed?"""
    try:
        verify_pack.proven(io.BytesIO(data), key=key)
    except verify_pack.NotProvenError:
        return True
    return False


def zipped(files):
    out = io.BytesIO()
    write_zip(out, [(name, blob(data)) for name, data in files])
    return out.getvalue()


@pytest.fixture
def pack(cast, sealed):
    data, _ = sealed()
    return data, own_key(cast)


def mutations(data, rng):
    """Endless ways to change a file, with what was done."""
    while True:
        at = rng.randrange(len(data))
        yield "byte", data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]
        yield "bit", data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        yield "gone", data[:at] + data[at + rng.randrange(1, 9) :]
        yield "more", data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]
        end = min(len(data), at + rng.randrange(2, 99))
        swapped = data[:at] + data[at:end][::-1] + data[end:]
        if swapped != data:
            yield "turned", swapped


def test_random_changes(pack):
    data, key = pack
    assert not found(data, key)
    changes = mutations(data, random.Random(SEED))  # noqa: S311
    missed = [kind for _ in range(500) for kind, changed in [next(changes)] if not found(changed, key)]
    assert missed == []


def test_every_byte_of_what_no_hash_covers(pack):
    """The ZIP's own bytes, the manifest and the seal, which no hash in the manifest covers: all along them."""
    data, key = pack
    files = read(data)
    # Each byte of a file's content is covered by its hash, which the random changes show; what is left is walked along.
    covered = bytearray(len(data))
    for info in zipfile.ZipFile(io.BytesIO(data)).infolist():
        if not info.filename.startswith("seal/") and info.filename != "manifest.json":
            at = info.header_offset + 30 + len(info.filename.encode())
            assert data[at : at + info.file_size] == files[info.filename]
            covered[at : at + info.file_size] = bytes([1]) * info.file_size
    plain = [at for at, one in enumerate(covered) if not one]
    rng = random.Random(SEED)  # noqa: S311
    step = max(1, len(plain) // 250)
    walked = sorted({*plain[::step], *plain[-60:], *plain[:40]})
    missed = [
        at for at in walked if not found(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :], key)
    ]
    assert missed == []


def test_files_taken_out_added_renamed_and_put_elsewhere(pack):
    data, key = pack
    files = list(read(data).items())
    assert zipped(files) == data
    for at, (name, content) in enumerate(files):
        rest = files[:at] + files[at + 1 :]
        assert found(zipped(rest), key), f"without {name}"
        assert found(zipped([*rest, (name, content)]), key) or at == len(files) - 1, f"{name} last"
        renamed = [*files[:at], (name + "x", content), *files[at + 1 :]]
        assert found(zipped(renamed), key), f"{name} renamed"
        emptied = [*files[:at], (name, b""), *files[at + 1 :]]
        assert found(zipped(emptied), key), f"{name} emptied"
    for name in ("extra.txt", "seal/extra.txt", "ledger/entries-99999.jsonl", "sections/99.json"):
        for at in (0, len(files) // 2, len(files)):
            assert found(zipped([*files[:at], (name, b"more"), *files[at:]]), key), f"{name} added"


def test_lines_of_the_ledger(pack):
    data, key = pack
    files = read(data)
    name = "ledger/entries-00001.jsonl"
    lines = files[name].splitlines(keepends=True)
    assert len(lines) > 5
    for at in range(len(lines) - 1):
        swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
        for changed in (lines[:at] + lines[at + 1 :], swapped, [*lines[:at], lines[at], *lines[at:]]):
            assert found(zipped((files | {name: b"".join(changed)}).items()), key)


def test_outside_the_project(pack, tmp_path):
    """The program on its own, as an authority runs it: in a folder of its own, without this project to import."""
    data, key = pack
    (tmp_path / "verify.py").write_bytes(read(data)["verify_pack.py"])

    def outcome(changed):
        (tmp_path / "pack.zip").write_bytes(changed)
        command = [sys.executable, "-I", "verify.py", "pack.zip", "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert outcome(data).returncode == 0
    changes = mutations(data, random.Random(SEED + 1))  # noqa: S311
    for _ in range(OUTSIDE):
        kind, changed = next(changes)
        done = outcome(changed)
        assert done.returncode == 1, kind
        assert done.stdout.startswith("NOT PROVEN."), kind
        assert done.stderr == "", kind
