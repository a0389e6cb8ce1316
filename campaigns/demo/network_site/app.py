"""The made-up network as a WSGI application: routes, cookies, checks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from campaigns.demo.network_site import pages
from campaigns.demo.network_site.people import Person, profile_document
from campaigns.demo.network_site.world import NOTE_LIMIT, Session, World

MAX_BODY = 64 * 1024
_LIMIT_VIEWS = "You have opened many profiles today. Come back tomorrow."
_LIMIT_INVITATIONS = "You have reached the weekly limit for invitations."


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    cookies: dict[str, str]
    headers: dict[str, str]
    session: Session | None = None


@dataclass
class Response:
    body: str = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)


Handler = Callable[..., Response]


def redirect(to: str, *headers: tuple[str, str]) -> Response:
    return Response("", 303, headers=[("Location", to), *headers])


def as_json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, "application/json")


class Site:
    """One site. Call it as a WSGI application."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = [
            ("GET", re.compile(r"/"), lambda request: redirect("/feed")),
            ("GET", re.compile(r"/feed"), self.feed),
            ("GET", re.compile(r"/search/people"), self.search),
            ("GET", re.compile(r"/in/([^/]+)/?"), self.profile),
            ("POST", re.compile(r"/in/([^/]+)/invitation"), self.invite),
            ("POST", re.compile(r"/in/([^/]+)/withdrawal"), self.withdraw),
            ("GET", re.compile(r"/invitations/sent"), self.invitations),
            ("GET", re.compile(r"/messages/"), self.threads),
            ("GET", re.compile(r"/messages/([^/]+)/"), self.thread),
            ("POST", re.compile(r"/messages/([^/]+)/"), self.write),
            ("GET", re.compile(r"/api/profiles/([^/]+)"), self.profile_json),
            ("GET", re.compile(r"/api/messages"), self.messages_json),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self.answer(_request(environ))
        body = response.body.encode()
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        headers = [("Content-Type", response.content_type), ("Content-Length", str(len(body))), *response.headers]
        start_response(status, headers)
        return [body]

    def answer(self, request: Request) -> Response:
        if request.path == "/site.css":
            return Response(pages.CSS, content_type="text/css; charset=utf-8")
        session = self.world.sessions.get(request.cookies.get("millpond", ""))
        request.session = session
        if request.path.startswith("/checkpoint/") or request.path in {"/login", "/logout"}:
            return self._door(request)
        is_api = request.path.startswith("/api/")
        if session is None or not session.is_complete:
            to = "/checkpoint/code" if session else "/login"
            return as_json({"status": 401}, 401) if is_api else redirect(to)
        kind = request.path.split("/")[1]
        if not self.world.visit(kind):
            return as_json({"status": 403, "challenge": True}, 403) if is_api else redirect("/checkpoint/challenge")
        if is_api and request.headers.get("csrf-token") != session.csrf:
            return as_json({"status": 403, "message": "CSRF check failed."}, 403)
        if request.method == "POST" and request.form.get("csrf") != session.csrf:
            return Response(pages.page("Not accepted", pages.alert("csrf", "The form is stale.")), 403)
        for method, pattern, handler in self.routes:
            if method == request.method and (match := pattern.fullmatch(request.path)):
                return handler(request, *match.groups())
        return Response(pages.page("Not found", pages.alert("not_found", "There is no such page.")), 404)

    # the door

    def _door(self, request: Request) -> Response:
        world, session = self.world, request.session
        if request.path == "/logout" and session is not None:
            world.sessions.pop(session.token, None)
            return redirect("/login")
        if request.path == "/checkpoint/challenge":
            if request.method == "POST" and request.form.get("answer", "").strip().lower() == "dnop":
                world.options.is_challenging, world.options.challenge_after_views = False, None
                return redirect("/feed")
            return Response(pages.challenge(), 403)
        if request.path == "/checkpoint/code" and session is not None:
            return self._code(request, session)
        if world.options.is_challenging:
            return redirect("/checkpoint/challenge")
        if request.method != "POST":
            return Response(pages.login())
        found = world.sign_in(request.form.get("username", ""), request.form.get("password", ""))
        if found is None:
            return Response(pages.login("The e-mail or the password is wrong."), 401)
        cookies = [
            ("Set-Cookie", f"millpond={found.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"),
            ("Set-Cookie", f"mill-csrf={found.csrf}; Path=/; SameSite=Lax; Max-Age=2592000"),
        ]
        return redirect("/feed" if found.is_complete else "/checkpoint/code", *cookies)

    def _code(self, request: Request, session: Session) -> Response:
        factor = session.login.second_factor
        if request.method != "POST":
            return Response(pages.code(factor))
        if self.world.check_code(session, request.form.get("code", "")):
            return redirect("/feed")
        return Response(pages.code(factor, "This code is not right."), 401)

    # pages

    def feed(self, request: Request) -> Response:
        people = list(self.world.people.values())[: pages_of_feed(self.world)]
        return Response(pages.feed(self._with_degrees(people), _own(request)))

    def search(self, request: Request) -> Response:
        keywords = request.query.get("keywords", "")
        number = int(request.query.get("page", "1")) if request.query.get("page", "1").isdigit() else 1
        people, has_next = self.world.search(keywords, number)
        rows = self._with_degrees(people)
        return Response(pages.search(keywords, number, rows, has_next=has_next, own_slug=_own(request)))

    def profile(self, request: Request, slug: str) -> Response:
        own = _own(request)
        if slug in {own, "me"}:
            return Response(
                pages.page(request.session.login.name if request.session else "", "<p>This is you.</p>", own_slug=own)
            )
        person = self._person(slug)
        if person is None:
            return Response(pages.unavailable(own), 404)
        if not self.world.may_view():
            return Response(pages.limit(_LIMIT_VIEWS, own), 429)
        return self._profile(request, person)

    def _profile(self, request: Request, person: Person, error: str = "", status: int = 200) -> Response:
        others = [self.world.people[s] for s in _neighbours(self.world, person)]
        relation = self.world.relation(person.slug)
        body = pages.profile(
            person, relation=relation, degree=self.world.degree(person.slug), csrf=_csrf(request), others=others,
            own_slug=_own(request), error=error,
        )  # fmt: skip
        return Response(body, status)

    def invite(self, request: Request, slug: str) -> Response:
        person, note = self._person(slug), request.form.get("note", "").replace("\r\n", "\n").strip()
        if person is None:
            return Response(pages.unavailable(_own(request)), 404)
        if self.world.relation(slug) != "none":
            return self._profile(request, person, "You have invited this person already.", 409)
        if len(note) > NOTE_LIMIT:
            return self._profile(request, person, f"A note has at most {NOTE_LIMIT} characters.", 422)
        if not self.world.may_invite():
            return self._profile(request, person, _LIMIT_INVITATIONS, 429)
        self.world.invite(slug, note)
        self._before_answer("invitation")
        return redirect(f"/in/{slug}/?sent=1")

    def withdraw(self, request: Request, slug: str) -> Response:
        if self._person(slug) is None:
            return Response(pages.unavailable(_own(request)), 404)
        self.world.withdraw(slug)
        return redirect(f"/in/{slug}/")

    def invitations(self, request: Request) -> Response:
        with self.world.lock:
            self.world.settle()
            rows = [(i, self.world.people[i.slug]) for i in self.world.invitations if i.is_pending]
        return Response(pages.invitations(reversed(rows), _own(request)))

    def threads(self, request: Request) -> Response:
        with self.world.lock:
            self.world.settle()
            slugs = dict.fromkeys(said.slug for said in reversed(self.world.said))
        return Response(pages.threads([self.world.people[slug] for slug in slugs], _own(request)))

    def thread(self, request: Request, slug: str, error: str = "", status: int = 200) -> Response:
        person = self._person(slug)
        if person is None:
            return Response(pages.unavailable(_own(request)), 404)
        body = pages.thread(
            person, self.world.thread(slug), can_write=self.world.relation(slug) == "connected", csrf=_csrf(request),
            own_slug=_own(request), error=error,
        )  # fmt: skip
        return Response(body, status)

    def write(self, request: Request, slug: str) -> Response:
        person, text = self._person(slug), request.form.get("text", "").replace("\r\n", "\n").strip()
        if person is None:
            return Response(pages.unavailable(_own(request)), 404)
        if self.world.relation(slug) != "connected":
            return self.thread(request, slug, "You are not connected.", 403)
        if not text:
            return self.thread(request, slug, "Write something first.", 422)
        self.world.write(slug, text)
        self._before_answer("message")
        return redirect(f"/messages/{slug}/")

    # the internal API

    def profile_json(self, request: Request, slug: str) -> Response:
        person = self._person(slug)
        if person is None:
            return as_json({"status": 404}, 404)
        return as_json(profile_document(person, degree=self.world.degree(slug)))

    def messages_json(self, request: Request) -> Response:
        after = int(request.query.get("after", "0")) if request.query.get("after", "0").isdigit() else 0
        with self.world.lock:
            self.world.settle()
            rows = [said for said in self.world.said if said.number > after][:100]
        elements = [
            {
                "entityUrn": f"urn:mill:message:{row.id}",
                "number": row.number,
                "publicIdentifier": row.slug,
                "direction": "out" if row.is_ours else "in",
                "name": self.world.people[row.slug].name,
                "text": row.text,
                "deliveredAt": row.at.isoformat(),
            }
            for row in rows
        ]
        return as_json({"elements": elements, "last": max((row.number for row in rows), default=after)})

    # parts

    def _person(self, slug: str) -> Person | None:
        person = self.world.people.get(slug.lower())
        return None if person is None or person.character == "gone" else person

    def _with_degrees(self, people: Iterable[Person]) -> list[tuple[Person, int]]:
        return [(person, self.world.degree(person.slug)) for person in people]

    def _before_answer(self, kind: str) -> None:
        if self.world.options.before_answer is not None:
            self.world.options.before_answer(kind)


def pages_of_feed(world: World) -> int:
    return min(8, len(world.people))


def _neighbours(world: World, person: Person) -> list[str]:
    slugs = list(world.people)
    return [slugs[(person.number * step) % len(slugs)] for step in (3, 7, 11)]


def _own(request: Request) -> str:
    return request.session.login.slug if request.session else ""


def _csrf(request: Request) -> str:
    return request.session.csrf if request.session else ""


def _request(environ: dict[str, Any]) -> Request:
    length = environ.get("CONTENT_LENGTH") or "0"
    size = min(int(length), MAX_BODY) if length.isdigit() else 0
    body = environ["wsgi.input"].read(size) if size else b""
    try:
        cookies = {name: morsel.value for name, morsel in SimpleCookie(environ.get("HTTP_COOKIE", "")).items()}
    except CookieError:
        cookies = {}
    headers = {
        key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")
    }
    return Request(
        method="GET" if environ["REQUEST_METHOD"] == "HEAD" else environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO") or "/",
        query={
            key: values[-1] for key, values in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).items()
        },
        form={
            key: values[-1] for key, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()
        },
        cookies=cookies,
        headers=headers,
    )
