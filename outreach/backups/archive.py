"""What is inside a backup: a compressed tar of tables in parts and of files, with a table of contents and a manifest.

A part has 8 MiB at most, so that neither side ever holds more of a table than that. Pure: no Django.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from outreach.backups.sealing import Opener, Sealer

PART = 8 << 20
CONTENTS, MANIFEST = "contents.json", "manifest.json"


@dataclass
class Digest:
    """Length, lines and SHA-256 of what passed through."""

    size: int = 0
    rows: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def passing(self, chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
        for chunk in chunks:
            block = bytes(chunk)
            self.size += len(block)
            self.rows += block.count(b"\n")
            self._hash.update(block)
            yield block

    def figures(self) -> dict[str, Any]:
        return {"bytes": self.size, "rows": self.rows, "sha256": self._hash.hexdigest()}


class Writer:
    """Adds named streams to an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write `chunks` as the parts `name/000000`, `name/000001`, …; at least one."""
        part, number = bytearray(), 0
        for chunk in chunks:
            part += chunk
            while len(part) >= PART:
                self._member(f"{name}/{number:06}", bytes(part[:PART]))
                del part[:PART]
                number += 1
        if part or not number:
            self._member(f"{name}/{number:06}", bytes(part))

    def add_json(self, name: str, value: Any) -> None:
        self._member(name, json.dumps(value).encode())

    def _member(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))


@contextmanager
def writing(target: IO[bytes], passphrase: str) -> Iterator[Writer]:
    """A writer whose archive is whole when the block ends."""
    with (
        Sealer(target, passphrase) as sealer,
        gzip.GzipFile(fileobj=sealer, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        yield Writer(tar)


def reading(source: IO[bytes], passphrase: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, chunks) of every stream in order. The chunks of one must be read before the next is asked for."""
    opener = io.BufferedReader(Opener(source, passphrase), buffer_size=1 << 20)
    with gzip.GzipFile(fileobj=opener, mode="rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
        members = _Members(tar)
        while members.current is not None:
            name = members.name
            yield name, members.parts_of(name)


class _Members:
    """The members of a tar with a look at the next one."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar, self.current = tar, tar.next()

    @property
    def name(self) -> str:
        full = self.current.name if self.current else ""
        head, _, last = full.rpartition("/")
        return head if last.isdigit() else full

    def parts_of(self, name: str) -> Iterator[bytes]:
        while self.current is not None and self.name == name:
            file = self._tar.extractfile(self.current)
            yield file.read() if file else b""
            self.current = self._tar.next()
