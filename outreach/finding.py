"""The sections of `outreach.toml` about finding out: pages of other sites, listings, research, addresses, embeddings."""

from __future__ import annotations

import ipaddress
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from outreach.operating import Section


class Fetching(Section):
    """How pages of other people's sites are fetched."""

    agent: str = Field(default="OutreachBot", pattern=r"^[A-Za-z][A-Za-z_-]{1,40}$")
    """The name that robots.txt files know us by."""
    contact: str = ""
    """Address or page for complaints, part of the User-Agent; empty: the product's own address."""
    requests_per_second_per_host: float = Field(default=1, gt=0, le=100_000)
    """Pages of one site in a second; a longer delay that the site asks for in robots.txt is kept."""
    burst_per_host: float = Field(default=1, ge=1, le=100_000)
    """Pages of one site that may be fetched at once after a pause."""
    requests_per_second: float = Field(default=10, gt=0, le=100_000)
    """For all hosts together, shared by all workers."""
    timeout_seconds: float = Field(default=20, gt=0, le=300)
    """A site has to answer within this time."""
    max_megabytes: float = Field(default=5, gt=0, le=200)
    """A larger page is not read."""
    max_redirects: int = Field(default=5, ge=0, le=20)
    """Redirects that are followed from one page."""
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
    """The address of the result page, with `{location}`, `{category}` and `{keywords}` where they belong."""


class Sources(Section):
    sites: dict[str, Site] = Field(
        default_factory=lambda: {
            "craigslist": Site(search_url="https://{location}.craigslist.org/search/{category}?query={keywords}")
        }
    )
    """Sites that a crawl can name; one of your own stands beside or in place of these."""


class Embeddings(Section):
    """What turns leads into vectors, so that similar ones are found."""

    embedder: Literal["use", "openai", "hash"] = "use"
    """`use`: the multilingual model that ships with the product; `openai`: a provider; `hash`: words only, no model."""
    provider: str = ""
    """For `openai`: a name among `llm.providers`."""
    model: str = "text-embedding-3-small"
    """For `openai`: the name of the model at the provider."""
    threads: int = Field(default=1, ge=1, le=64)
    """Processor threads that the built-in model may use in each worker."""


class ResearchService(Section):
    """A search service on the web. The key comes from the environment variable named by `api_key_env`."""

    base_url: str = Field(pattern=r"^https?://[^/]+(/.*)?$")
    """The address of the service's API."""
    api_key_env: str
    """The environment variable that holds the key; without one the service is passed over."""
    calls_per_day: int = Field(default=200, ge=0, le=1_000_000)
    """The budget; 0 switches the service off."""
    timeout_seconds: float = Field(default=30, gt=0, le=300)
    """The service has to answer within this time."""
    results: int = Field(default=5, ge=1, le=25)
    """Results asked for in one search."""


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
    """Pages of a company's own site that are read."""
    max_file_megabytes: float = Field(default=10, gt=0, le=100)
    """A picture or a document beyond this is not read."""
    max_document_pages: int = Field(default=30, ge=1, le=1000)
    """Pages of a document that are read; the rest is left out."""
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
    """The address of the service's API."""
    api_key_env: str = "LEADMAGIC_API_KEY"
    """The environment variable that holds the key; without one nothing is asked."""
    calls_per_day: int = Field(default=500, ge=0, le=1_000_000)
    """The budget in any 24 hours; 0 switches the service off."""
    timeout_seconds: float = Field(default=30, gt=0, le=110)
    """The service has to answer within this time."""
    verifies_recipients: bool = False
    """Ask about the mailboxes of every frozen audience by itself, and not only when an operator asks for it."""
    recheck_days: int = Field(default=30, ge=1, le=365)
    """An address of which nothing was known is asked for again after this."""
