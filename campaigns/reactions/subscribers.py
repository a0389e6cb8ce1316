"""What campaigns do when drafts, messages, replies and leads report something. Every function may run twice."""

from __future__ import annotations

from campaigns import outcomes
from campaigns.audience.services import apply_verdicts
from campaigns.drafts.models import Draft
from campaigns.journey import companies, replanning, turns
from campaigns.journey.advancing import advance
from campaigns.journey.history import way_of
from campaigns.journey.leaving import end_turns
from campaigns.journey.walk import Planned, asks_about_bounce
from campaigns.models import CANDIDATE, Candidate, Outcome
from conversations.models import Message
from leads.qualification.models import Verdict
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.models import Event

ACTOR = Actor.system("campaigns")
FACTS = {"delivered": Outcome.Kind.DELIVERED, "opened": Outcome.Kind.OPENED, "clicked": Outcome.Kind.CLICKED}


def on_lead_qualified(event: Event) -> None:
    """A person's verdict given elsewhere counts in every campaign with that brief; the job applies all others itself."""
    verdict = Verdict.objects.filter(pk=event.payload["verdict_id"], source=Verdict.Source.PERSON).first()
    if verdict is not None and verdict.is_qualified is not None:
        waiting = Candidate.objects.filter(
            lead=verdict.lead_id,
            campaign__brief=verdict.brief_id,
            stage__in=(*CANDIDATE.unjudged, "disqualified" if verdict.is_qualified else "qualified"),
        )
        apply_verdicts(waiting, [verdict])


def on_message_sent(event: Event) -> None:
    """The candidate is contacted, and the next step is planned from the moment at which this one was sent."""
    draft = Draft.objects.select_related("candidate", "step").filter(message=event.payload["message_id"]).first()
    if draft is None:
        return
    outcomes.advance_stage(draft.candidate, "contacted", actor=ACTOR)
    advance(draft.candidate_id)


def on_message_event(event: Event) -> None:
    """Deliveries, opens, clicks and bounces become facts about the candidate."""
    message = Message.objects.filter(pk=event.payload["message_id"]).first()
    candidate = outcomes.candidate_of(message) if message else None
    if message is None or candidate is None:
        return
    kind = str(event.payload["kind"])
    if kind in FACTS:
        at = getattr(message, f"{kind}_at") or event.at
        outcomes.record(candidate=candidate, kind=FACTS[kind], occurred_at=at, message=message)
    elif kind == "bounced":
        outcomes.record(candidate=candidate, kind=Outcome.Kind.BOUNCED, occurred_at=event.at, message=message)
        reason = _("The message bounced: %(error)s") % {"error": message.error or message.error_code or "?"}
        if candidate.is_approved:
            outcomes.advance_stage(candidate, "contacted", actor=ACTOR)
        if _goes_on_after_bounce(candidate, message):
            replanning.take_back(candidate.pk)
            advance(candidate.pk)
        else:
            outcomes.advance_stage(candidate, "lost", actor=ACTOR, reason=reason)
            end_turns(candidate, reason)
    elif kind in ("connected", "followed", "accepted"):
        turns.wake(candidate)
    elif kind == "failed":
        Candidate.objects.filter(pk=candidate.pk).update(problem=message.error or message.error_code)


def on_reply_read(event: Event) -> None:
    """A person's answer: the candidate has replied, and the answer's class counts for the message that it answers."""
    reply = Message.objects.filter(pk=event.payload["message_id"]).first()
    intent = str(event.payload["intent"])
    if reply is None or intent in outcomes.NOT_HUMAN:
        return
    message = outcomes.answered_message(reply)
    candidate = outcomes.candidate_of(message) if message else None
    if candidate is None:
        return
    at = reply.received_at or reply.created_at
    if candidate.is_approved:  # the reply overtook the news that the message was sent
        outcomes.advance_stage(candidate, "contacted", actor=ACTOR)
    outcomes.advance_stage(candidate, "replied", actor=ACTOR)
    outcomes.class_reply(candidate=candidate, message=message, intent=intent, occurred_at=at)
    end_turns(candidate, _("The person replied."))
    companies.stop_colleagues(candidate)


def on_network_connected(event: Event) -> None:
    """They are connected now, whoever asked: conditions waiting for it are checked immediately.

    An invitation of ours that was taken tells so itself (`on_message_event`); this also hears of connections that they
    asked for, and of those that a look at the profile or a message of theirs showed.
    """
    for candidate in Candidate.objects.filter(lead=event.payload["lead_id"]):
        turns.wake(candidate)


def on_lead_opted_out(event: Event) -> None:
    """Opting out ends every candidacy of the lead: excluded before contact, lost after it."""
    now = clock.now()
    candidates = Candidate.objects.select_related("campaign__stream", "lead").filter(lead=event.payload["lead_id"])
    for candidate in candidates:
        reason = _("Opted out.")
        end_turns(candidate, reason)
        if candidate.stage in CANDIDATE.before_contact:
            outcomes.advance_stage(candidate, "excluded", actor=ACTOR, reason=reason)
        elif candidate.stage in CANDIDATE.reached:
            message = outcomes.last_sent(candidate)
            outcomes.record(candidate=candidate, kind=Outcome.Kind.OPTED_OUT, occurred_at=now, message=message)
            if not candidate.is_won:
                outcomes.advance_stage(candidate, "lost", actor=ACTOR, reason=reason)


def on_conversation_booked(event: Event) -> None:
    """A booked call wins the candidate whose message was sent last."""
    candidate = (
        Candidate.objects.reached().filter(lead=event.payload["lead_id"]).order_by("-drafts__message__sent_at").first()
    )
    if candidate is None:
        return
    message = outcomes.last_sent(candidate)
    outcomes.record(candidate=candidate, kind=Outcome.Kind.BOOKED, occurred_at=event.at, message=message)
    outcomes.advance_stage(candidate, "won", actor=ACTOR, reason=_("Call booked."))


def on_call_ended(event: Event) -> None:
    """A call that took place came of the message that it was booked by; one that they missed did not, after all."""
    booked = Outcome.objects.filter(candidate__lead=event.payload["lead_id"], kind=Outcome.Kind.BOOKED)
    row = booked.select_related("candidate", "message").order_by("-occurred_at").first()
    if row is None:
        return
    if event.payload["state"] == Outcome.Kind.HELD:
        outcomes.record(
            candidate=row.candidate, kind=Outcome.Kind.HELD, occurred_at=event.at, message=row.message
        )  # fmt: skip
    else:
        row.candidate.outcomes.filter(kind=Outcome.Kind.HELD, message=row.message).delete()


def _goes_on_after_bounce(candidate: Candidate, message: Message) -> bool:
    """Whether the campaign has a step for those whose message bounced."""
    draft = Draft.objects.select_related("step").filter(message=message).first()
    if draft is None:
        return False
    bounced = Planned(draft.step_id, draft.step.number)
    return any(asks_about_bounce(step, bounced) for step in way_of(candidate).plan)
