"""Calls reach an OpenTelemetry collector over OTLP/HTTP, each once, and a collector that is down gets them later."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from outreach.core.errors import Refused
from outreach.llm import otlp
from outreach.llm.models import TraceExport
from outreach.llm.tasks import send_traces
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db
NO_LAG = timedelta(seconds=-5)


class Collector:
    """Takes spans as a real one does: protobuf in, 200 out; `status` answers something else."""

    def __init__(self):
        self.spans, self.status = [], 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                if collector.status == 200:
                    request = ExportTraceServiceRequest.FromString(body)
                    collector.spans += [s for r in request.resource_spans for c in r.scope_spans for s in c.spans]
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1/traces"


@pytest.fixture
def collector(settings, fake):
    found = Collector()
    configured(settings, fake, otlp_endpoint=found.url)
    assert otlp.send_new(lag=NO_LAG) == 0
    yield found
    found.server.shutdown()
    found.server.server_close()


def attributes(span):
    return {pair.key: pair.value for pair in span.attributes}


def test_a_call_arrives_once_as_a_span_with_the_convention_s_names(collector):
    row = ask().interaction
    assert otlp.send_new(lag=NO_LAG) == 1
    assert otlp.send_new(lag=NO_LAG) == 0
    (span,) = collector.spans
    assert (span.name, span.kind) == ("chat fake-model", 3)
    assert span.trace_id == row.trace_id.bytes and span.span_id == row.pk.bytes[:8]
    assert span.end_time_unix_nano - span.start_time_unix_nano == pytest.approx(row.latency_ms * 1_000_000, abs=2_000)
    found = attributes(span)
    assert found["gen_ai.provider.name"].string_value == "fake"
    assert found["gen_ai.usage.input_tokens"].int_value == row.input_tokens
    (_system, user) = json.loads(found["gen_ai.input.messages"].string_value)
    assert user == {"role": "user", "parts": [{"type": "text", "content": "A note."}]}


def test_a_failed_attempt_is_an_error_and_the_next_one_its_child(collector, fake):
    fake.faults.append("500")
    ask()
    assert otlp.send_new(lag=NO_LAG) == 2
    first, second = collector.spans
    assert first.status.code == 2 and attributes(first)["error.type"].string_value == "unavailable"
    assert second.parent_span_id == first.span_id


def test_what_a_collector_refuses_comes_again(collector):
    ask()
    collector.status = 400
    with pytest.raises(Refused, match="did not take the spans"):
        otlp.send_new(lag=NO_LAG)
    assert "did not take" in TraceExport.objects.get().problem
    collector.status = 200
    assert otlp.send_new(lag=NO_LAG) == 1
    assert TraceExport.objects.get().problem == ""


def test_calls_before_the_collector_was_named_are_not_sent(settings, fake, collector):
    TraceExport.objects.all().delete()
    ask()
    assert otlp.send_new(lag=NO_LAG) == 0 and collector.spans == []


def test_without_an_address_nothing_is_sent(settings, fake):
    configured(settings, fake)
    ask()
    assert send_traces() == "Calls sent: 0"
