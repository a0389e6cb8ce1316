"""A local server that speaks chat completions, responses, Anthropic's messages and embeddings, with faults on demand.

As a fixture: `fake = FakeOpenAI().start()`; alone: `python -m tests.servers.fake_openai --port 9010 --delay 0.1`.
Faults are taken from a queue, one a request; without a queue the model's name may ask for one (`fault-429`). Answers
to a `json_schema` request are made from the schema, so that they always fit.
"""

from __future__ import annotations

import argparse
import gzip
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answerer = Callable[[dict[str, Any]], str]


def example_of(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """The smallest value that fits a JSON schema."""
    root = root or schema
    if "$ref" in schema:
        return example_of(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if options := schema.get("anyOf"):
        return example_of(options[0], root)
    kind = schema.get("type")
    if kind == "object":
        return {name: example_of(value, root) for name, value in schema.get("properties", {}).items()}
    if kind == "array":
        return []
    if kind in {"number", "integer"}:
        return schema.get("minimum", 0)
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    return "Text from the fake model."


def _letters(text: str, size: int) -> list[float]:
    """How often each letter stands in a text: the same for equal texts, alike for texts alike. Not of length one."""
    counts = [0.0] * size
    for letter in text.lower():
        counts[ord(letter) % size] += 1.0
    return counts


def schema_of(request: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON schema that the answer must fit, in the words of whichever API was asked."""
    return (
        request.get("response_format", {}).get("json_schema", {}).get("schema")
        or request.get("text", {}).get("format", {}).get("schema")
        or request.get("output_config", {}).get("format", {}).get("schema")
    )


def default_answer(request: dict[str, Any]) -> str:
    schema = schema_of(request)
    return json.dumps(example_of(schema)) if schema else "Text from the fake model."


@dataclass
class FakeOpenAI:
    """The server. `answer` makes the content; `faults` holds names: 429, 500, 401, 400, slow, bad_json, html,
    empty_choices, empty_text, length, refusal, think, thought_only, chatty, parts, huge, drip, gzip, 429-bare, ok."""

    answer: Answerer = default_answer
    delay_seconds: float = 0.0
    faults: deque[str] = field(default_factory=deque)
    always: str = ""
    retry_after: str = "0"
    slow_seconds: float = 5.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    limits: dict[str, str] = field(default_factory=dict)
    """Headers that every answer carries."""
    model_names: list[str] = field(default_factory=lambda: ["fake-model"])
    port: int = 0
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> FakeOpenAI:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def next_fault(self, request: dict[str, Any]) -> str:
        with self._lock:
            self.requests.append(request)
            if self.faults:
                return self.faults.popleft()
        name = str(request.get("model", ""))
        return self.always or (name.removeprefix("fault-") if name.startswith("fault-") else "ok")

    def enter(self) -> None:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    def leave(self) -> None:
        with self._lock:
            self._at_once -= 1


def _messages(request: dict[str, Any]) -> Any:
    return request.get("messages") or request.get("input")


def _texts(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    return [content] if isinstance(content, str) else [part["text"] for part in content or []]


def _as_response(completion: dict[str, Any]) -> dict[str, Any]:
    """A chat completion as the responses API says it."""
    output, incomplete = [], None
    for choice in completion["choices"]:
        parts: list[dict[str, Any]] = [
            {"type": "output_text", "text": text, "annotations": []} for text in _texts(choice["message"])
        ]
        if refusal := choice["message"].get("refusal"):
            parts.append({"type": "refusal", "refusal": refusal})
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": parts})
        if choice["finish_reason"] == "length":
            incomplete = {"reason": "max_output_tokens"}
    usage = completion["usage"]
    return {
        "id": "resp_1", "object": "response", "created_at": 1_700_000_000, "model": completion["model"],
        "status": "incomplete" if incomplete else "completed", "incomplete_details": incomplete, "error": None,
        "output": output, "parallel_tool_calls": False, "tool_choice": "auto", "tools": [], "metadata": {},
        "usage": {
            "input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"],
            "total_tokens": usage["total_tokens"], "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }  # fmt: skip


def _as_message(completion: dict[str, Any]) -> dict[str, Any]:
    """A chat completion as Anthropic says it."""
    blocks: list[dict[str, Any]] = []
    reason = "end_turn"
    for choice in completion["choices"]:
        blocks += [{"type": "text", "text": text} for text in _texts(choice["message"])]
        reason = "max_tokens" if choice["finish_reason"] == "length" else reason
        reason = "refusal" if choice["message"].get("refusal") else reason
    usage = completion["usage"]
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": completion["model"], "content": blocks,
        "stop_reason": reason, "stop_sequence": None,
        "usage": {
            "input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"],
            "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0,
        },
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    fake: FakeOpenAI
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.fake.model_names]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            request = json.loads(body)
        except json.JSONDecodeError:
            self._error(400, "We could not parse the JSON body of your request.")
            return
        if self.path.endswith("/embeddings"):
            self._embed(request)
            return
        if not self.path.endswith(("/chat/completions", "/responses", "/messages")):
            self._error(404, f"Unknown request URL: POST {self.path}")
            return
        asked = _messages(request)
        if not request.get("model") or not isinstance(asked, list) or not asked:
            self._error(400, "you must provide a model parameter and messages")
            return
        self.fake.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.fake.enter()
        try:
            self._answer(request, self.fake.next_fault(request))
        finally:
            self.fake.leave()

    def _embed(self, request: dict[str, Any]) -> None:
        """Vectors made of the letters of each text; `fewer`, `short` and `shuffled` are faults of its own."""
        fault = self.fake.next_fault(request)
        if fault.isdigit() or fault in {"html", "slow"}:
            self._answer(request, fault)
            return
        texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
        if not texts or not all(texts):
            self._error(400, "'$.input' is invalid.")
            return
        size = int(request.get("dimensions", 1_536)) - (fault == "short")
        rows = [
            {"object": "embedding", "index": number, "embedding": _letters(text, size)}
            for number, text in enumerate(texts)
        ][fault == "fewer" :]
        if fault == "shuffled":
            rows.reverse()
        tokens = sum(len(text) // 4 for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        self._send(200, {"object": "list", "data": rows, "model": request["model"], "usage": usage})

    def _answer(self, request: dict[str, Any], fault: str) -> None:  # noqa: C901 - one branch a fault
        time.sleep(self.fake.slow_seconds if fault == "slow" else self.fake.delay_seconds)
        if refused := self._refused(request, fault):
            self._send(400, {"error": refused})
            return
        if fault.isdigit():
            self._error(int(fault), f"Fault {fault} on demand")
        elif fault == "429-bare":
            self._send(429, {"error": {"message": "Too many requests", "type": "error"}})
        elif fault == "huge":
            self._complete(self._completion(request, "x" * 10_000_000, "stop"))
        elif fault == "gzip":
            self._send_raw(200, gzip.compress(b" " * 1000), "application/json", {"Content-Encoding": "gzip"})
        elif fault == "drip":
            self._drip(json.dumps(self._completion(request, "slowly", "stop")).encode())
        elif fault == "html":
            self._send_raw(200, b"<!doctype html><title>Sign in</title>", "text/html")
        elif fault == "cut":
            self._cut(json.dumps(self._completion(request, "half of it", "stop")).encode())
        elif fault == "broken_body":
            self._send_raw(200, b'{"id": "x", "choices": [{"message": {"content": "half', "application/json")
        elif fault == "error_with_200":
            self._send(200, {"error": {"message": "Upstream is busy", "type": "error", "code": 502}})
        elif fault == "empty_choices":
            self._complete({**self._completion(request, "", "stop"), "choices": []})
        elif fault == "empty_text":
            self._complete(self._completion(request, "", "stop"))
        elif fault == "bad_json":
            self._complete(self._completion(request, '{"subject": "half', "stop"))
        elif fault == "think":
            thought = "<think>They run {four} sites.</think>\n" + self.fake.answer(request)
            self._complete(self._completion(request, thought, "stop"))
        elif fault == "thought_only":
            self._complete(self._completion(request, "<think>Let me see, the person", "stop"))
        elif fault == "chatty":
            prose = f"Sure {{here}} it is:\n```json\n{self.fake.answer(request)}\n```\nHope this helps."
            self._complete(self._completion(request, prose, "stop"))
        elif fault == "parts":
            completion = self._completion(request, "", "stop")
            parts = [{"type": "text", "text": self.fake.answer(request)}]
            completion["choices"][0]["message"]["content"] = parts
            self._complete(completion)
        elif fault == "length":
            self._complete(self._completion(request, self.fake.answer(request)[:12], "length"))
        elif fault == "refusal":
            completion = self._completion(request, "", "stop")
            completion["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I cannot do that."}
            self._complete(completion)
        else:
            self._complete(self._completion(request, self.fake.answer(request), "stop"))

    def _complete(self, completion: dict[str, Any]) -> None:
        """Send a chat completion in the form of the API that was asked."""
        if self.path.endswith("/responses"):
            completion = _as_response(completion)
        elif self.path.endswith("/messages"):
            completion = _as_message(completion)
        self._send(200, completion)

    def _cut(self, data: bytes) -> None:
        """The connection ends in the middle of the answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def _drip(self, data: bytes) -> None:
        """One byte at a time, so that no single read is ever late."""
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _refused(self, request: dict[str, Any], fault: str) -> dict[str, Any] | None:
        """What reasoning models (`gpt5`) and servers without schemas (`no_schema`) refuse."""
        model = str(request["model"])
        said = "is not supported with this model."
        if fault == "gpt5" or model == "gpt-5":
            if "max_tokens" in request:
                return {"message": f"Unsupported parameter: 'max_tokens' {said}", "param": "max_tokens"}
            if request.get("temperature", 1) != 1:
                return {"message": f"Unsupported value: 'temperature' {said}", "param": "temperature"}
        if model == "no-schema" and "response_format" in request:
            return {"message": "response_format: json_schema is not supported", "param": None}
        return None

    def _completion(self, request: dict[str, Any], text: str, finish_reason: str) -> dict[str, Any]:
        prompt = sum(len(str(m.get("content", ""))) for m in _messages(request)) // 4
        return {
            "id": f"chatcmpl-{len(self.fake.requests)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": request["model"],
            "choices": [
                {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text}}
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": len(text) // 4,
                "total_tokens": prompt + len(text) // 4,
            },
        }

    def _error(self, status: int, message: str) -> None:
        kinds = {429: "rate_limit_exceeded", 401: "invalid_api_key"}
        body = {"error": {"message": message, "type": "error", "param": None, "code": kinds.get(status)}}
        self._send(status, body, {"Retry-After": self.fake.retry_after} if status in {429, 503} else {})

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send_raw(status, json.dumps(body).encode(), "application/json", headers or {})

    def _send_raw(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in {**self.fake.limits, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9010)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--always", default="", help="a fault for every request")
    options = parser.parse_args()
    fake = FakeOpenAI(port=options.port, delay_seconds=options.delay, always=options.always).start()
    print(fake.base_url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
