"""What happens on the made-up network: sessions, limits, invitations, messages, and people who react after a while.

Time runs `speed` times as fast as outside and can be moved on. Everything lies in memory behind one lock.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from campaigns.demo.network_site.people import Person, population
from leads.sources.network import totp

NOTE_LIMIT = 200
PAGE_SIZE = 10
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
ACCEPTS_AFTER = {"warm": 2.0, "busy": 4.0, "sparse": 5.0, "slow": 60.0}
"""Character → hours until an invitation is accepted; the others never do."""
DECLINES_AFTER_HOURS = 3.0
ANSWERS = {
    "warm": "Thanks for writing. Sounds interesting, let's talk on Thursday afternoon.",
    "friend": "Good to hear from you! How much does it cost for a team of twelve?",
    "sparse": "Could you tell me which systems you integrate with?",
    "busy": "Not now, please write again next month.",
}
ANSWERS_AFTER_HOURS = 1.5


@dataclass(frozen=True)
class Login:
    """Somebody who can sign in. `second_factor`: `totp`, `code` (sent elsewhere, `World.codes`) or nothing."""

    username: str = "demo@millpond.example"
    password: str = "millpond"  # noqa: S105 - of a site that belongs to nobody
    slug: str = "demo-account"
    name: str = "Demo Account"
    second_factor: str = "totp"
    totp_secret: str = "JBSWY3DPEHPK3PXP"  # noqa: S105


@dataclass
class Session:
    token: str
    login: Login
    csrf: str
    is_complete: bool
    wrong_codes: int = 0


@dataclass
class Invitation:
    id: str
    slug: str
    note: str
    sent_at: datetime
    state: str = "pending"
    """pending, accepted, declined or withdrawn."""

    @property
    def is_pending(self) -> bool:
        return self.state == "pending"


@dataclass
class Said:
    """One message of a thread. `number` grows over all threads."""

    id: str
    number: int
    slug: str
    is_ours: bool
    text: str
    at: datetime


@dataclass
class Options:
    """Switches for tests and for looking at trouble."""

    views_a_day: int = 80
    invitations_a_week: int = 100
    is_challenging: bool = False
    challenge_after_views: int | None = None
    before_answer: Callable[[str], None] | None = None
    """Called with the kind (`invitation`, `message`) after it was taken and before the page says so."""


@dataclass
class World:
    """The state of one site."""

    seed: str = "millpond"
    people_count: int = 120
    speed: float = 1.0
    logins: tuple[Login, ...] = (Login(),)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.people: dict[str, Person] = {p.slug: p for p in population(self.seed, self.people_count)}
        self.lock = threading.RLock()
        self.began = datetime.now(UTC)
        self.advanced = timedelta()
        self.sessions: dict[str, Session] = {}
        self.invitations: list[Invitation] = []
        self.said: list[Said] = []
        self.codes: deque[str] = deque(maxlen=20)
        self.sign_in_count = 0
        self.visits: Counter[str] = Counter()
        self.announce_code: Callable[[str], None] | None = None
        self._views: deque[datetime] = deque()
        self._answered: Counter[str] = Counter()

    # time

    def now(self) -> datetime:
        return self.began + (datetime.now(UTC) - self.began) * self.speed + self.advanced

    def advance(self, by: timedelta) -> None:
        """Let time pass at once."""
        with self.lock:
            self.advanced += by
            self.settle()

    def settle(self) -> None:
        """Let people do what is due: accept, decline, answer."""
        now = self.now()
        for invitation in self.invitations:
            if not invitation.is_pending:
                continue
            character, waited = self.people[invitation.slug].character, now - invitation.sent_at
            hours = ACCEPTS_AFTER.get(character)
            if hours is not None and waited >= timedelta(hours=hours):
                invitation.state = "accepted"
                if invitation.note:
                    self._say(invitation.slug, invitation.note, is_ours=True, at=invitation.sent_at, id=invitation.id)
            elif character == "declines" and waited >= timedelta(hours=DECLINES_AFTER_HOURS):
                invitation.state = "declined"
        for slug in {said.slug for said in self.said}:
            self._answer(slug, now)

    def _answer(self, slug: str, now: datetime) -> None:
        text = ANSWERS.get(self.people[slug].character)
        written = [said for said in self.said if said.slug == slug and said.is_ours]
        typed = [said for said in written if not any(i.id == said.id for i in self.invitations)]
        if not text or not typed or self._answered[slug]:
            return
        due = typed[0].at + timedelta(hours=ANSWERS_AFTER_HOURS)
        if now >= due:
            self._answered[slug] += 1
            self._say(slug, text, is_ours=False, at=due)

    # sign-in

    def sign_in(self, username: str, password: str) -> Session | None:
        with self.lock:
            login = next((x for x in self.logins if x.username == username and x.password == password), None)
            if login is None:
                return None
            self.sign_in_count += 1
            session = Session(
                secrets.token_urlsafe(24), login, secrets.token_urlsafe(12), is_complete=not login.second_factor
            )
            self.sessions[session.token] = session
            if login.second_factor == "code":
                self.codes.append(f"{secrets.randbelow(1_000_000):06d}")
                if self.announce_code is not None:
                    self.announce_code(self.codes[-1])
            return session

    def check_code(self, session: Session, given: str) -> bool:
        with self.lock:
            if session.login.second_factor == "totp":
                session.is_complete = totp.is_valid(session.login.totp_secret, given, datetime.now(UTC))
            else:
                session.is_complete = bool(self.codes) and secrets.compare_digest(self.codes[-1], given.strip())
            session.wrong_codes += not session.is_complete
            if session.wrong_codes >= 3:
                self.options.is_challenging = True
            return session.is_complete

    # limits

    def visit(self, kind: str) -> bool:
        """Count a page; False when the site wants to see a person first."""
        with self.lock:
            self.visits[kind] += 1
            after = self.options.challenge_after_views
            if after is not None and self.visits.total() > after:
                self.options.is_challenging = True
            return not self.options.is_challenging

    def may_view(self) -> bool:
        """Count a look at a profile against the limit of a day."""
        with self.lock:
            now = self.now()
            while self._views and self._views[0] < now - _DAY:
                self._views.popleft()
            if len(self._views) >= self.options.views_a_day:
                return False
            self._views.append(now)
            return True

    def may_invite(self) -> bool:
        since = self.now() - _WEEK
        return sum(1 for i in self.invitations if i.sent_at > since) < self.options.invitations_a_week

    # people

    def search(self, keywords: str, page: int) -> tuple[list[Person], bool]:
        """People whose words hold all keywords, one page, and whether another one follows."""
        words = keywords.lower().split()
        found = [p for p in self.people.values() if all(word in p.words for word in words)]
        start = (max(page, 1) - 1) * PAGE_SIZE
        return found[start : start + PAGE_SIZE], len(found) > start + PAGE_SIZE

    def relation(self, slug: str) -> str:
        """`connected`, `pending` or `none`."""
        with self.lock:
            self.settle()
            if self.people[slug].degree == 1:
                return "connected"
            latest = self._latest_invitation(slug)
            if latest is None:
                return "none"
            return {"accepted": "connected", "pending": "pending"}.get(latest.state, "none")

    def degree(self, slug: str) -> int:
        return 1 if self.relation(slug) == "connected" else self.people[slug].degree

    def _latest_invitation(self, slug: str) -> Invitation | None:
        return next((i for i in reversed(self.invitations) if i.slug == slug), None)

    def invite(self, slug: str, note: str) -> Invitation:
        with self.lock:
            invitation = Invitation(secrets.token_hex(8), slug, note, self.now())
            self.invitations.append(invitation)
            return invitation

    def withdraw(self, slug: str) -> None:
        with self.lock:
            latest = self._latest_invitation(slug)
            if latest is not None and latest.is_pending:
                latest.state = "withdrawn"

    def write(self, slug: str, text: str) -> Said:
        """A message of ours."""
        with self.lock:
            return self._say(slug, text, is_ours=True, at=self.now())

    def hear(self, slug: str, text: str) -> Said:
        """A message of theirs, by hand."""
        with self.lock:
            return self._say(slug, text, is_ours=False, at=self.now())

    def _say(self, slug: str, text: str, *, is_ours: bool, at: datetime, id: str = "") -> Said:  # noqa: A002
        said = Said(id or secrets.token_hex(8), len(self.said) + 1, slug, is_ours, text, at)
        self.said.append(said)
        return said

    def thread(self, slug: str) -> list[Said]:
        with self.lock:
            self.settle()
            return [said for said in self.said if said.slug == slug]
