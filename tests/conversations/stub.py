"""An adapter under the test's control: remembers what it was given and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

from conversations.channels.base import Accepted, Account, Evidence, Finding, Outgoing


class StubAdapter:
    name = "stub"
    channels = ("email", "sms")

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.answers: dict[str, Exception] = {}
        self.before_answer: Callable[[Outgoing], None] | None = None
        self.evidence = Evidence(Finding.CANNOT_TELL, "Nobody can tell.")
        self._lock = threading.Lock()

    def check_settings(self, account: Account) -> None:
        pass

    def verify(self, account: Account) -> str:
        return "Signed in."

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        if self.before_answer:
            self.before_answer(outgoing)
        error = self.answers.get(outgoing.address) or self.answers.get("*")
        if error:
            raise error
        with self._lock:
            self.sent.append(outgoing)
        return Accepted(detail="ok")

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        return self.evidence

    def close(self) -> None:
        pass

    @property
    def addresses(self) -> list[str]:
        return [outgoing.address for outgoing in self.sent]
