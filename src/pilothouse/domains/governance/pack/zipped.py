"""A ZIP of which every byte follows from its files: stored as they are, one time, one order. The same files give the
same ZIP on every machine, and `verify_pack.py` can say of each byte that it is right."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pilothouse.contracts.errors import Conflict
from pilothouse.domains.governance.pack.verify_pack import directory_end, directory_line, local_header

READ = 1 << 20
THREADS = 4
LARGEST = 2**32 - 1
MOST = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Blob:
    """One file: its bytes, or where they lie on this machine; with its size, hash and checksum."""

    size: int
    sha256: str
    crc: int
    data: bytes | Path

    def write_to(self, out: BinaryIO) -> None:
        """Raises Conflict when a file is no longer what it was when it was hashed."""
        if isinstance(self.data, bytes):
            out.write(self.data)
            return
        crc = 0
        with self.data.open("rb") as file:
            while part := file.read(READ):
                out.write(part)
                crc = zlib.crc32(part, crc)
        if crc != self.crc:
            raise Conflict(f"A file of evidence changed while the pack was made: {self.data.name}.")


def blob(data: bytes) -> Blob:
    """A file out of memory."""
    return Blob(len(data), hashlib.sha256(data).hexdigest(), zlib.crc32(data), data)


def blobs(paths: Iterable[Path]) -> list[Blob | None]:
    """Files on this machine, hashed side by side; None for one that cannot be read."""
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(_hashed, paths))


def _hashed(path: Path) -> Blob | None:
    digest, crc, size = hashlib.sha256(), 0, 0
    try:
        with path.open("rb") as file:
            while part := file.read(READ):
                digest.update(part)
                crc, size = zlib.crc32(part, crc), size + len(part)
    except OSError:
        return None
    return Blob(size, digest.hexdigest(), crc, path)


def write_zip(out: BinaryIO, files: Iterable[tuple[str, Blob]]) -> int:
    """Write a ZIP and return its size. Raises Conflict when the pack is larger than a ZIP of this plain form can be."""
    directory, offset = [], 0
    for name, one in files:
        path = name.encode()
        header = local_header(path, one.crc, one.size)
        directory.append(directory_line(path, one.crc, one.size, offset))
        offset += len(header) + one.size
        if offset > LARGEST or len(directory) > MOST:
            raise Conflict("The pack would be larger than 4 GB or hold more than 65,535 files; withdraw old evidence.")
        out.write(header)
        one.write_to(out)
    lines = b"".join(directory)
    end = directory_end(len(directory), len(lines), offset)
    out.write(lines + end)
    return offset + len(lines) + len(end)
