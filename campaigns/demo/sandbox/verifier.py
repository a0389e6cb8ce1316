"""The sandbox's own verifier: the simulated recipient's character decides, so that the demo world shows the whole way."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cached_property

from campaigns.demo.sandbox import persona
from campaigns.demo.sandbox.account import INFO
from conversations.senders.models import Sender
from conversations.senders.verification.verdicts import Checked, Found, Person
from outreach.core.addresses import EMAIL, is_reserved

STATUSES = {"refused": "invalid", "bounces": "invalid", "full": "risky", "unknown": "unknown"}
KNOWN_PERCENT = 80
"""So many of a hundred people a finder knows."""


class SandboxVerifier:
    """Implements `verdicts.Verifier` for addresses that belong to nobody. Asks no network and costs nothing."""

    name = INFO.name
    label = "Sandbox"
    costs = False

    @cached_property
    def _seed(self) -> str:
        """Of the first sandbox sender: what it simulates and what is verified are the same people."""
        found = Sender.objects.filter(adapter=INFO.name).order_by("id").values_list("settings", flat=True).first()
        return str(INFO.value(found or {}, "seed"))

    def verify(self, address: str) -> Checked:
        who = persona.character(address, seed=self._seed)
        return Checked(STATUSES.get(who, "valid"), who if who in STATUSES else "mailbox answers")

    def find(self, person: Person) -> Found | None:
        if not person.domain or not is_reserved(EMAIL, f"x@{person.domain}"):
            return None
        address = f"{_plain(person.first_name)}.{_plain(person.last_name)}@{person.domain}".lower()
        if hashlib.sha256(f"{self._seed}\x1f{address}".encode()).digest()[0] * 100 >= KNOWN_PERCENT * 256:
            return None
        return Found(address, self.verify(address))


def _plain(name: str) -> str:
    """Letters and digits of a name in ASCII, or `x` when none is left."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(character for character in text if character.isalnum()) or "x"


VERIFIER = SandboxVerifier
