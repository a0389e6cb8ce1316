"""The users of `tests.load`, run by locust: it imports this file alone, without Django."""

from __future__ import annotations

import itertools
import os
import random
import uuid

from locust import HttpUser, between, constant_throughput, task
from twilio.request_validator import RequestValidator

FIRST = os.environ["LOAD_HOSTS"].split(",")[0]
HOSTS = itertools.cycle(os.environ["LOAD_HOSTS"].split(","))
KEY, SESSION = os.environ["LOAD_KEY"], os.environ["LOAD_SESSION"]
CARRIERS, WEBHOOKS = int(os.environ["LOAD_CARRIERS"]), float(os.environ["LOAD_WEBHOOKS"])
LEADS, WRITERS = int(os.environ["LOAD_LEADS"]), int(os.environ["LOAD_WRITERS"])
VALIDATOR = RequestValidator("benchmark-token")
PAGES = os.environ["LOAD_PAGES"].split(",")


class Program(HttpUser):
    """Reads lists and objects over the API, and writes a little."""

    host, weight = FIRST, 3
    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        self.client.base_url = next(HOSTS)
        self.client.headers["Authorization"] = f"Api-Key {KEY}"

    @task(5)
    def leads(self) -> None:
        self.client.get(
            "/api/v1/leads/",
            params={"page_size": 50, "country": random.choice(("DE", "US", "FR"))},
            name="GET leads, 50 of a country",
        )

    @task(5)
    def lead(self) -> None:
        self.client.get(f"/api/v1/leads/{random.randint(1, LEADS)}/", name="GET a lead")

    @task(2)
    def campaigns(self) -> None:
        self.client.get("/api/v1/campaigns/", params={"page_size": 50}, name="GET campaigns, 50")

    @task(1)
    def create(self) -> None:
        body = {"full_name": "Ann Lee", "email": f"{uuid.uuid4().hex}@firm.example"}
        self.client.post("/api/v1/leads/", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}, name="POST a lead")


class Person(HttpUser):
    """Reads pages."""

    host, weight = FIRST, 1
    wait_time = between(2, 6)

    def on_start(self) -> None:
        self.client.base_url = next(HOSTS)
        self.client.cookies.set("sessionid", SESSION)

    @task
    def page(self) -> None:
        path = random.choice(PAGES)
        self.client.get(path, name=f"page {path}")


class Carrier(HttpUser):
    """Posts signed webhooks, over as many connections as there are of it, at a fixed rate in all."""

    host, fixed_count, abstract = FIRST, CARRIERS, not CARRIERS
    wait_time = constant_throughput(WEBHOOKS / CARRIERS if CARRIERS else 1)

    def on_start(self) -> None:
        self.client.base_url = next(HOSTS)

    @task
    def message(self) -> None:
        form = {"MessageSid": "SMload" + uuid.uuid4().hex[4:], "AccountSid": "AC" + "0" * 32, "From": f"+120255{random.randrange(WRITERS):05}", "To": "+12025550100",
                "Body": "Yes, that sounds interesting.", "NumMedia": "0", "NumSegments": "1"}  # fmt: skip
        signature = VALIDATOR.compute_signature(os.environ["LOAD_SIGNED"], form)
        self.client.post(
            os.environ["LOAD_WEBHOOK"],
            data=form,
            headers={"X-Twilio-Signature": signature},
            name="POST a signed webhook",
        )
