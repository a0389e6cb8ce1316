"""Every operation that takes a body, fed with bodies that nobody should send. Run by `python -m tests.fuzzing bodies`.

A defect is a server error, an answer that is not a problem (RFC 9457), one that does not say what is wrong and, for a fault
in a field, where; and any other answer than 401 to a key or token that is expired, revoked, foreign or made up.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from django.test import Client

import tests.contract
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.access.services import create_api_key, revoke_api_key
from outreach.core import clock
from outreach.core.models import Actor
from tests.outreach.access.factories import make_user

JSON = "application/json"
WHOLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", JSON),
    "cut off": (b'{"a": ', JSON),
    "null": (b"null", JSON),
    "a number": (b"1", JSON),
    "a text": (b'"text"', JSON),
    "a list": (b"[]", JSON),
    "a list of lists": (b"[[[]]]", JSON),
    "not UTF-8": (b'{"name": "\xff\xfe"}', JSON),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), JSON),
    "another charset": ('{"name": "ё"}'.encode("cp1251"), "application/json; charset=cp1251"),
    "an unknown charset": (b"{}", "application/json; charset=klingon"),
    "NUL": (b'{"name": "a\\u0000b"}', JSON),
    "half a surrogate pair": (b'{"name": "\\ud800"}', JSON),
    "nested": (b'{"name":' * 50_000 + b"1" + b"}" * 50_000, JSON),
    "nested lists": (b"[" * 200_000, JSON),
    "NaN": (b'{"name": NaN}', JSON),
    "a number without end": (b'{"name": ' + b"9" * 5_000 + b"}", JSON),
    "a field twice": (b'{"name": 1, "name": [], "name": {}}', JSON),
    "unknown fields": (b'{"no such field": 1, "nor this": 2}', JSON),
    "XML": (b"<a/>", "application/xml"),
    "no type": (b"{}", ""),
    "a broken type": (b"{}", "///;;=="),
    "a form": (b"name=%00%ff&name=2&=", "application/x-www-form-urlencoded"),
    "a form without boundary": (b"--x\r\n", "multipart/form-data"),
    "a broken form": (b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\x00\"\r\n\r\n\xff", "multipart/form-data; boundary=x"),
}  # fmt: skip
LARGE: dict[str, tuple[bytes, str]] = {
    "a million items": (b"[" + b"1," * 1_000_000 + b"1]", JSON),
    "a million fields": (b"{" + b",".join(b'"f%d":1' % number for number in range(1_000_000)) + b"}", JSON),
    "too large": (b'{"name": "' + b"x" * 21_000_000 + b'"}', JSON),
}
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, -0.5, "", " ", "x" * 70_000, "\u202e", "'; --", "{{ 7 | times: 7 }}", "../../etc/passwd", "2026-02-30", "http://[::1",
    [], [None], [[]], [1] * 1_000, {}, {"a": {"b": []}}, {"": ""}, [{}], ["x" * 5_000],
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """`schema` is that of the JSON body; empty when there is none."""

    method: str
    path: str
    schema: dict[str, Any]
    components: dict[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            schema = self.components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["allOf"][0]
        return schema

    def example(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A body as its schema allows it."""
        schema = self.resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        for kind in ("oneOf", "anyOf"):
            if kind in schema:
                return self.example(schema[kind][0], depth)
        match schema.get("type"):
            case "object" if depth < 4:
                return {name: self.example(part, depth + 1) for name, part in schema.get("properties", {}).items()}
            case "array" if depth < 4:
                return [self.example(schema.get("items", {}), depth + 1)]
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
            case "string":
                return {"date-time": "2026-06-01T09:00:00Z", "date": "2026-06-01", "uri": "http://a.example/", "email": "a@firm.example"}.get(schema.get("format", ""), "text")  # fmt: skip
        return {}


@cache
def operations() -> tuple[Operation, ...]:
    """All that take a body or change something."""
    described = tests.contract.description()
    components = described["components"]["schemas"]
    found = []
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method in {"post", "put", "patch"}:
                content = operation.get("requestBody", {}).get("content", {})
                schema = content.get(JSON, {}).get("schema", {})
                found.append(Operation(method.upper(), path, schema, components))
    return tuple(found)


def broken(operation: Operation, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """The operation's own body with one field after another made wrong, then several at once, without end."""
    whole = operation.example(operation.schema)
    if not isinstance(whole, dict) or not whole:
        return
    yield "as allowed", json.dumps(whole).encode()
    for name in whole:
        yield f"{name}: missing", json.dumps({key: value for key, value in whole.items() if key != name}).encode()
        for value in WRONG:
            yield f"{name}: {str(value)[:30]!r}", json.dumps(whole | {name: value}).encode()
    while True:
        names = chance.sample(sorted(whole), chance.randint(1, len(whole)))
        yield "several", json.dumps(whole | {name: chance.choice(WRONG) for name in names}).encode()


def defect_of(answer: Any) -> str:
    """What is wrong with an answer; empty when it is right."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{answer.status_code}"
    if answer.status_code < 400:
        return ""
    if answer["Content-Type"] != "application/problem+json":
        return f"{answer.status_code} {answer['Content-Type']}"
    told = json.loads(answer.content)
    if not told.get("detail") or not told.get("code") or told.get("status") != answer.status_code:
        return f"{answer.status_code} says nothing"
    if told["code"] in {"invalid", "unknown_field"} and not all(
        fault.get("pointer") or fault.get("parameter") for fault in told.get("errors") or [{}]
    ):
        return f"{answer.status_code} does not say where"
    return ""


def made_up_credentials(user: User) -> dict[str, str]:
    """Keys and tokens that were good once, or never."""
    expired, revoked = (
        create_api_key(user=user, name=name, actor=Actor.system("tests"), days=1) for name in ("expired", "revoked")
    )
    type(expired[0]).objects.filter(pk=expired[0].pk).update(expires_at=clock.now() - timedelta(seconds=1))
    revoke_api_key(key=revoked[0], actor=Actor.system("tests"))
    token = tests.contract.AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    foreign = f"{str(tests.contract.AccessToken.for_user(user)).rpartition('.')[0]}.{'A' * 43}"
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ1c2VyX2lkIjoiMSIsInRva2VuX3R5cGUiOiJhY2Nlc3MifQ."
    return {
        "an expired key": f"Api-Key {expired[1]}",
        "a revoked key": f"Api-Key {revoked[1]}",
        "a made-up key": "Api-Key ok_0000000000000000000000000000000000000000",
        "an empty key": "Api-Key ",
        "an expired token": f"Bearer {token}",
        "a token with a foreign signature": f"Bearer {foreign}",
        "a token without a signature": f"Bearer {unsigned}",
        "bytes": "Bearer \xff\xfe",
    }


@dataclass
class Caller:
    """Sends bodies and keeps what was wrong with the answers."""

    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    count: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    defects: dict[str, str] = field(default_factory=dict)
    longest: float = 0.0

    def send(self, operation: Operation, name: str, body: bytes, kind: str = JSON) -> None:
        began = time.monotonic()
        answer = self.client.generic(
            operation.method,
            tests.contract.address(operation.path),
            body,
            kind,
            HTTP_AUTHORIZATION=f"Bearer {self.token}",
        )
        self.longest = max(self.longest, time.monotonic() - began)
        self._note(operation, name, answer, defect_of(answer))

    def send_as(self, operation: Operation, name: str, credentials: str) -> None:
        answer = self.client.generic(
            operation.method, tests.contract.address(operation.path), b"{}", JSON, HTTP_AUTHORIZATION=credentials
        )
        is_refused = answer.status_code == 401 or operation.path.startswith("/api/v1/token/")
        self._note(
            operation, name, answer, defect_of(answer) or ("" if is_refused else f"{answer.status_code} to {name}")
        )

    def _note(self, operation: Operation, name: str, answer: Any, defect: str) -> None:
        self.count[operation.label] += 1
        self.statuses[answer.status_code] += 1
        if defect:
            self.defects.setdefault(f"{operation.label}: {defect}", f"{name} → {answer.content[:300]!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="in all, divided between the operations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="operations whose address contains this")
    options = parser.parse_args()
    with tests.contract.database():
        caller = Caller(tests.contract.make_world())
        credentials = made_up_credentials(make_user(Role.ADMINISTRATOR))
        chosen = [operation for operation in operations() if options.only in operation.path]
        for operation in chosen:
            ends = time.monotonic() + options.seconds / len(chosen)
            for name, (body, kind) in WHOLE.items():
                caller.send(operation, name, body, kind)
            for name, text in credentials.items():
                caller.send_as(operation, name, text)
            for name, body in broken(operation, random.Random(options.seed)):
                caller.send(operation, name, body)
                if time.monotonic() > ends:
                    break
        for operation in chosen[:: max(1, len(chosen) // 10)]:
            for name, (body, kind) in LARGE.items():
                caller.send(operation, name, body, kind)
    print(
        f"bodies: {caller.count.total():,} requests to {len(chosen)} operations, longest {caller.longest * 1000:,.0f} ms, {len(caller.defects)} kinds of defects"
    )
    print("    " + ", ".join(f"{status}: {count:,}" for status, count in sorted(caller.statuses.items())))
    for defect, sample in sorted(caller.defects.items()):
        print(f"    {defect}: {sample}")
    return 1 if caller.defects else 0


if __name__ == "__main__":
    sys.exit(main())
