"""`outreach.toml` and the environment, read once at start into one typed object.

Every key has a type, a unit in its name and a default; a value that does not fit is reported with its key by the
system check `outreach.E001` instead of failing three layers in.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from outreach.finding import Embeddings, Fetching, Leadmagic, Research, Sources
from outreach.learned import Learning, Predictions
from outreach.operating import Alerts, Backups, Section, Sentry, SignIn, Storage
from outreach.sending import Delivery, Network

PUBLIC_ADDRESS = r"https?://[^/\s]+/?"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class TokenPrice(Section):
    """US dollars for a million tokens; 0 and 0: free."""

    input: Decimal = Field(ge=0, le=100_000)
    """US dollars for a million tokens of prompts."""
    output: Decimal = Field(ge=0, le=100_000)
    """US dollars for a million tokens of answers."""


class Provider(Section):
    """An OpenAI-compatible endpoint. The key itself comes from the environment variable named by `api_key_env`."""

    base_url: str = Field(pattern=r"^https?://")
    """The address of the API, such as https://api.openai.com/v1."""
    api: Literal["chat", "responses", "anthropic"] = "chat"
    """Which API it speaks: OpenAI's chat completions or responses, or Anthropic's messages."""
    api_key_env: str = ""
    """The environment variable that holds the key; empty: the endpoint needs none."""
    timeout_seconds: float = Field(default=60, gt=0, le=600)
    """An answer has to be complete within this time; then the next model of the route is asked."""
    supports_json_schema: bool = True
    """Whether it can be held to a JSON schema; if not, the schema is part of the prompt."""
    concurrent_calls: int | None = Field(default=None, ge=1, le=1_000)
    """Calls at once, counted over all workers; unlimited if not set."""
    requests_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    """Calls in any minute, over all workers; unlimited if not set."""
    tokens_per_minute: int | None = Field(default=None, ge=1, le=1_000_000_000)
    """Tokens of prompts and answers in any minute, over all workers; unlimited if not set."""
    prices: dict[str, TokenPrice] = Field(default_factory=dict)
    """What a model costs, by its name, where the built-in price table is wrong or silent; "*" is every other model."""


class Route(Section):
    """An ordered chain of `provider/model` names; `builtin` is always tried last."""

    chain: list[str] = Field(default_factory=list)
    """Models as `provider/model`, tried in this order until one answers."""
    temperature: float = Field(default=0.4, ge=0, le=2)
    """How much answers vary: 0 is the most predictable."""
    max_output_tokens: int = Field(default=900, ge=16, le=32_000)
    """The longest answer; a longer one is cut off and asked for again."""


class LanguageModels(Section):
    providers: dict[str, Provider] = Field(default_factory=dict)
    routes: dict[str, Route] = Field(default_factory=dict)
    """Keys: draft, judge, qualify, classify, reply; `default` serves the rest."""
    cache_days: int = Field(default=14, ge=0, le=365)
    """An equal question is answered from the cache for so many days; 0: never."""
    budget_seconds: float = Field(default=90, gt=0, le=900)
    """For one answer with all its retries and fallbacks; then the built-in rules answer. A provider that was connected on the page with a longer wait gets that."""
    retry_base_seconds: float = Field(default=0.5, ge=0, le=60)
    """The wait before the first repeat after a passing fault; it doubles with each further one."""
    usd_per_day: float | None = Field(default=None, gt=0)
    """No call is made that could pass this in one day (UTC); the built-in rules answer then."""
    usd_per_campaign: float | None = Field(default=None, gt=0)
    """The same for all calls of one campaign."""
    otlp_endpoint: str = Field(default="", pattern=r"^(https?://.+)?$")
    """Where calls are sent as OpenTelemetry spans, such as http://localhost:4318/v1/traces; needs the extra `otlp`."""
    parallel_calls: int = Field(default=4, ge=1, le=32)
    """Calls at once while a campaign's drafts are written."""


class Web(Section):
    public_base_url: str = Field(default="", pattern=rf"^({PUBLIC_ADDRESS})?$")
    """The address under which people reach the product, such as https://outreach.firm.example; links in mail use it."""
    allowed_hosts: list[str] = Field(default_factory=list)
    """Further host names under which the product may be opened."""
    language: Literal["en", "ru"] = "en"
    """The language of pages for people who are not signed in, and of new users."""


class Mail(Section):
    """The mail server for mail to users: invitations and password resets. Sending accounts are never used for it.

    The password comes from the environment variable named by `password_env`. Without a host nothing is sent.
    """

    host: str = ""
    """The name of the mail server; empty: no mail to users."""
    port: int = Field(default=587, ge=1, le=65_535)
    """The port of the mail server: 587 for STARTTLS, 465 for SSL."""
    security: Literal["starttls", "ssl", "none"] = "starttls"
    """How the connection is protected; `none` only for a server on the same machine."""
    username: str = ""
    """The name to sign in with at the mail server; empty: no sign-in."""
    password_env: str = "MAIL_PASSWORD"  # noqa: S105  the name of a variable
    """The environment variable that holds the password."""
    sender: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    """The address that the mail comes from."""
    timeout_seconds: int = Field(default=20, ge=1, le=110)
    """The mail server has to answer within this time."""


class OAuthClient(Section):
    """Your app at a mail provider, with which people connect their mailboxes.

    The secret comes from the environment variable named by `client_secret_env`.
    """

    client_id: str = ""
    """The number of your app at the provider; empty: people enter passwords instead."""
    client_secret_env: str = ""
    """The environment variable that holds the secret of your app."""


class OAuth(Section):
    google: OAuthClient = Field(default_factory=lambda: OAuthClient(client_secret_env="GOOGLE_CLIENT_SECRET"))  # noqa: S106
    microsoft: OAuthClient = Field(default_factory=lambda: OAuthClient(client_secret_env="MICROSOFT_CLIENT_SECRET"))  # noqa: S106

    @field_validator("google", "microsoft", mode="before")
    @classmethod
    def _with_defaults(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, dict) and info.field_name:
            return {"client_secret_env": f"{info.field_name.upper()}_CLIENT_SECRET", **value}
        return value


class ApiLimits(Section):
    requests_per_hour: int = Field(default=1000, ge=1)
    """Requests to the API in an hour, by each user or key."""
    exports_per_day: int = Field(default=10, ge=1)
    """Exports in any 24 hours, by each user."""


class Imports(Section):
    """How long files with personal data are kept on disk."""

    keep_files_days: int = Field(default=30, ge=1, le=3650)
    """Uploaded lists are deleted after so many days."""
    keep_exports_days: int = Field(default=3, ge=1, le=365)
    """Finished exports can be downloaded for so many days, then they are deleted."""
    export_job_rows: int = Field(default=20_000, ge=100)
    """A larger export is written as a job."""


class Company(Section):
    """Who we are, for footers and legal lines."""

    name: str = ""
    """The company's name in footers and legal lines."""
    postal_address: str = ""
    """The postal address in the footer of e-mails, which laws such as CAN-SPAM ask for."""
    sms_program: str = ""
    """The name that text messages carry; empty: the company's, else the sender's."""
    sms_help: str = Field(default="", max_length=300)
    """The answer to HELP; empty: one made of the program's name and the opt-out words."""


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
    sentry: Sentry = Field(default_factory=Sentry)


def load(path: Path, *, is_named: bool = False) -> tuple[Configuration, list[str]]:
    """The configuration in `path` and the faults found, each naming its key. With faults the defaults stand in.

    A file that somebody named has to be there: the defaults in place of their policy could go unnoticed.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Configuration.model_validate(raw), []
    except FileNotFoundError:
        return Configuration(), [f"OUTREACH_CONFIG names {path}, which does not exist."] if is_named else []
    except OSError as error:
        return Configuration(), [f"{path} cannot be read: {error.strerror}."]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return Configuration(), [f"{path.name} is not valid TOML: {error}"]
    except ValidationError as error:
        return Configuration(), [
            f"{path.name}: {'.'.join(str(part) for part in fault['loc'])}: {_told(fault)}" for fault in error.errors()
        ]


def _told(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "There is no such key. “manage.py config keys” lists all."
    return str(fault["msg"])


def address(text: str) -> str:
    """`PUBLIC_BASE_URL` as it is compared with the address of requests. Ends the program when it is none."""
    if not re.fullmatch(PUBLIC_ADDRESS, text):
        raise SystemExit(f"PUBLIC_BASE_URL={text!r} is not an address. Write it as https://outreach.example.com.")
    return text.rstrip("/")


def log_level(text: str) -> str:
    """`LOG_LEVEL`. Ends the program when it is none."""
    if text.upper() not in LOG_LEVELS:
        raise SystemExit(f"LOG_LEVEL={text!r} is unknown. Use one of {', '.join(LOG_LEVELS)}.")
    return text.upper()
