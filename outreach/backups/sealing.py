"""Authenticated encryption of a stream: AES-256-GCM over chunks of 1 MiB, as in the STREAM construction.

Each chunk is sealed with a counter and a mark on the last, so that chunks cannot be dropped, swapped or cut off without
notice. The key is made of a passphrase with scrypt; the file holds the salt and never the key. Pure: no Django.
"""

from __future__ import annotations

import io
import os
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from outreach.core.errors import Permanent

MAGIC = b"OUTRBK1\n"
CHUNK = 1 << 20
SALT_BYTES, PREFIX_BYTES, TAG_BYTES = 16, 7, 16
WRONG = "The backup cannot be opened: the key is another one, or the file is damaged."


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << 15, r=8, p=1).derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class Sealer(io.RawIOBase):
    """Writes what it is given, encrypted, to `target`; `close` writes the last chunk and leaves `target` open."""

    def __init__(self, target: IO[bytes], passphrase: str) -> None:
        salt, self._prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
        self._target, self._cipher = target, _cipher(passphrase, salt)
        self._rest, self._number = bytearray(), 0
        target.write(MAGIC + salt + self._prefix)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        self._rest += view
        while len(self._rest) > CHUNK:
            self._seal(bytes(self._rest[:CHUNK]), is_last=False)
            del self._rest[:CHUNK]
        return len(view)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._rest), is_last=True)
        super().close()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._target.write(self._cipher.encrypt(nonce, chunk, MAGIC))
        self._number += 1


class Opener(io.RawIOBase):
    """Reads what a `Sealer` wrote. Raises `Permanent` for another key and for any change of the file."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        head = source.read(len(MAGIC) + SALT_BYTES + PREFIX_BYTES)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT_BYTES + PREFIX_BYTES:
            raise Permanent("This is not a backup of Outreach.", code="not_a_backup")
        salt, self._prefix = head[len(MAGIC) : -PREFIX_BYTES], head[-PREFIX_BYTES:]
        self._source, self._cipher = source, _cipher(passphrase, salt)
        self._ahead = source.read(CHUNK + TAG_BYTES)
        self._ready, self._number, self._is_over = memoryview(b""), 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._ready and not self._is_over:
            self._ready = memoryview(self._next())
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next(self) -> bytes:
        sealed, self._ahead = self._ahead, self._source.read(CHUNK + TAG_BYTES)
        self._is_over = not self._ahead
        try:
            chunk = self._cipher.decrypt(_nonce(self._prefix, self._number, is_last=self._is_over), sealed, MAGIC)
        except InvalidTag as error:
            raise Permanent(WRONG, code="backup_unreadable") from error
        self._number += 1
        return chunk
