"""The stream of what changed: who is told what, what a browser that comes back missed, and how soon."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection, transaction

from outreach.access.models import User
from outreach.events import feed
from outreach.events.feed import Topic
from outreach.events.models import Event
from outreach.events.services import publish
from tests import asynchronous
from tests.asgi import asgi_server
from tests.browser.conftest import make_user, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def topics(monkeypatch):
    table = [
        Topic("talk.changed", "conversation", "talk_id"),
        Topic("secret.changed", "secret", "talk_id", role="administrator"),
        Topic("told.one", "notification", "note_id", user_key="user_id"),
    ]
    monkeypatch.setattr(type(feed.TOPICS), "entries", lambda point: table)


@pytest.fixture
def address() -> Iterator[str]:
    with asgi_server() as url:
        yield url


@contextmanager
def stream(address: str, user: User, **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The events that `user`'s browser gets, the greeting aside."""
    cookies = {settings.SESSION_COOKIE_NAME: session_of(user)}
    with httpx.stream("GET", address + "/live/", cookies=cookies, headers=headers, timeout=5) as answer:
        assert answer.status_code == 200
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for line in answer.iter_lines():
        name, _colon, value = line.partition(": ")
        if name in {"id", "event"}:
            event[name] = value
        elif name == "data":
            event["data"] = json.loads(value)
        elif not line and event:
            yield event
            event = {}


def test_a_change_is_told_within_a_second(address):
    with stream(address, make_user("viewer")) as events:
        assert next(events)["event"] == "ready"
        start = time.monotonic()
        made = publish("talk.changed", talk_id=7)
        found = next(events)
        assert time.monotonic() - start < 1
    assert found == {"id": str(made.pk), "event": "conversation", "data": {"id": 7, "kind": "talk.changed"}}


def test_nobody_is_told_what_their_role_may_not_see(address):
    with stream(address, make_user("viewer")) as events:
        next(events)
        publish("secret.changed", talk_id=1)
        publish("talk.changed", talk_id=2)
        assert next(events)["data"]["id"] == 2


def test_what_is_for_one_user_is_told_to_that_user_alone(address):
    ann, bob = make_user("viewer", username="ann"), make_user("administrator", username="bob")
    with stream(address, ann) as of_ann, stream(address, bob) as of_bob:
        next(of_ann), next(of_bob)
        publish("told.one", note_id=5, user_id=ann.pk)
        publish("talk.changed", talk_id=2)
        assert [next(of_ann)["event"], next(of_ann)["event"]] == ["notification", "conversation"]
        assert next(of_bob)["event"] == "conversation"


def test_a_browser_that_comes_back_is_told_what_it_missed(address):
    seen = publish("talk.changed", talk_id=1)
    publish("nobody.follows", talk_id=2)
    publish("secret.changed", talk_id=3)
    publish("talk.changed", talk_id=4)
    with stream(address, make_user("viewer"), **{"Last-Event-ID": str(seen.pk)}) as events:
        assert next(events)["data"]["id"] == 4


def test_who_missed_very_much_is_told_only_that(address):
    seen = publish("talk.changed", talk_id=1)
    Event.objects.bulk_create(Event(kind="talk.changed", payload={"talk_id": n}) for n in range(feed.MAX_WAITING + 1))
    with stream(address, make_user("viewer"), **{"Last-Event-ID": str(seen.pk)}) as events:
        assert next(events)["event"] == "many"


def test_an_event_that_commits_after_a_later_one_is_told(address):
    with stream(address, make_user("viewer")) as events:
        next(events)
        with transaction.atomic():
            publish("talk.changed", talk_id=1)
            _publish_elsewhere(2)
            assert next(events)["data"]["id"] == 2
        assert next(events)["data"]["id"] == 1


def _publish_elsewhere(talk_id: int) -> None:
    def work() -> None:
        publish("talk.changed", talk_id=talk_id)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.mark.parametrize("cookies", [{}, {settings.SESSION_COOKIE_NAME: "nonsense"}])
def test_strangers_get_nothing(address, cookies):
    assert httpx.get(address + "/live/", cookies=cookies).status_code == 403


def test_a_user_who_may_no_longer_sign_in_gets_nothing(address):
    user = make_user("viewer")
    key = session_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert httpx.get(address + "/live/", cookies={settings.SESSION_COOKIE_NAME: key}).status_code == 403


def test_without_asgi_the_browser_is_told_not_to_ask_again(client):
    client.force_login(make_user("viewer"))
    assert client.get("/live/").status_code == 204


def test_a_connection_that_does_not_read_is_not_waited_for():
    listener = feed.Listener(User(role="viewer"))
    topic = Topic("talk.changed", "conversation", "talk_id")
    for number in range(feed.MAX_WAITING + 1):
        listener.tell(feed.News(number, topic.kind, {"talk_id": number}, topic))
    assert listener.is_behind and listener.waiting.qsize() == feed.MAX_WAITING


def test_who_comes_while_the_reading_ends_after_the_last_one_left_is_told():
    first, second = (feed.Listener(User(role="viewer")) for _ in range(2))
    came = asyncio.Event()

    class Ending(feed.Feed):
        async def _ask(self, work: Any, *args: Any, **kwargs: Any) -> Any:
            if work is feed.disconnect and not self.listeners:
                await self.add(second)
                came.set()
            return await super()._ask(work, *args, **kwargs)

    async def told() -> int:
        reading = Ending()
        await reading.add(first)
        reading.listeners.discard(first)
        await came.wait()  # told is what happens once `add` has returned
        await feed.in_thread(publish, "talk.changed", talk_id=7)
        news = await second.next(30)
        reading.listeners.discard(second)
        assert reading.task is not None
        await reading.task
        return int(news.payload["talk_id"]) if news else 0

    assert asynchronous.run(told()) == 7


def test_a_connection_that_is_told_nothing_for_a_while_hears_so_and_goes_on():
    listener = feed.Listener(User(role="viewer"))
    topic = Topic("talk.changed", "conversation", "talk_id")

    async def told() -> int:
        with pytest.raises(TimeoutError):
            await listener.next(0.01)
        listener.tell(feed.News(1, topic.kind, {"talk_id": 7}, topic))
        news = await listener.next(30)
        return news.id if news else 0

    assert asynchronous.run(told()) == 1
