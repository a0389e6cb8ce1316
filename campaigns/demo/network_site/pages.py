"""The pages of the made-up network as HTML. Each one says what it is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from campaigns.demo.network_site.people import Person
from campaigns.demo.network_site.world import NOTE_LIMIT, Invitation, Said

NAME = "Millpond"
BANNER = "Millpond is a made-up network for demonstrations and tests. Everybody on it is invented, and nothing leaves this machine."

CSS = """
:root { color-scheme: light dark; --ink: #1d2b2a; --paper: #f4f7f3; --card: #fff; --edge: #cfdad4; --pond: #1f6f66; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4ece8; --paper: #131a19; --card: #1c2524; --edge: #33413f; --pond: #6cc3b6; --on: #10201e; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 Georgia, serif; color: var(--ink); background: var(--paper); }
.banner { padding: .4rem 1rem; background: #e9c46a; color: #2b2107; font: 14px/1.4 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; padding: .8rem 1rem; border-bottom: 3px double var(--edge); }
header strong { font-size: 1.3rem; letter-spacing: .02em; color: var(--pond); }
main { max-width: 44rem; margin: 1rem auto; padding: 0 1rem; }
article, form.card, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 4px 18px 4px 18px; padding: 1rem; margin: 0 0 1rem; }
a { color: var(--pond); }
label { display: block; margin: .6rem 0 .2rem; }
input, textarea { width: 100%; padding: .5rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 4px; }
button { margin-top: .7rem; padding: .5rem 1rem; font: inherit; color: var(--on); background: var(--pond); border: 0; border-radius: 4px 14px; cursor: pointer; }
.theirs { border-left: 4px solid var(--pond); } .muted { opacity: .75; font-size: .9rem; }
[role=alert] { border: 2px solid #b3452c; padding: .6rem 1rem; border-radius: 4px; }
nav { display: flex; flex-wrap: wrap; gap: .8rem; }
"""


def page(title: str, body: str, *, own_slug: str = "") -> str:
    """A whole page. Signed in, it links to one's own profile, as such sites do on every page."""
    navigation = (
        f'<nav><a href="/feed">Feed</a><a href="/search/people">People</a><a href="/messages/">Messages</a>'
        f'<a href="/invitations/sent">Invitations</a><a href="/in/{own_slug}/">Me</a></nav>'
        if own_slug
        else ""
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · {NAME}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css">'
        f'<link rel="icon" href="data:,"></head><body><div class="banner">{BANNER}</div>'
        f"<header><strong>{NAME}</strong>{navigation}</header><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def alert(kind: str, text: str) -> str:
    return f'<p role="alert" data-kind="{kind}">{escape(text)}</p>'


def login(error: str = "") -> str:
    return page(
        "Sign in",
        (alert("credentials", error) if error else "")
        + '<form class="card" method="post" action="/login" data-form="login"><label for="username">E-mail</label>'
        '<input id="username" name="username" autocomplete="username"><label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password"><button>Sign in</button></form>',
    )


def code(second_factor: str, error: str = "") -> str:
    where = "your authenticator app" if second_factor == "totp" else "the message that we have just sent you"
    return page(
        "One more step",
        (alert("code", error) if error else "")
        + f'<form class="card" method="post" action="/checkpoint/code" data-form="code" data-factor="{second_factor}">'
        f'<label for="code">Code from {where}</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code">'
        "<button>Go on</button></form>",
    )


def challenge() -> str:
    return page(
        "Let us check that you are a person",
        '<form class="card" method="post" action="/checkpoint/challenge" data-form="challenge">'
        "<p>We noticed something unusual. Only the person whom this account belongs to can go on from here.</p>"
        '<label for="answer">Type the word “pond” backwards</label><input id="answer" name="answer"><button>I am a person</button></form>',
    )


def limit(text: str, own_slug: str) -> str:
    return page("That was a lot", alert("limit", text), own_slug=own_slug)


def unavailable(own_slug: str) -> str:
    return page("No one here", alert("unavailable", "This profile is not available."), own_slug=own_slug)


def card(person: Person, degree: int) -> str:
    return (
        f'<article data-person="{person.slug}"><h2><a href="/in/{person.slug}/?from=list">{escape(person.name)}</a></h2>'
        f'<p data-field="headline">{escape(person.headline)}</p>'
        f'<p class="muted"><span data-field="place">{escape(person.city)}, {escape(person.country)}</span> · {_ordinal(degree)}</p></article>'
    )


def _ordinal(degree: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(degree, "further away")


def feed(people: Iterable[tuple[Person, int]], own_slug: str) -> str:
    return page(
        "Feed", "<p>What people around the pond do.</p>" + "".join(card(p, d) for p, d in people), own_slug=own_slug
    )


def search(keywords: str, number: int, people: list[tuple[Person, int]], *, has_next: bool, own_slug: str) -> str:
    form = (
        '<form class="card" method="get" action="/search/people" role="search"><label for="keywords">Words</label>'
        f'<input id="keywords" name="keywords" value="{escape(keywords)}"><button>Search</button></form>'
    )
    rows = "".join(card(p, d) for p, d in people) or '<p data-empty="true">Nobody fits these words.</p>'
    more = (
        f'<p><a rel="next" href="/search/people?keywords={escape(keywords).replace(" ", "+")}&amp;page={number + 1}">Next page</a></p>'
        if has_next
        else ""
    )
    return page("People", f'{form}<section data-results="true">{rows}</section>{more}', own_slug=own_slug)


def profile(
    person: Person, *, relation: str, degree: int, csrf: str, others: Iterable[Person], own_slug: str, error: str = ""
) -> str:
    slug = person.slug
    hidden = f'<input type="hidden" name="csrf" value="{csrf}">'
    if relation == "connected":
        act = f'<p><a href="/messages/{slug}/" data-action="message">Message</a></p>'
    elif relation == "pending":
        act = (
            '<p data-action="pending">Your invitation is waiting for an answer.</p>'
            f'<form method="post" action="/in/{slug}/withdrawal" data-form="withdrawal">{hidden}<button>Withdraw</button></form>'
        )
    else:
        act = (
            f'<form class="card" method="post" action="/in/{slug}/invitation" data-form="invitation">{hidden}'
            f'<label for="note">Note (at most {NOTE_LIMIT} characters)</label><textarea id="note" name="note" rows="4"></textarea>'
            "<button>Connect</button></form>"
        )
    jobs = "".join(
        f"<li>{escape(job.title)}, {escape(job.firm)} ({job.first_year}–{job.last_year or 'today'})</li>"
        for job in person.jobs
    )
    known = "".join(f'<li><a href="/in/{p.slug}">{escape(p.name)}</a></li>' for p in others)
    body = (
        f"{alert('limit' if 'invitations' in error else 'refused', error) if error else ''}"
        f'<section class="card" data-profile="{slug}" data-relation="{relation}"><p>{escape(person.headline)}</p>'
        f'<p class="muted">{escape(person.city)}, {escape(person.country)} · <span data-field="degree">{_ordinal(degree)}</span></p>'
        f"<p>{escape(person.summary)}</p><ul>{jobs}</ul>{act}</section><h2>People whom {escape(person.first)} knows</h2><ul>{known}</ul>"
    )
    return page(person.name, body, own_slug=own_slug)


def invitations(rows: Iterable[tuple[Invitation, Person]], own_slug: str) -> str:
    items = "".join(
        f'<article data-invitation="{invitation.id}" data-person="{person.slug}" data-sent-at="{invitation.sent_at.isoformat()}">'
        f'<h2><a href="/in/{person.slug}/">{escape(person.name)}</a></h2><p data-field="note">{escape(invitation.note)}</p></article>'
        for invitation, person in rows
    )
    body = f'<section data-invitations="true">{items or "<p>No invitation waits for an answer.</p>"}</section>'
    return page("Invitations sent", body, own_slug=own_slug)


def threads(people: Iterable[Person], own_slug: str) -> str:
    items = "".join(f'<li><a href="/messages/{p.slug}/">{escape(p.name)}</a></li>' for p in people)
    return page("Messages", f"<ul>{items or '<li>Nothing yet.</li>'}</ul>", own_slug=own_slug)


def thread(person: Person, said: Iterable[Said], *, can_write: bool, csrf: str, own_slug: str, error: str = "") -> str:
    items = "".join(
        f'<article class="{"ours" if row.is_ours else "theirs"}" data-message="{row.id}" data-ours="{str(row.is_ours).lower()}"'
        f' data-at="{row.at.isoformat()}"><p data-field="text">{escape(row.text)}</p></article>'
        for row in said
    )
    form = (
        f'<form class="card" method="post" action="/messages/{person.slug}/" data-form="message"><input type="hidden" name="csrf" value="{csrf}">'
        '<label for="text">Message</label><textarea id="text" name="text" rows="4"></textarea><button>Send</button></form>'
        if can_write
        else alert("not_connected", "You can write to people who accepted your invitation.")
    )
    problem = alert("refused", error) if error else ""
    return page(
        f"{person.name}", f'{problem}<section data-thread="{person.slug}">{items}</section>{form}', own_slug=own_slug
    )
