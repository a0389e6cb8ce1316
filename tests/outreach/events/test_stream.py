"""Events for programs: who may follow what, resumed without loss, by stream and by socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.conf import settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from outreach.access.models import User
from outreach.access.services import create_api_key
from outreach.core.models import Actor
from outreach.events import feed, kinds, stream
from outreach.events.kinds import EventKind, Subject
from outreach.events.models import Event
from outreach.events.services import publish
from tests import asynchronous
from tests.asgi import asgi_server
from tests.browser.conftest import make_user, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def table(monkeypatch):
    listed = [
        EventKind("talk.began", "", {"talk_id": 1}),
        EventKind("talk.ended", "", {"talk_id": 1}),
        EventKind("secret.told", "", {"talk_id": 1}, role="administrator"),
    ]
    monkeypatch.setattr(kinds, "kinds", lambda: {kind.name: kind for kind in listed})
    entries = {
        kinds.EVENT_KINDS: listed,
        kinds.SUBJECTS: [Subject("talk_id", "talk", lambda pk: {"id": pk, "name": f"Talk {pk}"})],
        feed.TOPICS: [],
    }
    monkeypatch.setattr(type(feed.TOPICS), "entries", lambda point: entries.get(point, []))


@pytest.fixture
def address() -> Iterator[str]:
    with asgi_server() as url:
        yield url


def key_of(role: str = "viewer") -> dict[str, str]:
    user = make_user(role, username=f"{role}.program")
    _row, key = create_api_key(user=user, name="program", actor=Actor.of(user))
    return {"Authorization": f"Api-Key {key}"}


@contextmanager
def following(address: str, headers: dict[str, str], **params: Any) -> Iterator[Iterator[dict[str, Any]]]:
    """The events of a stream, once it has begun."""
    with httpx.stream("GET", address + stream.PATH, headers=headers, params=params, timeout=5) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines).startswith(": event")
        yield (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_a_program_is_told_what_a_webhook_would_tell(address):
    with following(address, key_of()) as events:
        made = publish("talk.began", talk_id=7)
        found = next(events)
    assert found == kinds.told(Event.objects.get(pk=made.pk))
    assert found["data"]["talk"] == {"id": 7, "name": "Talk 7"}


def test_it_gets_the_kinds_that_it_asked_for_and_that_its_role_may_see(address):
    with following(address, key_of(), types="talk.ended,secret.*") as events:
        publish("secret.told", talk_id=1)
        publish("talk.began", talk_id=2)
        publish("talk.ended", talk_id=3)
        assert next(events)["data"]["talk_id"] == 3
    with following(address, key_of("administrator"), types="secret.*") as events:
        publish("secret.told", talk_id=4)
        assert next(events)["data"]["talk_id"] == 4


def test_one_that_comes_back_misses_nothing_however_much_it_was(address, monkeypatch):
    monkeypatch.setattr(stream, "BATCH", 10)
    monkeypatch.setattr(stream, "read", lambda *args, **options: feed.read(*args, limit=10, **options))
    seen = publish("talk.began", talk_id=0)
    Event.objects.filter(pk=seen.pk).update(at="2020-01-01T00:00:00Z")
    made = Event.objects.bulk_create(Event(kind="talk.began", payload={"talk_id": n}) for n in range(1, 36))
    with following(address, {**key_of(), "Last-Event-ID": str(seen.pk)}) as events:
        found = [next(events)["id"] for _event in made]
        publish("talk.began", talk_id=99)
        assert next(events)["data"]["talk_id"] == 99
    assert found == [kinds.event_id(row) for row in made]


def test_one_that_comes_back_is_told_again_what_came_just_before(address):
    first, second = publish("talk.began", talk_id=1), publish("talk.began", talk_id=2)
    with following(address, key_of(), after=second.pk) as events:
        assert next(events)["id"] == kinds.event_id(first), "it may have got its number before and come after"


def test_one_that_does_not_keep_up_is_disconnected_and_told_so_by_the_end():
    follower = stream.follower_of(User(role="viewer"), "")
    for number in range(feed.MAX_WAITING + 1):
        follower.tell(feed.News(number, "talk.began", {}, told={}))
    assert follower.is_behind

    async def told() -> int:
        return len([news async for news in stream.follow(follower, "")])

    assert asynchronous.run(told()) == feed.MAX_WAITING


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Api-Key nonsense"}, {"Authorization": "Bearer x.y.z"}])
def test_strangers_get_nothing(address, headers):
    answer = httpx.get(address + stream.PATH, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    with pytest.raises(InvalidStatus):
        connect(address.replace("http", "ws") + stream.SOCKET_PATH, additional_headers=headers).close()


def test_an_unknown_event_type_or_a_bad_position_is_refused(address):
    headers = key_of()
    for query in ("types=talk.*,talk.begun", "after=-5", "after=last"):
        answer = httpx.get(f"{address}{stream.PATH}?{query}", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        with pytest.raises(InvalidStatus):
            connect(f"{address.replace('http', 'ws')}{stream.SOCKET_PATH}?{query}", additional_headers=headers).close()


def test_a_socket_tells_the_same(address):
    with connect(
        address.replace("http", "ws") + stream.SOCKET_PATH + "?types=talk.*", additional_headers=key_of()
    ) as socket:
        made = publish("talk.began", talk_id=7)
        assert json.loads(socket.recv(timeout=5))["id"] == kinds.event_id(made)
    with connect(
        address.replace("http", "ws") + stream.SOCKET_PATH + f"?after={made.pk - 1}", additional_headers=key_of()
    ) as socket:
        assert json.loads(socket.recv(timeout=5))["data"]["talk_id"] == 7


def test_a_page_of_another_site_cannot_use_our_cookie(address):
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(make_user('viewer'))}"}
    place = address.replace("http", "ws") + stream.SOCKET_PATH
    with pytest.raises(InvalidStatus):
        connect(place, additional_headers=cookie, origin="https://evil.example").close()
    connect(place, additional_headers=cookie, origin=address).close()


def test_without_asgi_a_program_is_told_why(client):
    client.force_login(make_user("viewer"))
    assert client.get(stream.PATH).json()["code"] == "no_stream"
