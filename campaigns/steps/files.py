"""Files of steps and the tracking of a campaign's mail."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.models import Step, StepFile
from campaigns.steps.senders import pool_of
from conversations.files.enclosures import Enclosure, encode
from conversations.files.models import StoredFile
from conversations.outbox import streams
from conversations.planning.checks import checked_enclosures
from leads.models import Channel
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

CARRIES_FILES = (Channel.EMAIL, Channel.SMS)


def enclosures_of(step: Step) -> list[Enclosure]:
    """What each message of `step` encloses, in the order of adding. One query a step object."""
    known: list[Enclosure] | None = getattr(step, "_enclosures", None)
    if known is None:
        rows = (
            StepFile.objects.filter(step=step.pk).order_by("id").values_list("file__content_hash", "name", "is_inline")
        )
        known = [Enclosure(content_hash, name, is_inline) for content_hash, name, is_inline in rows]
        step._enclosures = known  # type: ignore[attr-defined]
    return known


def encoded_files(step: Step) -> str:
    """The same as the text that approvals are bound to; empty without files."""
    return encode(enclosures_of(step))


@transaction.atomic
def add_file(*, step: Step, content_hash: str, name: str, is_inline: bool, actor: Actor) -> StepFile:
    """Attach a stored file to every message of `step` that has not been handed over.

    Texts that were approved without it ask for approval again; with a text message it goes as MMS. Raises `Invalid` for
    a channel without files, for what is not stored, too much or no image, and for what a text message or one of the
    step's senders cannot carry; `Refused` once the campaign is over.
    """
    campaign = _open_campaign(step)
    is_inline = is_inline and step.channel == Channel.EMAIL  # a text message has no inside
    _check(step, [*enclosures_of(step), Enclosure(content_hash, name, is_inline)])
    file = StoredFile.objects.only("id").get(content_hash=content_hash)
    row, is_new = StepFile.objects.get_or_create(step=step, file=file, name=name, defaults={"is_inline": is_inline})
    if not is_new and row.is_inline != is_inline:
        row.is_inline = is_inline
        row.save(update_fields=["is_inline"])
    record("campaign.file_added", subject=campaign, actor=actor, data={"step": step.number, "name": name})
    return row


@transaction.atomic
def remove_file(*, file: StepFile, actor: Actor) -> None:
    """Enclose it no more. Raises `Refused` once the campaign is over."""
    campaign = _open_campaign(file.step)
    record("campaign.file_removed", subject=campaign, actor=actor, data={"step": file.step.number, "name": file.name})
    file.delete()


def set_tracking(*, campaign: Campaign, tracks_opens: bool, tracks_clicks: bool, actor: Actor) -> None:
    """Choose whether opens and clicks of this campaign's mail are counted. Raises `Refused` once it is over."""
    _check_open(campaign)
    streams.set_tracking(stream=campaign.stream, tracks_opens=tracks_opens, tracks_clicks=tracks_clicks, actor=actor)


def missing(campaign: Campaign) -> list[tuple[Step, str]]:
    """The steps whose files cannot go with their messages as things stand, each with the reason."""
    found = []
    for step in campaign.steps.filter(files__isnull=False).distinct().select_related("sender"):
        try:
            _check(step, enclosures_of(step))
        except Invalid as error:
            found.append((step, error.reason))
    return found


def _check(step: Step, files: list[Enclosure]) -> None:
    """Raise `Invalid("files", …)` for what the step's channel or any sender that it may use does not carry."""
    if step.channel not in CARRIES_FILES:
        raise Invalid("files", _("Files can only be sent by e-mail and SMS."), code="wrong_channel")
    for sender in pool_of(step):
        checked_enclosures(step.channel, files, sender)


def _open_campaign(step: Step) -> Campaign:
    _check_open(step.campaign)
    return step.campaign


def _check_open(campaign: Campaign) -> None:
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so its mail can no longer be changed."), code="campaign_over")
