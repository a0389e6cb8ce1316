"""An S3-compatible store over HTTP, as far as a client can tell: objects, ranges, lists, multipart uploads.

`with FakeS3() as s3: …`; the endpoint is `s3.url`, the bucket `s3.bucket`. Written after the public reference. It checks the
signature's form and the announced hash of each body, and answers errors as XML with their codes.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY = "fake-access-key"
SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/\d{{8}}/[\w-]+/s3/aws4_request, ?SignedHeaders=.*Signature=[0-9a-f]{{64}}"
)


METHODS = ("GET", "PUT", "HEAD", "DELETE", "POST")


@dataclass
class FakeS3:
    bucket: str = "files"
    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    is_away: bool = False

    def __enter__(self) -> FakeS3:
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0),
            type("Handler", (_Handler,), {"fake": self, **{f"do_{name}": _Handler.handle_any for name in METHODS}}),
        )
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    fake: FakeS3
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.fake.is_away:
            self.error(503, "SlowDown")
            return
        if not SIGNED.match(self.headers.get("Authorization", "")):
            self.error(403, "SignatureDoesNotMatch")
            return
        announced = self.headers.get("x-amz-content-sha256", "")
        if announced not in {"UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()}:
            self.error(400, "XAmzContentSHA256Mismatch")
            return
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if bucket != self.fake.bucket:
            self.error(404, "NoSuchBucket")
        elif not key:
            self.list_objects(query)
        else:
            getattr(self, f"object_{self.command.lower()}")(key, query, body)

    def object_put(self, key: str, query: dict[str, str], body: bytes) -> None:
        if "partNumber" in query:
            self.fake.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.fake.objects[key] = body
        self.answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def object_post(self, key: str, query: dict[str, str], body: bytes) -> None:
        if "uploads" in query:
            number = str(len(self.fake.uploads) + 1)
            self.fake.uploads[number] = {}
            self.answer(
                200,
                f"<InitiateMultipartUploadResult><Bucket>{self.fake.bucket}</Bucket><Key>{escape(key)}</Key><UploadId>{number}</UploadId></InitiateMultipartUploadResult>",
            )
            return
        pieces = self.fake.uploads.pop(query["uploadId"])
        wanted = [int(number) for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
        if sorted(wanted) != wanted or set(wanted) != set(pieces):
            self.error(400, "InvalidPart")
            return
        self.fake.objects[key] = b"".join(pieces[number] for number in wanted)
        self.answer(
            200,
            f'<CompleteMultipartUploadResult><Key>{escape(key)}</Key><ETag>"whole-{len(wanted)}"</ETag></CompleteMultipartUploadResult>',
        )

    def object_get(self, key: str, query: dict[str, str], body: bytes) -> None:
        content = self.fake.objects.get(key)
        if content is None:
            self.error(404, "NoSuchKey")
            return
        headers = {
            "Last-Modified": format_datetime(datetime.now(UTC), usegmt=True),
            "ETag": f'"{hashlib.md5(content).hexdigest()}"',
            "Accept-Ranges": "bytes",
        }
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted and content:
            first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self.answer(206, content[first : last + 1], headers=headers)
        else:
            self.answer(200, content, headers=headers)

    object_head = object_get

    def object_delete(self, key: str, query: dict[str, str], body: bytes) -> None:
        self.fake.objects.pop(key, None)
        self.answer(204)

    def list_objects(self, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        names, folders = [], set()
        for name in sorted(self.fake.objects):
            if not name.startswith(prefix):
                continue
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                names.append(name)
        contents = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.fake.objects[name])}</Size>"
            f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag></Contents>"
            for name in names
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)
        )
        self.answer(
            200,
            f"<ListBucketResult><Name>{self.fake.bucket}</Name><IsTruncated>false</IsTruncated><KeyCount>{len(names)}</KeyCount>{contents}{common}</ListBucketResult>",
        )

    def error(self, status: int, code: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>")

    def answer(self, status: int, body: str | bytes = b"", headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", "application/xml" if isinstance(body, str) else "application/octet-stream")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)
