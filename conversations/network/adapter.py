"""Invitations and messages through the browser of a network account.

What was sent is certain only when the page shows it; whatever is lost after the click is unknown, and is looked for in the
thread and among the sent invitations.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, TypeVar

from conversations.channels import fields
from conversations.channels.base import Accepted, Account, Evidence, Fault, Finding, NotSent, OutcomeUnknown, Outgoing
from conversations.network.account import INFO
from conversations.network.relations import was_invited
from leads.sources.network import links, pacing, services, sessions
from leads.sources.network.browser import browser
from leads.sources.network.errors import (
    Busy,
    Challenged,
    CodeNeeded,
    CredentialsRefused,
    Interrupted,
    Limited,
    NotAllowed,
    Trouble,
    Unavailable,
    Unexpected,
)
from leads.sources.network.models import ACCOUNT, NetworkAccount
from leads.sources.network.seen import same_text
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _

if TYPE_CHECKING:
    from leads.sources.network.tab import Tab

T = TypeVar("T")
WasInvited = Callable[..., bool]
SEND_SECONDS = 35.0
"""For each half of a send, so that a tick of the lane ends within the queue's time limit."""
INVITATION_WAIT = timedelta(days=1)
UNREACHABLE_WAIT = timedelta(minutes=10)
BUSY_WAIT = timedelta(minutes=1)
SKEW = timedelta(minutes=10)
SENDERS_FAULT = (Challenged, CodeNeeded, CredentialsRefused, Unexpected)


class NetworkAdapter:
    """Implements `conversations.channels.base.Adapter`. `was_invited` knows what this sender did before."""

    name = INFO.name
    channels = INFO.channels

    def __init__(self, was_invited: WasInvited = was_invited) -> None:
        self._was_invited = was_invited

    def check_settings(self, account: Account) -> None:
        fields.check(INFO.settings, account.settings)
        fields.check(INFO.credentials, account.credentials)
        login_of(account)

    def verify(self, account: Account) -> str:
        login = login_of(account)
        try:
            return services.sign_in(account=login)
        except Interrupted as error:
            raise OutcomeUnknown(error.code, error.reason) from error
        except (Trouble, Refused) as error:
            raise NotSent(Fault.SENDER, error.code, error.reason) from error

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        login, public_id = self._ready(account, outgoing)
        try:
            with sessions.opened(login.pk) as session:
                relation = session.run(lambda tab: tab.relation(public_id), seconds=SEND_SECONDS)
                pacing.count(login, pacing.VIEW, clock.now())
                if relation == "connected":
                    return self._write(session, login, public_id, outgoing)
                return self._invite(session, login, public_id, outgoing, relation, account.id)
        except Interrupted as error:  # while looking: nothing was clicked
            raise NotSent(Fault.PASSING, error.code, error.reason, retry_after=UNREACHABLE_WAIT) from error
        except Trouble as error:
            refuse(error)

    def _ready(self, account: Account, outgoing: Outgoing) -> tuple[NetworkAccount, str]:
        try:
            login = login_of(account)
        except Invalid as error:
            raise NotSent(Fault.SENDER, error.code, error.reason) from error
        if login.state not in ACCOUNT.working:
            raise NotSent(
                Fault.SENDER, login.state_code or login.state, login.state_reason or _("The account is paused.")
            )
        public_id = links.public_id_of_identity(outgoing.address, base_url=login.base_url)
        if not public_id:
            reason = _("This profile isn't on %(host)s, where the account is.") % {
                "host": links.host_of(login.base_url)
            }
            raise NotSent(Fault.MESSAGE, "other_site", reason)
        if wait := pacing.take(login, pacing.MESSAGE, clock.now()):
            raise NotSent(Fault.PASSING, "paced", wait.reason, retry_after=wait.after)
        return login, public_id

    def _write(
        self, session: sessions.AccountSession, login: NetworkAccount, public_id: str, outgoing: Outgoing
    ) -> Accepted:
        message_id = self._act(session, lambda tab: tab.write(public_id, outgoing.body))
        return Accepted(provider_id=_message_id(login, message_id), detail="The thread shows the message.")

    def _invite(
        self,
        session: sessions.AccountSession,
        login: NetworkAccount,
        public_id: str,
        outgoing: Outgoing,
        relation: str,
        sender_id: int,
    ) -> Accepted:
        if relation == "pending":
            raise NotSent(
                Fault.PASSING,
                "invitation_pending",
                "The invitation has not been answered yet.",
                retry_after=INVITATION_WAIT,
            )
        if self._was_invited(sender_id=sender_id, address=outgoing.address):
            reason = _("They didn't accept an earlier invitation; no one is invited twice.")
            raise NotSent(Fault.MESSAGE, "invitation_declined", reason)
        if len(outgoing.body) > login.note_limit:
            reason = _("Not a contact yet, and an invitation note can have at most %(limit)s characters.") % {
                "limit": login.note_limit
            }
            raise NotSent(Fault.MESSAGE, "note_too_long", reason)
        if wait := pacing.take(login, pacing.INVITE, clock.now(), has_gap=False):
            raise NotSent(Fault.PASSING, "paced", wait.reason, retry_after=wait.after)
        self._act(session, lambda tab: tab.invite(public_id, outgoing.body))
        return Accepted(provider_id=_invitation_id(login, public_id, outgoing), detail="The invitation is pending.")

    def _act(self, session: sessions.AccountSession, act: Callable[[Tab], T]) -> T:
        """The irreversible step. Only the site's own answer makes a refusal certain."""
        try:
            return session.run(act, seconds=SEND_SECONDS)
        except Interrupted as error:
            raise OutcomeUnknown(error.code, error.reason) from error

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        """Search the thread and the invitations. Absence is proof after `settle_seconds`."""
        began = outgoing.attempted_at
        try:
            login = login_of(account)
        except Invalid as error:
            return Evidence(Finding.CANNOT_TELL, error.reason)
        public_id = links.public_id_of_identity(outgoing.address, base_url=login.base_url)
        if began is None or not public_id:
            return Evidence(Finding.CANNOT_TELL, "It is not known when the attempt began, or where.")
        if login.state not in ACCOUNT.working:
            return Evidence(Finding.CANNOT_TELL, login.state_reason or _("The account is paused."))
        try:
            with sessions.opened(login.pk) as session:
                return session.run(lambda tab: _look(tab, account, login, public_id, outgoing, began))
        except Trouble as error:
            return Evidence(Finding.CANNOT_TELL, error.reason)

    def close(self) -> None:
        browser().close()


def _look(
    tab: Tab, account: Account, login: NetworkAccount, public_id: str, outgoing: Outgoing, began: datetime
) -> Evidence:
    for line in reversed(tab.thread(public_id)):
        is_late = line.at is None or line.at >= began - SKEW
        if line.is_ours and is_late and same_text(line.text, outgoing.body):
            return Evidence(Finding.FOUND, "The thread shows it.", provider_id=_message_id(login, line.id))
    waiting = [row for row in tab.sent_invitations() if row.public_id == public_id]
    if any(same_text(row.note, outgoing.body) for row in waiting):
        found = _invitation_id(login, public_id, outgoing)
        return Evidence(Finding.FOUND, "The invitation is pending.", provider_id=found)
    if waiting:
        return Evidence(Finding.CANNOT_TELL, "An invitation with another note waits for an answer.")
    if clock.now() - began < timedelta(seconds=int(INFO.value(account.settings, "settle_seconds"))):
        return Evidence(Finding.CANNOT_TELL, "The site does not show it yet; it may still be on its way there.")
    return Evidence(Finding.NOT_FOUND, "Neither the thread nor the sent invitations show it.")


def refuse(error: Trouble) -> NoReturn:
    """A trouble before the click, or a refusal of the site, as what it means for the message."""
    if isinstance(error, SENDERS_FAULT):
        raise NotSent(Fault.SENDER, error.code, error.reason) from error
    if isinstance(error, Limited):
        raise NotSent(Fault.PASSING, error.code, error.reason, retry_after=error.after) from error
    if isinstance(error, Unavailable):
        raise NotSent(Fault.ADDRESS, error.code, error.reason) from error
    if isinstance(error, NotAllowed):
        if error.code in {"pending", "not_connected", "connected"}:
            raise NotSent(Fault.PASSING, f"relation_{error.code}", error.reason, retry_after=INVITATION_WAIT) from error
        raise NotSent(Fault.MESSAGE, error.code, error.reason) from error
    wait = BUSY_WAIT if isinstance(error, Busy) else UNREACHABLE_WAIT
    raise NotSent(Fault.PASSING, error.code, error.reason, retry_after=wait) from error


def login_of(account: Account) -> NetworkAccount:
    """The network account that a sender borrows. Raises `Invalid`."""
    name = str(account.settings.get("account") or "")
    found = NetworkAccount.objects.filter(name=name).first()
    if found is None:
        raise Invalid(
            "account", f"There is no network account “{name}”. Add it under Network accounts.", code="account_unknown"
        )
    return found


def _message_id(login: NetworkAccount, message_id: str) -> str:
    return f"{links.host_of(login.base_url)}/message/{message_id}"


def _invitation_id(login: NetworkAccount, public_id: str, outgoing: Outgoing) -> str:
    return f"{links.host_of(login.base_url)}/invitation/{public_id}/{outgoing.id}"


def is_invitation(provider_id: str) -> bool:
    """Whether this id of ours names an invitation, not a message."""
    return "/invitation/" in provider_id


ADAPTER = NetworkAdapter()
