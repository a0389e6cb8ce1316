"""Load and reset the demo world through the regular services."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.demo import story, team
from campaigns.demo.sites import NETWORK_ACCOUNT
from campaigns.models import Campaign
from conversations.models import Conversation
from conversations.senders.models import Sender
from leads.models import Lead
from leads.sources.network.models import NetworkAccount
from outreach.access.services import ensure_demo_user
from outreach.core import audit
from outreach.core.errors import Refused
from outreach.core.models import Actor, AuditEntry
from outreach.prompts.services import sync_packs

LOADED = "demo.loaded"
_FROM_MADE_UP_NETWORK = Q(source="network", external_id__startswith="127.0.0.1:")


@dataclass(frozen=True)
class Outcome:
    """What `load` did; `is_new` is false when the demo world was there already."""

    is_new: bool
    summary: str


def load() -> Outcome:
    """Create the demo world if missing. Raises `Refused` outside demo mode or when other campaigns exist."""
    user = ensure_demo_user()
    if AuditEntry.objects.filter(action=LOADED).exists():
        return Outcome(False, _("The demo world already exists."))
    if _has_own_work():
        return Outcome(False, _("This database already has leads or campaigns, so the demo world was not added."))
    if Lead.objects.exists() or Campaign.objects.exists():  # an earlier load was interrupted
        _clear()
        user = ensure_demo_user()
    with connection.cursor() as cursor:  # a made-up world may be made again
        cursor.execute("SET synchronous_commit TO off")
    story.make(user)
    audit.record(LOADED, subject=user, actor=Actor.system("demo"))
    return Outcome(True, _summary())


def reset() -> Outcome:
    """Reset the demo world. Raises `Refused` where anything real would be lost."""
    if not settings.DEMO:
        raise Refused(_("Only a demo world can be reset: start with --demo."), code="not_demo")
    if _has_own_work():
        raise Refused(_("This database contains real data, so it will not be reset."), code="not_demo")
    _clear()
    return load()


def _has_own_work() -> bool:
    return (
        Campaign.objects.filter(is_demo=False).exclude(name__in=team.NAMES).exists()
        or Sender.objects.exclude(adapter="sandbox").exclude(settings__account=NETWORK_ACCOUNT).exists()
        or NetworkAccount.objects.exclude(name=NETWORK_ACCOUNT).exists()
        or Lead.objects.exclude(source=story.SOURCE).exclude(_FROM_MADE_UP_NETWORK).exists()
    )


def _clear() -> None:
    call_command("flush", interactive=False, verbosity=0)
    sync_packs()


def _summary() -> str:
    return _("%(leads)s people, %(campaigns)s campaigns, %(waiting)s conversations waiting for an answer.") % {
        "leads": Lead.objects.count(),
        "campaigns": Campaign.objects.count(),
        "waiting": Conversation.objects.filter(waiting_since__isnull=False).count(),
    }
