"""A person with a row in every table about people."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from campaigns.arms.models import Arm, Assignment, Experiment
from campaigns.audience.models import LiveMatch
from campaigns.demo.sandbox.models import SandboxEvent
from campaigns.drafts import services as drafts
from campaigns.drafts.models import Comparison, Draft, Revision
from campaigns.journey.models import Turn
from campaigns.models import Candidate, Outcome
from campaigns.predictions.models import Prediction, PredictionNight
from campaigns.scoring.models import ScoredFeatures
from conversations.booking import services as booking
from conversations.consent import holds
from conversations.consent.services import Target, record_consent, suppress
from conversations.files.models import ReceivedFile, StoredFile
from conversations.inbound import handling
from conversations.inbound import services as inbound
from conversations.inbound.models import InboundEvent
from conversations.inbox import services as inbox
from conversations.memory import services as memory
from conversations.memory.extraction import Finding
from conversations.models import Conversation, Message
from conversations.network.models import Relation
from conversations.outbox.events import record_event
from conversations.replies.models import Pace, Presence, Reading, Suggestion
from conversations.services import conversation_for
from conversations.tracking.models import Hit, TrackedLink
from leads.duplicates.models import Duplicate, Merge
from leads.imports.models import Export
from leads.insights.models import Document, Fact, Insight, LeadEmbedding, ResearchAnswer
from leads.learning.models import Agent, Experience
from leads.models import Identity, Lead
from leads.qualification.models import Brief, Feedback, Label, LearnerCheck, Verdict
from leads.services import update_lead
from leads.sources.intake import keep
from leads.sources.models import CrawlJob, CrawlPage
from leads.sources.network import profiles
from outreach.core import clock
from outreach.core.models import Actor
from outreach.events.services import deliver_due
from outreach.jobs.draining import drain
from outreach.llm.embeddings import DIMENSIONS
from outreach.llm.models import CachedAnswer, Evaluation, Interaction
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.conversations.booking import pages
from tests.conversations.factories import make_message, make_sender
from tests.leads.factories import run_import

ACTOR = Actor.system("tests")
NAME, MAIL, PHONE, PROFILE = "Zebulon Quackenbush", "zeb@quackenbush.de", "+491701234567", "net.example/in/zeb-quack"
SAID = "heliotrope marmalade"
"""Words that only this person and we to this person say."""
CSV = f"id,name,email,phone,title\n77,{NAME},{MAIL},{PHONE},Chief {SAID}\n,{NAME},{MAIL},not a number,\n"


def make_person(client: Client) -> Lead:
    """The person, as far as files, pages, drafts, conversations and people's work go. Files are stored as settings say."""
    ContentType.objects.clear_cache()  # an earlier test may have rolled back the row that is remembered
    lead = imported()
    crawled(lead)
    draft = judged_and_drafted(lead)
    researched(lead, draft.interaction)
    sent = talked(lead, draft)
    worked_on(lead, client)
    consented(lead, sent)
    deliver_due()
    return lead


def answer(to: Message, body: str) -> bytes:
    return (
        f"From: {NAME} <{MAIL}>\nTo: {to.sender.address}\nSubject: Re: {SAID}\nMessage-ID: <r1@mail.example>\n"
        f"In-Reply-To: <{to.rfc_message_id}>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ).encode()


def imported() -> Lead:
    """Somebody from a file, changed by a second one."""
    run_import(CSV, source="crm")
    run_import(CSV.replace("Chief", "Head of"), source="crm", options={"update_rule": "overwrite"})
    return Lead.objects.get(external_id="77")


def crawled(lead: Lead) -> None:
    """A profile that was met, and a record with the page that it was read from."""
    job = CrawlJob.objects.create(name="search", adapter="listings")
    record = keep(
        job=job, source="board", external_id="zeb-quack", url=f"https://board.example/{NAME}", media_type="text/html",
        body=f"<h1>{NAME}</h1>{MAIL}".encode(),
    )  # fmt: skip
    record.lead, record.features = lead, {"name": NAME}
    record.save()
    CrawlPage.objects.create(
        job=job, url="https://board.example/zeb-quack", data={"name": NAME}, source="board", external_id="zeb-quack"
    )
    Identity.objects.create(lead=lead, channel="network", address=PROFILE)
    profile = profiles.follow(lead=lead, address=PROFILE, found_on="https://net.example/search?q=zebulon")
    assert profile is not None
    type(profile).objects.filter(pk=profile.pk).update(facts={"name": NAME}, public_id="zeb-quack", state_reason=NAME)
    Relation.objects.create(lead=lead, sender=make_sender(channel="network", adapter="network"), address=PROFILE)
    LeadEmbedding.objects.create(lead=lead, embedder="e", vector=[1.0] + [0.0] * (DIMENSIONS - 1), content_hash="x")


def judged_and_drafted(lead: Lead) -> Draft:
    """A candidate with verdict, drafts by a model, an earlier text and a task."""
    campaign = make_campaign(steps=("first-contact-email",))
    candidate = make_candidate(campaign, lead=lead)
    candidate.senders.create(channel="email", sender=campaign.steps.get().first_sender)
    LiveMatch.objects.create(lead_id=lead.pk, campaign_id=campaign.pk, rank_key=1)
    job = drafts.generate(campaign=campaign)
    drain("llm")
    job.refresh_from_db()
    assert job.state == "done", job.error
    draft = Draft.objects.filter(candidate=candidate).latest("pk")
    assert "Zebulon" in draft.body
    Comparison.objects.create(
        draft=draft, version=1, judge="m", forward="first", backward="second", reasons=[f"Names {NAME}", ""]
    )
    Revision.objects.create(
        draft=draft, kind="previous", version=1, subject=NAME, body=SAID, interaction=draft.interaction
    )
    night = PredictionNight.objects.create(night=clock.now().date(), people_count=1, learned_at=clock.now())
    Prediction.objects.create(candidate=candidate, night=night, reply=0.2, is_held_out=False, made_at=clock.now())
    Turn.objects.create(candidate=candidate, step=draft.step, due_at=clock.now(), note=f"rang {NAME}")
    Candidate.objects.filter(pk=candidate.pk).update(problem=f"{NAME} has no fax", stage_reason=NAME)
    brief = Brief.objects.create(name="Brief")
    Verdict.objects.create(
        lead=lead, brief=brief, source="llm", reasons=[f"{NAME} leads"], factors={"title": SAID}, lead_hash="", brief_hash="",
        version="1", interaction=asked(draft.interaction, f"judge {NAME}"),
    )  # fmt: skip
    learned_from(lead, candidate, brief)
    return draft


def learned_from(lead: Lead, candidate: Candidate, brief: Brief) -> None:
    """What learners and experiments keep of a person."""
    experiment = Experiment.objects.create(
        campaign=candidate.campaign, step=candidate.campaign.steps.get(), name="Tone", base_rate=0.1, ratio=2, spread=1, needed=9
    )  # fmt: skip
    arm = Arm.objects.create(experiment=experiment, number=1, name="direct", value="direct", share=1)
    Assignment.objects.create(experiment=experiment, candidate=candidate, arm=arm)
    ScoredFeatures.objects.create(candidate=candidate, values={"described": 1.0}, taken_at=clock.now())
    Label.objects.create(lead=lead, brief=brief, is_positive=True, source="review", reason=f"{NAME}: {SAID}")
    LearnerCheck.objects.create(brief=brief, lead=lead, probability=0.9, said=True)
    Feedback.objects.create(lead=lead, brief=brief, action="got_reply", reward=1, metadata={"note": NAME})
    agent = Agent.objects.create(brief=brief)
    Experience.objects.create(
        agent=agent, lead=lead, features={"size": 1}, action="write", signal="user_approved", reward=1, key="k"
    )


def researched(lead: Lead, like: Interaction) -> None:
    now = clock.now()
    ResearchAnswer.objects.create(
        lead=lead, key="k", researcher="exa", findings=[{"quote": NAME}], fetched_at=now, expires_at=now
    )
    Fact.objects.create(
        lead=lead, researcher="exa", url=f"https://press.example/{NAME}", quote=SAID, fetched_at=now, key="f"
    )
    Insight.objects.create(
        lead=lead, summary=[{"text": NAME, "facts": []}], provider="x", inputs_hash="h", interaction=asked(like, f"sum up {NAME}")
    )  # fmt: skip
    Document.objects.create(lead=lead, url=f"https://board.example/{NAME}.pdf", text=SAID, read_at=now)


def asked(like: Interaction, text: str) -> Interaction:
    row = Interaction.objects.create(
        trace=like.trace,
        step="x",
        route="x",
        provider="x",
        model="x",
        input=[{"text": text}],
        output=text,
        input_hash="x",
    )
    CachedAnswer.objects.create(key=str(row.pk), output=text, interaction=row, expires_at=clock.now())
    Evaluation.objects.create(interaction=row, name="judge", judge="model", reason=text)
    return row


def called(address: str) -> None:
    """A call that was booked, cancelled, and ended all the same, as a booking page tells of it."""
    page = booking.connect(name="Calls", provider="calcom", actor=ACTOR, secret=pages.SECRET)
    for kind in ("held", "booked", "cancelled"):
        body = pages.encode(
            pages.calcom(kind, eventTitle=SAID, cancellationReason=SAID, attendees=[{"email": address, "name": NAME}])
        )
        told = Client().post(
            reverse("inbound:booking", args=[page.pk]),
            body,
            content_type="application/json",
            headers=pages.sign("calcom", body),
        )
        assert told.status_code == 200
    for event in InboundEvent.objects.filter(source="booking.calcom").order_by("id"):
        handling.handle(event)
        assert event.message is not None, (event.kind, event.state, event.error)


def talked(lead: Lead, draft: Draft) -> Message:
    """A message that left with a tracked link, an answer to it as a mailbox brought it, and what was made of both."""
    conversation = conversation_for(lead=lead)
    sent = make_message(
        conversation=conversation, subject=f"{NAME}, a question", body=f"Hi Zebulon, {SAID}", body_html=f"<p>{SAID}</p>"
    )
    make_message(conversation=conversation, sender=sent.sender, scheduled_at=clock.now() + timedelta(days=9), body=SAID)
    Message.objects.filter(pk=sent.pk).update(
        state="sent",
        sent_at=clock.now(),
        error=f"550 <{MAIL}>",
        attributes={"to": NAME, "kind": "reply"},
        interaction=draft.interaction,
    )
    record_event(message=sent, kind="delivered", occurred_at=clock.now(), data={"code": "250", "reason": MAIL})
    link = TrackedLink.objects.create(message=sent, number=1, url=f"https://us.example/for?{MAIL}")
    Hit.objects.create(message=sent, link=link, method="GET", user_agent="Firefox", at=clock.now())
    SandboxEvent.objects.create(message=sent, kind="reply", payload={"body": SAID}, due_at=clock.now())
    event = inbound.store(
        source="imap", external_id="m1", sender=sent.sender, body=answer(sent, f"Tell me about {SAID}")
    )
    assert event is not None
    handling.handle(event)
    event.refresh_from_db()
    assert event.message is not None
    photo = StoredFile.objects.create(
        content_hash="f" * 64,
        name=f"{NAME}.png",
        media_type="image/png",
        size=9,
        content=MAIL.encode(),
        is_received=True,
    )
    ReceivedFile.objects.create(message=event.message, file=photo)
    Reading.objects.filter(message=event.message).update(
        reasons=[SAID], facts={"referral": MAIL}, interaction=draft.interaction
    )
    holds.hold(message=event.message, evidence=SAID, actor=ACTOR)
    called(address=MAIL)
    Suggestion.objects.filter(conversation=conversation).delete()
    Suggestion.objects.create(
        conversation=conversation, answers=event.message, channel="email", subject=NAME, body=SAID,
        interaction=asked(draft.interaction, SAID), edit=f"+{SAID}", note=SAID, redraft=f"+{SAID}",
    )  # fmt: skip
    memory.learn(event.message, [Finding("person", NAME, f"Ask {NAME} about {SAID}")])
    memory.add(conversation=conversation, topic="other", text=f"{NAME} likes {SAID}", user=make_user())
    inbox.add_note(conversation=conversation, text=f"@{make_user().username} {NAME}: {SAID}", user=make_user())
    Pace.objects.get_or_create(conversation=conversation, defaults={"kind": "silence", "due_at": clock.now()})
    Presence.objects.create(conversation=conversation, user=make_user(), seen_at=clock.now())
    Conversation.objects.filter(pk=conversation.pk).update(snooze_reason=f"{NAME} is away")
    Outcome.objects.create(candidate=draft.candidate, kind="replied", message=sent, occurred_at=clock.now())
    return sent


def consented(lead: Lead, sent: Message) -> None:
    record_consent(
        lead=lead, channel="sms", basis="express", source="form", actor=ACTOR, evidence=f"{NAME} ticked", text_shown=f"Dear {NAME}"
    )  # fmt: skip
    suppress(
        Target(lead=lead, channel="email", address=MAIL),
        reason="opt_out",
        actor=ACTOR,
        evidence=f"{NAME}: {SAID}",
        message=sent,
    )
    suppress(Target(channel="email", address=MAIL), reason="manual", actor=ACTOR, evidence=MAIL)


def worked_on(lead: Lead, client: Any) -> None:
    """By people: in the console, by hand, in the queue of duplicates, in an export."""
    client.force_login(make_user("administrator", is_staff=True, is_superuser=True))
    page = client.get(f"/admin/leads/lead/{lead.pk}/change/")
    form = page.context["adminform"].form
    posted = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    posted = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in posted.items()}
    for inline in page.context["inline_admin_formsets"]:
        posted |= {
            f"{inline.formset.prefix}-{name}": value for name, value in inline.formset.management_form.initial.items()
        }
        for sub in inline.formset.forms:
            posted |= {f"{sub.prefix}-{name}": sub.get_initial_for_field(sub.fields[name], name) for name in sub.fields}
    posted = {
        name: "" if value is None else ",".join(value) if isinstance(value, list) else value
        for name, value in posted.items()
    }
    posted["city"] = "Bonn"
    answered = client.post(f"/admin/leads/lead/{lead.pk}/change/", posted)
    assert answered.status_code == 302, answered.context["adminform"].form.errors
    lead.refresh_from_db()
    update_lead(lead=lead, actor=ACTOR, fields={"description": f"{NAME} likes {SAID}", "attributes": {"mail": MAIL}})
    twin = make_lead(
        full_name=NAME, first_name="Zebulon", last_name="Quackenbush", merged_into=lead, erased_at=clock.now()
    )
    Merge.objects.create(
        kind="lead", kept_id=lead.pk, lost_id=twin.pk, before={"name": NAME}, after={"name": NAME}, actor="x"
    )
    Duplicate.objects.create(kind="lead", low_lead=lead, high_lead=twin, reason="same_name_and_company", score=1)
    Export.objects.create(scope="leads", parameters={"search": ""})
