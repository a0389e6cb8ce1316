"""Use cases of texts: generate, edit, rewrite. What a person or a rule says about them is the room `review`.

Nothing that a person wrote is lost: an edit of an outdated version is refused with both texts, a replaced text is kept
as a revision, and a rewrite of an edited draft is a proposal beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from campaigns.arms.services import step_as_written
from campaigns.drafts import tones
from campaigns.drafts.guardrails import check_written
from campaigns.drafts.models import DRAFT, NO_APPROVAL, Draft, DraftQuerySet, Revision
from campaigns.drafts.workflow import Writer, Written, collected, texts_before
from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.files import encoded_files
from campaigns.steps.senders import sender_id_of, sender_of
from conversations.outbox.content import content_hash
from leads.insights import selectors as insights
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import JOB, Job
from outreach.jobs.services import start_job
from outreach.llm.models import Interaction
from outreach.llm.routing import BUILTIN
from outreach.llm.services import close_trace, open_trace, record_given
from outreach.prompts import rendering
from outreach.prompts.rendering import Text

KIND = "campaign.generate_drafts"
MAX_SUBJECT = 250
MAX_BODY = 20_000
WISHES = {
    "formal": "More formal: full forms, a formal greeting, no colloquial words. Same content.",
    "casual": "More casual, like a note to a colleague. Same content.",
    "shorter": "Shorter: half the words if possible. Keep the question, the link and the way to say no.",
    "regenerate": "Write it anew in other words.",
    "note": "",
}
MAX_NOTE = 600


class ChangedMeanwhile(Refused):
    """Someone else saved first. `current` is the saved text; the caller still has its own."""

    code = "changed_meanwhile"

    def __init__(self, current: Draft) -> None:
        who = current.edited_by.get_username() if current.edited_by else _("the product")
        super().__init__(_("%(who)s changed this draft in the meantime. Nothing was saved.") % {"who": who})
        self.current = current


def generate(*, campaign: Campaign, started_by: User | None = None) -> Job:
    """Write drafts for all qualified candidates × steps × variants that lack them; a running job is returned as it is.

    Raises `Refused` for a campaign that is over or has no steps.
    """
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so no more drafts are written."))
    if not campaign.steps.exists():
        raise Refused(_("This campaign has no steps yet."))
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        running = latest_job(campaign, states=JOB.open)
        return running or start_job(
            kind=KIND,
            task="campaigns.review.tasks.generate",
            arguments={"campaign_id": campaign.pk},
            subject=campaign,
            started_by=started_by,
            lane="llm",
        )


def latest_job(campaign: Campaign, *, states: Iterable[str] = ()) -> Job | None:
    """The newest generation of this campaign's drafts."""
    jobs = campaign.jobs().filter(kind=KIND)
    return (jobs.filter(state__in=states) if states else jobs).first()


# one draft


def edit(*, draft: Draft, version: int, subject: str, body: str, user: User) -> Draft:
    """Save a person's text over `version`. An approved draft returns to review: the approval was for another text.

    Raises `ChangedMeanwhile` when the draft has a newer version, `Invalid` for an empty body or a broken subject.
    """
    subject, body = checked_text(subject, body)
    with transaction.atomic():
        row = locked(draft, version, DRAFT.editable)
        if (subject, body) == (row.subject, row.body):
            return row
        _take_edit(row, subject, body, reason="edit", told=_("The text was edited."), user=user)
        audit.record("draft.edited", subject=row, actor=Actor.of(user), data={"version": row.version})
    return row


def rewrite(
    *, draft: Draft, version: int, wish: str, user: User, note: str = "", is_edit_replaced: bool = False
) -> Draft:
    """The same message in another tone: `formal`, `casual`, `shorter`, `regenerate`, or as `note` asks (`note`).

    A text that a person edited is not replaced, unless `is_edit_replaced`: the new one is proposed beside it.
    Raises `Refused` when there is nothing to change.
    """
    if wish not in WISHES:
        raise Invalid("wish", _("Unknown rewrite “%(wish)s”.") % {"wish": wish})
    note = " ".join(note.split())
    if wish == "note" and not 0 < len(note) <= MAX_NOTE:
        raise Invalid("note", _("Say in up to %(most)s characters what should be different.") % {"most": MAX_NOTE})
    seen = current(draft, version, DRAFT.rewritable)
    written = rewritten(seen, wish, note=note)
    if wish == "note" and written.interaction.provider == BUILTIN:
        raise Refused(_("No model answered, and only a model can follow a note. Nothing was changed."), code="no_model")
    if (written.text.subject, written.text.body) == (seen.subject, seen.body):
        raise Refused(_("There is nothing to change."), code="unchanged")
    with transaction.atomic():
        row = locked(draft, version, DRAFT.rewritable)
        if row.edited_by_id and not is_edit_replaced:
            text = written.text
            _propose(row, subject=text.subject, body=text.body, reason=wish, interaction=written.interaction, user=user)
            return row
        take_written(row, written, reason=wish)
        if row.is_rejected:
            back_to_review(row, Actor.of(user), _("The text was rewritten."))
        audit.record("draft.rewritten", subject=row, actor=Actor.of(user), data={"wish": wish, "version": row.version})
    return row


def propose(*, draft: Draft, version: int, subject: str, body: str, note: str, program: str, user: User) -> Revision:
    """Keep a text that a program wrote beside the draft's, until a person uses it or puts it away."""
    subject, body = checked_text(subject, body)
    with transaction.atomic():
        row = locked(draft, version, DRAFT.editable)
        if (subject, body) == (row.subject, row.body):
            raise Refused(_("There is nothing to change."), code="unchanged")
        trace = open_trace("propose-draft", campaign_id=row.candidate.campaign_id, lead_id=row.candidate.lead_id)
        given = record_given(trace=trace, step="draft", author=program, output=body)
        close_trace(trace)
        reason = f"{program}: {note}" if note else program
        proposed = _propose(row, subject=subject, body=body, reason=reason, interaction=given, user=user)
        audit.record("draft.proposed", subject=row, actor=Actor.of(user), data={"revision": proposed.pk})
    return proposed


def settle_proposal(*, revision: Revision, version: int, is_used: bool, user: User) -> Draft:
    """Use a proposed text in place of the draft's, or put it away."""
    with transaction.atomic():
        row = locked(revision.draft, version, DRAFT.editable)
        open_proposals = Revision.objects.filter(pk=revision.pk, kind=Revision.Kind.PROPOSED, settled_at=None)
        if not open_proposals.update(settled_at=clock.now()):
            raise Refused(_("Someone else has already handled this proposal."), code="changed_meanwhile")
        if is_used:
            told = _("The text was rewritten.")
            _take_edit(row, revision.subject, revision.body, reason="proposal", told=told, user=user)
        action = "draft.proposal_used" if is_used else "draft.proposal_put_away"
        audit.record(action, subject=row, actor=Actor.of(user), data={"revision": revision.pk})
    return row


# what they share


def current_hash(draft: Draft) -> str:
    """The content hash of a draft as it would be sent now. Loads the lead's addresses."""
    return content_hash(
        channel=draft.step.channel,
        sender_id=sender_id_of(draft.candidate, draft.step),
        address=draft.candidate.lead.address(draft.step.channel),
        subject=draft.subject,
        body=draft.body,
        body_html="",
        enclosures=encoded_files(draft.step),
    )


def supersede_siblings(draft: Draft, actor: Actor) -> None:
    """Only one message is sent, so the other variants are superseded."""
    reason = _("Another variant was approved.")
    DRAFT.move_where(_siblings(draft).undecided(), "superseded", actor=actor, reason=reason)


def bring_siblings_back(draft: Draft, actor: Actor) -> None:
    live = set(_siblings(draft).current().values_list("variant", flat=True)) | {draft.variant}
    for sibling in _siblings(draft).filter(state=DRAFT.SUPERSEDED).order_by("-pk"):
        if sibling.variant not in live:
            DRAFT.move(sibling, "pending_review", actor=actor, reason=_("The approval was withdrawn."))
            live.add(sibling.variant)


def _siblings(draft: Draft) -> DraftQuerySet:
    return Draft.objects.filter(candidate=draft.candidate_id, step=draft.step_id).exclude(pk=draft.pk)


def lock_siblings(draft: Draft) -> None:
    """Lock all variants of one message in one order, so that two reviewers cannot approve two of them."""
    rows = Draft.objects.select_for_update().filter(candidate=draft.candidate_id, step=draft.step_id)
    list(rows.order_by("pk").values_list("pk", flat=True))


def full_rows() -> DraftQuerySet:
    return Draft.objects.select_related(
        "candidate__lead__company", "candidate__campaign", "step__pack_version", "step__sender", "edited_by"
    ).prefetch_related("candidate__lead__identities")


def current(draft: Draft, version: int, states: tuple[str, ...]) -> Draft:
    """The draft as it is now, with what its text depends on. Raises as `check_seen`."""
    row: Draft = full_rows().get(pk=draft.pk)
    check_seen(row, version, states)
    return row


def locked(draft: Draft, version: int, states: tuple[str, ...]) -> Draft:
    Draft.objects.select_for_update().filter(pk=draft.pk).values_list("pk", flat=True).get()
    return current(draft, version, states)


def check_seen(row: Draft, version: int, states: tuple[str, ...]) -> None:
    """Raise `ChangedMeanwhile` for another version than was seen, `Refused` in another state."""
    if row.version != version:
        raise ChangedMeanwhile(row)
    if row.state not in states:
        raise Refused(
            _("This draft is now “%(state)s”. Reload the page and try again.")
            % {"state": DRAFT.states[row.state].label},
            code="transition_not_allowed",
        )


def checked_text(subject: str, body: str) -> tuple[str, str]:
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if "\n" in subject or "\r" in subject:
        raise Invalid("subject", _("The subject must be a single line."))
    if len(subject) > MAX_SUBJECT:
        raise Invalid("subject", _("The subject is too long."))
    if not body:
        raise Invalid("body", _("The text is empty."))
    if len(body) > MAX_BODY or "\x00" in body + subject:
        raise Invalid("body", _("The text is too long or contains characters that cannot be sent."))
    return subject, body


def keep_text(row: Draft, *, reason: str, author: User | None) -> None:
    """Keep the text that is about to be replaced."""
    Revision.objects.create(
        draft=row,
        kind=Revision.Kind.PREVIOUS,
        version=row.version,
        subject=row.subject,
        body=row.body,
        reason=reason,
        interaction=row.interaction if author is None else None,
        author=author,
    )


def _propose(row: Draft, *, subject: str, body: str, reason: str, interaction: Interaction, user: User) -> Revision:
    """The one open proposal of a draft: a newer one takes the place of an older."""
    Revision.objects.filter(draft=row, kind=Revision.Kind.PROPOSED, settled_at=None).update(settled_at=clock.now())
    return Revision.objects.create(
        draft=row,
        kind=Revision.Kind.PROPOSED,
        version=row.version,
        subject=subject,
        body=body,
        reason=reason,
        interaction=interaction,
        author=user,
    )


def _take_edit(row: Draft, subject: str, body: str, *, reason: str, told: str, user: User) -> None:
    """Put a person's text in the place of the draft's; a decision was about another text, so it is open again."""
    keep_text(row, reason=reason, author=row.edited_by)
    set_text(row, subject, body)
    row.edited_by = user
    recheck(row)
    row.save()
    if row.is_decided:
        back_to_review(row, Actor.of(user), told)


def set_text(row: Draft, subject: str, body: str) -> None:
    row.subject, row.body = subject, body
    row.version += 1
    row.content_hash = current_hash(row)


def recheck(row: Draft) -> None:
    """Judge a text again after a person changed it."""
    pack = rendering.pack_of(step_as_written(row.candidate, row.step).pack)
    sender, quotes = sender_of(row.candidate, row.step), insights.for_drafts(row.candidate.lead)
    facts = collected(row.candidate, sender=sender, language=row.language, quotes=quotes).all_facts
    row.take_report(check_written(pack, facts, subject=row.subject, body=row.body, language=row.language))


def take_written(row: Draft, written: Written, *, reason: str) -> None:
    """Put what was written in the place of the draft's text, with its facts and its risk."""
    keep_text(row, reason=reason, author=row.edited_by)
    set_text(row, *checked_text(written.text.subject, written.text.body))
    row.edited_by = None
    row.generated_subject, row.generated_body = written.text.subject, written.text.body
    row.interaction = written.interaction
    row.facts = list(written.facts)
    row.judgement = written.judgement.as_json(row.version)
    row.take_report(written.report)
    row.save()


def rewritten(row: Draft, wish: str, *, note: str = "") -> Written:
    """The new text, written outside any transaction."""
    lead = row.candidate.lead
    trace = open_trace("rewrite", campaign_id=row.candidate.campaign_id, lead_id=lead.pk, session_key=lead.session_key)
    error = ""
    try:
        step = step_as_written(row.candidate, row.step)
        writer = Writer(
            row.candidate, step, trace, previous=texts_before(row.candidate_id, row.step, variant=row.variant)
        )
        if wish == "regenerate":
            return writer.write([row.variant])[0]
        body = row.body if wish == "note" else tones.change_tone(row.body, wish)
        return writer.change(row.variant, Text(row.subject, row.body), WISHES[wish] or note, Text(row.subject, body))
    except OutreachError as fault:
        error = fault.reason
        raise
    finally:
        close_trace(trace, error=error)


def back_to_review(row: Draft, actor: Actor, reason: str) -> None:
    was_approved = row.is_approved
    DRAFT.move(row, "pending_review", actor=actor, reason=reason, changes=NO_APPROVAL)
    if was_approved:
        bring_siblings_back(row, actor)
