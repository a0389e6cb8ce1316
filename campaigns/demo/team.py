"""The team of the demo world: its senders, segments, briefs and campaigns."""

from __future__ import annotations

from campaigns.demo import places, world
from campaigns.demo.network_site.world import Login
from campaigns.demo.sites import NETWORK_ACCOUNT
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign
from campaigns.steps.plan import StepPlan
from conversations.senders import services as senders
from conversations.senders.models import Sender
from leads.qualification.services import save_brief
from leads.segments.models import SegmentVersion
from leads.segments.services import save_segment
from leads.sources.network import services as network
from outreach.access.models import User
from outreach.core.models import Actor
from outreach.prompts.services import current

WINDOW = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:30"}
NAMES = ("Autumn: directors (RU)", "Winter: sales leaders", "Spring: operations (draft)")


def create_senders(actor: Actor) -> tuple[Sender, Sender, Sender]:
    mailbox = senders.create_sender(
        senders.SenderConfig(
            name="Ada Morgan",
            channel="email",
            adapter="sandbox",
            address="ada@northwind-demo.example",
            display_name="Ada Morgan",
            signature="Ada Morgan\nNorthwind",
            hourly_cap=15,
            daily_cap=40,
            weekly_cap=200,
            time_zone="Europe/London",
        ),
        actor=actor,
    )
    phone = senders.create_sender(
        senders.SenderConfig(
            name="Northwind text line",
            channel="sms",
            adapter="sandbox",
            address="+12025550188",
            display_name="Northwind",
        ),
        actor=actor,
    )
    warming = senders.create_sender(
        senders.SenderConfig(
            name="Ben Carter",
            channel="email",
            adapter="sandbox",
            address="ben@northwind-demo.example",
            display_name="Ben Carter",
            signature="Ben Carter\nNorthwind",
            hourly_cap=8,
            daily_cap=30,
            weekly_cap=150,
            warmup_start=4,
            warmup_step=2,
            warmup_ceiling=30,
            time_zone="Europe/London",
        ),
        actor=actor,
    )
    for sender in (mailbox, phone, warming):
        senders.verify_sender(sender=sender, actor=actor)
    return mailbox, phone, warming


def add_network_account(actor: Actor) -> None:
    """An account on the made-up network and a sender that uses it. Neither does anything until someone signs in."""
    places.let_browsers_in()
    login = Login()
    account = network.add_account(
        name=NETWORK_ACCOUNT,
        base_url=places.network_url(),
        username=login.username,
        password=login.password,
        totp_secret=login.totp_secret,
        accepts_terms=True,
        gap_seconds=5,
        actor=actor,
    )
    senders.create_sender(
        senders.SenderConfig(
            name="Millpond",
            channel="network",
            adapter="network",
            address="",
            settings={"account": account.name, "recheck_minutes": 1, "poll_minutes": 1},
        ),
        actor=actor,
    )


def russian_directors(user: User) -> SegmentVersion:
    criteria = {
        "all": [
            {"field": "lead.language", "operator": "equals", "value": "ru"},
            {"field": "lead.title", "operator": "any_of", "value": ["директор"]},
        ]
    }
    return save_segment(
        name="Directors in Russia", criteria=criteria, created_by=user, description="Who decides, in Russian"
    )


def english_firms(user: User) -> SegmentVersion:
    criteria = {
        "all": [
            {"field": "lead.country", "operator": "in", "value": ["US", "GB"]},
            {"field": "company.industry", "operator": "in", "value": ["Software", "Fintech"]},
        ]
    }
    return save_segment(
        name="English-speaking firms",
        criteria=criteria,
        created_by=user,
        description="Software and fintech in the US and the UK",
    )


def save_technical_brief(user: User) -> None:
    """A brief that fits the example of the README: technical leaders, in Germany too."""
    save_brief(
        name="Technical leaders",
        description="Chief technical officers and heads of engineering or IT.",
        factors={
            "keywords": {"wanted": ["CTO", "chief technology officer", "head of IT", "engineering"]},
            "place": {"countries": ["DE", "AT", "CH", "GB", "US"]},
            "experience": {"levels": ["lead", "manager", "head", "executive"]},
        },
        use_model=False,
        created_by=user,
    )


def first_campaign(user: User, mailbox: Sender, version: SegmentVersion) -> Campaign:
    plan = CampaignPlan(
        name=NAMES[0],
        segment_version=version,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=3),
        ],
        goal="Созвон на 20 минут",
        offer="разбор того, как вы отвечаете на заявки, за один день",
        booking_url="https://booking.example/ada",
        window=WINDOW,
        daily_cap=15,
    )
    return create_campaign(plan, created_by=user)


def second_campaign(user: User, mailbox: Sender, phone: Sender, version: SegmentVersion) -> Campaign:
    brief = save_brief(
        name="People who own revenue",
        description="Heads of sales and operations, founders and chief executives of companies with 10 to 400 employees.",
        factors={
            "keywords": {"wanted": ["sales", "operations", "founder", "chief executive"], "excluded": ["intern"]},
            "place": {"countries": ["US", "GB"]},
            "experience": {"levels": ["lead", "manager", "head", "executive"]},
            "company": {"industries": list(world._INDUSTRIES), "employees_from": 10, "employees_to": 400},
        },
        use_model=False,
        created_by=user,
    )
    plan = CampaignPlan(
        name=NAMES[1],
        segment_version=version,
        brief=brief,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=3),
            StepPlan("sms", phone, current("first-contact-sms"), delay_days=4, is_in_thread=False),
        ],
        goal="A call of 20 minutes",
        offer="a one-day review of how your team answers new enquiries",
        booking_url="https://booking.example/ada",
        window=WINDOW,
        daily_cap=5,
    )
    return create_campaign(plan, created_by=user)


def planned_campaign(user: User, mailbox: Sender) -> Campaign:
    criteria = {"all": [{"field": "lead.title", "operator": "contains", "value": "operations"}]}
    version = save_segment(name="Heads of operations", criteria=criteria, created_by=user)
    plan = CampaignPlan(
        name=NAMES[2],
        segment_version=version,
        steps=[
            StepPlan("email", mailbox, current("first-contact-email")),
            StepPlan("email", mailbox, current("follow-up-email"), delay_days=4),
        ],
        goal="A call of 20 minutes",
        offer="a map of where your enquiries get lost",
        booking_url="https://booking.example/ada",
        window=WINDOW,
    )
    return create_campaign(plan, created_by=user)
