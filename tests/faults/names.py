"""The domain name system of the world of faults: every domain takes mail."""

from __future__ import annotations

from conversations.senders.deliverability.answers import Answer, Status


class EverybodyTakesMail:
    """Implements `conversations.senders.deliverability.dns.Resolver`."""

    def query(self, name: str, record_type: str) -> Answer:
        return Answer(Status.FOUND, (f"mx.{name}",)) if record_type == "MX" else Answer(Status.NO_RECORDS)
