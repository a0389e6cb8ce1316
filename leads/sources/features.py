"""What an adapter reads from a page, in one form for every source, with its content hash. Pure.

A lead is written only when the hash differs from the one last taken in: a page that changed its advertising, or an
order of keys, changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from outreach.core.hashing import canonical_hash

RECENT_TEXTS = 5
TOP_IMAGES = 3


@dataclass(frozen=True)
class Image:
    """A picture by its address; sizes in pixels, None where the page does not say."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Features:
    """The facts about one person or listing. Empty text, empty list and None mean "not known".

    `attributes` holds what only this source knows: flat values or lists of texts; segments and factors read them.
    """

    kind: str = "listing"
    """`person` or `listing`, as `Lead.Kind`."""
    title: str = ""
    description: str = ""
    body_html: str = ""
    """The description as it came; shown to nobody unescaped."""
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    url: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    network: str = ""
    """Address of the profile on the professional network."""
    company: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    postal_code: str = ""
    time_zone: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    activity_at: datetime | None = None
    followers: int | None = None
    following: int | None = None
    is_private: bool | None = None
    recent_texts: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    links: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)

    def canonical(self, external_id: str) -> dict[str, Any]:
        """The hashed fields: what makes a new state of the same person or listing."""
        return {
            "username": external_id,
            "kind": self.kind,
            "followers": self.followers,
            "following": self.following,
            "is_private": self.is_private,
            "name": plain(self.full_name or f"{self.first_name} {self.last_name}"),
            "title": plain(self.title),
            "bio": plain(self.description),
            "company": plain(self.company),
            "place": [plain(part) for part in (self.country, self.region, self.city)],
            "language": self.language,
            "addresses": sorted({plain(a) for a in (*self.emails, *self.phones, self.network) if a}),
            "tags": sorted({plain(tag) for tag in self.tags}),
            "texts": [plain(text) for text in self.recent_texts[:RECENT_TEXTS]],
            "images": [[i.url, i.width, i.height] for i in self.images[:TOP_IMAGES]],
            "link_domains": sorted({d for link in self.links if (d := domain_of(link))}),
            "activity_day": self.activity_at.astimezone(UTC).date().isoformat() if self.activity_at else None,
            "attributes": {k: v for k, v in self.attributes.items() if v not in (None, "", [], ())},
        }

    def hash(self, external_id: str) -> str:
        """SHA-256 of the canonical JSON of `canonical`."""
        return canonical_hash(self.canonical(external_id))

    def as_json(self) -> dict[str, Any]:
        """What is known, ready for JSON: dates as ISO 8601, nothing empty."""
        values = asdict(self) | {"activity_at": self.activity_at.isoformat() if self.activity_at else None}
        return {k: v for k, v in values.items() if v not in (None, "", (), [], {})}


def plain(text: str) -> str:
    """Lower case, compatibility forms folded, white space and emoji variation folded: equal to a reader."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub("[\ufe0f\u200b-\u200f\u2060\ufeff]", "", folded).split())


def domain_of(link: str) -> str:
    """The host of a link without `www.`, or an empty text."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
