"""`outreach.toml` and the environment, read once at start into one typed object.

Every key has a type, a unit in its name and a default; a value that does not fit is reported with its key by the
system check `outreach.E001` instead of failing three layers in.
"""

from __future__ import annotations

import ipaddress
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from outreach.core.errors import Invalid
from outreach.learned import Learning, Predictions
from outreach.limits.openings import parse_hours
from outreach.operating import Alerts, Backups, Section, SignIn, Storage


class Provider(Section):
    """An OpenAI-compatible endpoint. The key itself comes from the environment variable named by `api_key_env`."""

    base_url: str = Field(pattern=r"^https?://")
    api: Literal["chat", "responses", "anthropic"] = "chat"
    api_key_env: str = ""
    timeout_seconds: float = Field(default=60, gt=0, le=600)
    supports_json_schema: bool = True
    concurrent_calls: int | None = Field(default=None, ge=1, le=1_000)
    """Calls at once, counted over all workers; None: no limit of ours. The same holds for the next two."""
    requests_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    tokens_per_minute: int | None = Field(default=None, ge=1, le=1_000_000_000)


class Route(Section):
    """An ordered chain of `provider/model` names; `builtin` is always tried last."""

    chain: list[str] = Field(default_factory=list)
    temperature: float = Field(default=0.4, ge=0, le=2)
    max_output_tokens: int = Field(default=900, ge=16, le=32_000)


class LanguageModels(Section):
    providers: dict[str, Provider] = Field(default_factory=dict)
    routes: dict[str, Route] = Field(default_factory=dict)
    """Keys: draft, judge, qualify, classify, reply; `default` serves the rest."""
    cache_days: int = Field(default=14, ge=0, le=365)
    budget_seconds: float = Field(default=90, gt=0, le=900)
    """For one answer with all its retries and fallbacks; then the built-in rules answer."""
    retry_base_seconds: float = Field(default=0.5, ge=0, le=60)
    usd_per_day: float | None = Field(default=None, gt=0)
    """No call is made that could pass this in one day (UTC); the built-in rules answer then."""
    usd_per_campaign: float | None = Field(default=None, gt=0)
    """The same for all calls of one campaign."""
    otlp_endpoint: str = Field(default="", pattern=r"^(https?://.+)?$")
    """Where calls are sent as OpenTelemetry spans, such as http://localhost:4318/v1/traces; needs the extra `otlp`."""
    parallel_calls: int = Field(default=4, ge=1, le=32)
    """Calls at once while a campaign's drafts are written."""


class Web(Section):
    public_base_url: str = Field(default="", pattern=r"^(https?://[^/]+)?$")
    allowed_hosts: list[str] = Field(default_factory=list)
    language: Literal["en", "ru"] = "en"
    time_zone: str = "UTC"


class Mail(Section):
    """The mail server for mail to users: invitations and password resets. Sending accounts are never used for it.

    The password comes from the environment variable named by `password_env`. Without a host nothing is sent.
    """

    host: str = ""
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    username: str = ""
    password_env: str = "MAIL_PASSWORD"  # noqa: S105  the name of a variable
    sender: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    """The address that the mail comes from."""
    timeout_seconds: int = Field(default=20, ge=1, le=110)


class OAuthClient(Section):
    """Your app at a mail provider, with which people connect their mailboxes.

    The secret comes from the environment variable named by `client_secret_env`.
    """

    client_id: str = ""
    client_secret_env: str = ""


class OAuth(Section):
    google: OAuthClient = Field(default_factory=lambda: OAuthClient(client_secret_env="GOOGLE_CLIENT_SECRET"))  # noqa: S106
    microsoft: OAuthClient = Field(default_factory=lambda: OAuthClient(client_secret_env="MICROSOFT_CLIENT_SECRET"))  # noqa: S106

    @field_validator("google", "microsoft", mode="before")
    @classmethod
    def _with_defaults(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, dict) and info.field_name:
            return {"client_secret_env": f"{info.field_name.upper()}_CLIENT_SECRET", **value}
        return value


class QuietHours(Section):
    """When unsolicited text messages may arrive, in the recipient's time. Defaults, not legal advice.

    `HH:MM-HH:MM`, perhaps with other hours on named days: `09:00-20:00, sun 12:00-20:00`. The default holds everywhere;
    a rule of a country (`US`) or a state (`US-FL`) narrows it there.
    """

    is_enforced: bool = True
    default: str = "09:00-20:00, sun 12:00-20:00"
    rules: dict[str, str] = Field(
        default_factory=lambda: {
            "US": "08:00-21:00",
            "US-CT": "09:00-20:00",
            "US-FL": "08:00-20:00",
            "US-MD": "08:00-20:00",
            "US-MS": "08:00-20:00",
            "US-NJ": "08:00-20:00",
            "US-OK": "08:00-20:00",
            "US-RI": "09:00-18:00",
            "US-TX": "09:00-21:00, sun 12:00-21:00",
        }
    )

    @field_validator("default", "rules")
    @classmethod
    def _readable(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for text in value.values() if isinstance(value, dict) else (value,):
            try:
                parse_hours(text)
            except Invalid as error:
                raise ValueError(error.reason) from error
        return value


class Delivery(Section):
    """Policy numbers for sending; the operator's manual explains them."""

    lease_seconds: int = Field(default=120, ge=10, le=3600)
    batch_size: int = Field(default=20, ge=1, le=500)
    overdue_minutes: int = Field(default=60, ge=5, le=10_080)
    max_attempts: int = Field(default=5, ge=1, le=20)
    mailbox_poll_max_age_minutes: int = Field(default=30, ge=1, le=1440)
    soft_bounces_in_a_row: int = Field(default=3, ge=1, le=20)
    """So many e-mails to one address that come back without a final reason, and it is no longer written to."""
    max_attachment_megabytes: int = Field(default=10, ge=1, le=25)
    """Of all files of one message together; providers refuse messages of 25 to 40 MB, which is 18 to 29 before encoding."""

    messages_per_lead_per_day: int = Field(default=3, ge=1, le=100)
    """In any 24 hours, on all channels together; answers to what they wrote are not held back by it."""
    release_pace_seconds: int = Field(default=30, ge=1, le=3600)
    """Between two messages of a sender when a held batch is let go again."""
    live_minutes: int = Field(default=120, ge=0, le=1440)
    """How long after a text of theirs an answer may arrive in quiet hours."""
    sms_consent_bases: tuple[Literal["express", "implied", "legitimate_interest"], ...] = Field(
        default=("express", "implied", "legitimate_interest"), min_length=1
    )
    """Which lines of the consent ledger allow a text message."""
    first_sms: Literal["append", "refuse"] = "append"
    """What happens to a first text that does not name us and the opt-out words: they are added, or it is refused."""
    quiet_hours: QuietHours = Field(default_factory=QuietHours)


class Network(Section):
    """The browser in which accounts of a professional network work."""

    browser_executable: str = ""
    """Empty: Debian's Chromium, else Playwright's own."""
    is_headless: bool = True
    page_timeout_seconds: float = Field(default=30, gt=0, le=300)
    keystroke_milliseconds: int = Field(default=40, ge=0, le=1000)
    """Between two letters; pauses before a click grow with it. 0: no rhythm at all, for tests."""
    idle_close_seconds: float = Field(default=60, gt=0, le=3600)


class Fetching(Section):
    """How pages of other people's sites are fetched."""

    agent: str = Field(default="OutreachBot", pattern=r"^[A-Za-z][A-Za-z_-]{1,40}$")
    """The name that robots.txt files know us by."""
    contact: str = ""
    """Address or page for complaints, part of the User-Agent; empty: the product's own address."""
    requests_per_second_per_host: float = Field(default=1, gt=0, le=100_000)
    burst_per_host: float = Field(default=1, ge=1, le=100_000)
    requests_per_second: float = Field(default=10, gt=0, le=100_000)
    """For all hosts together, shared by all workers."""
    timeout_seconds: float = Field(default=20, gt=0, le=300)
    max_megabytes: float = Field(default=5, gt=0, le=200)
    max_redirects: int = Field(default=5, ge=0, le=20)
    robots_cache_hours: float = Field(default=24, ge=1, le=24)
    """RFC 9309: not longer than a day."""
    allowed_networks: list[str] = Field(default_factory=list)
    """Private networks that may be asked all the same, like `10.1.2.0/24`."""
    proxies: list[str] = Field(default_factory=list)
    """`http://user:password@host:port`; each host keeps to one of them."""
    keep_sessions: bool = True
    """Keep cookies between the pages of one crawl."""

    @field_validator("allowed_networks")
    @classmethod
    def _networks(cls, texts: list[str]) -> list[str]:
        for text in texts:
            ipaddress.ip_network(text, strict=False)
        return texts

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, texts: list[str]) -> list[str]:
        for text in texts:
            if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
                raise ValueError(f"“{text}” is not the address of an HTTP proxy")
        return texts


class Site(Section):
    """A site of listings whose result pages are found by `{location}`, `{category}` and `{keywords}`."""

    search_url: str = Field(pattern=r"^https?://")


class Sources(Section):
    sites: dict[str, Site] = Field(
        default_factory=lambda: {
            "craigslist": Site(search_url="https://{location}.craigslist.org/search/{category}?query={keywords}")
        }
    )
    """Sites that a crawl can name; one of your own stands beside or in place of these."""


class ApiLimits(Section):
    requests_per_hour: int = Field(default=1000, ge=1)
    exports_per_day: int = Field(default=10, ge=1)


class Imports(Section):
    """How long files with personal data are kept on disk."""

    keep_files_days: int = Field(default=30, ge=1, le=3650)
    keep_exports_days: int = Field(default=3, ge=1, le=365)
    export_job_rows: int = Field(default=20_000, ge=100)
    """A larger export is written as a job."""


class Company(Section):
    """Who we are, for footers and legal lines."""

    name: str = ""
    postal_address: str = ""
    sms_program: str = ""
    """The name that text messages carry; empty: the company's, else the sender's."""
    sms_help: str = Field(default="", max_length=300)
    """The answer to HELP; empty: one made of the program's name and the opt-out words."""


class Embeddings(Section):
    """What turns leads into vectors, so that similar ones are found."""

    embedder: Literal["use", "openai", "hash"] = "use"
    """`use`: the multilingual model that ships with the product; `openai`: a provider; `hash`: words only, no model."""
    provider: str = ""
    """For `openai`: a name among `llm.providers`."""
    model: str = "text-embedding-3-small"
    threads: int = Field(default=1, ge=1, le=64)


class ResearchService(Section):
    """A search service on the web. The key comes from the environment variable named by `api_key_env`."""

    base_url: str = Field(pattern=r"^https?://[^/]+(/.*)?$")
    api_key_env: str
    calls_per_day: int = Field(default=200, ge=0, le=1_000_000)
    """The budget; 0 switches the service off."""
    timeout_seconds: float = Field(default=30, gt=0, le=300)
    results: int = Field(default=5, ge=1, le=25)


def _research_services() -> dict[str, ResearchService]:
    return {
        "exa": ResearchService(base_url="https://api.exa.ai", api_key_env="EXA_API_KEY"),
        "parallel": ResearchService(base_url="https://api.parallel.ai", api_key_env="PARALLEL_API_KEY"),
        "anysite": ResearchService(base_url="https://api.anysite.io", api_key_env="ANYSITE_API_KEY"),
    }


class Research(Section):
    """Where facts about companies and people come from."""

    use: tuple[Literal["website", "exa", "parallel", "anysite"], ...] = ("website", "exa", "parallel", "anysite")
    """In this order; a service without its key is passed over."""
    exa: ResearchService = Field(default_factory=lambda: _research_services()["exa"])
    parallel: ResearchService = Field(default_factory=lambda: _research_services()["parallel"])
    anysite: ResearchService = Field(default_factory=lambda: _research_services()["anysite"])
    cache_days: int = Field(default=14, ge=0, le=365)
    """An answer is asked for again after this; 0: each time."""
    website_pages: int = Field(default=4, ge=1, le=20)
    max_file_megabytes: float = Field(default=10, gt=0, le=100)
    """A picture or a document beyond this is not read."""
    max_document_pages: int = Field(default=30, ge=1, le=1000)
    ocr_languages: str = Field(default="eng+rus", pattern=r"^[a-z_]{3,12}(\+[a-z_]{3,12})*$")
    """Of tesseract; those that are not installed are left out."""

    @field_validator("exa", "parallel", "anysite", mode="before")
    @classmethod
    def _with_defaults(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, dict) and info.field_name:
            return {**_research_services()[info.field_name].model_dump(), **value}
        return value


class Leadmagic(Section):
    """Finds and verifies e-mail addresses. The key comes from the environment variable named by `api_key_env`."""

    base_url: str = Field(default="https://api.leadmagic.io", pattern=r"^https?://[^/]+(/.*)?$")
    api_key_env: str = "LEADMAGIC_API_KEY"
    calls_per_day: int = Field(default=500, ge=0, le=1_000_000)
    """The budget in any 24 hours; 0 switches the service off."""
    timeout_seconds: float = Field(default=30, gt=0, le=110)
    verifies_recipients: bool = False
    """Ask about the mailboxes of every frozen audience by itself, and not only when an operator asks for it."""
    recheck_days: int = Field(default=30, ge=1, le=365)
    """An address of which nothing was known is asked for again after this."""


class Preflight(Section):
    """What is looked at before a campaign starts."""

    domain_blocklists: list[str] = Field(default_factory=lambda: ["dbl.spamhaus.org", "multi.surbl.org"])
    """DNS zones that list domains; ask from a name server of your own, public ones get no answer."""
    max_bad_recipients_percent: float = Field(default=5, ge=0, le=100)
    """A campaign does not start while more of its recipients than this are known to bounce."""
    recent_contact_days: int = Field(default=30, ge=0, le=3650)
    """Who was contacted within so many days is left out of a new campaign unless a person keeps them."""


class Events(Section):
    keep_days: int = Field(default=30, ge=2, le=3650)
    """Events that everybody has handled are deleted after so many days."""


class Configuration(Section):
    web: Web = Field(default_factory=Web)
    sign_in: SignIn = Field(default_factory=SignIn)
    mail: Mail = Field(default_factory=Mail)
    oauth: OAuth = Field(default_factory=OAuth)
    llm: LanguageModels = Field(default_factory=LanguageModels)
    delivery: Delivery = Field(default_factory=Delivery)
    learning: Learning = Field(default_factory=Learning)
    predictions: Predictions = Field(default_factory=Predictions)
    network: Network = Field(default_factory=Network)
    sources: Sources = Field(default_factory=Sources)
    fetching: Fetching = Field(default_factory=Fetching)
    api: ApiLimits = Field(default_factory=ApiLimits)
    company: Company = Field(default_factory=Company)
    imports: Imports = Field(default_factory=Imports)
    preflight: Preflight = Field(default_factory=Preflight)
    leadmagic: Leadmagic = Field(default_factory=Leadmagic)
    events: Events = Field(default_factory=Events)
    embeddings: Embeddings = Field(default_factory=Embeddings)
    research: Research = Field(default_factory=Research)
    storage: Storage = Field(default_factory=Storage)
    backups: Backups = Field(default_factory=Backups)
    alerts: Alerts = Field(default_factory=Alerts)


def load(path: Path) -> tuple[Configuration, list[str]]:
    """The configuration in `path` and the faults found, each naming its key. With faults the defaults stand in."""
    if not path.exists():
        return Configuration(), []
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Configuration.model_validate(raw), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return Configuration(), [f"{path.name} is not valid TOML: {error}"]
    except ValidationError as error:
        return Configuration(), [
            f"{path.name}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        ]
