"""Opens and clicks: off by default, only to links that were sent, machines told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as conf
from django.urls import reverse

from conversations.dispatch.outgoing import outgoing
from conversations.models import Message
from conversations.outbox.streams import set_tracking
from conversations.tracking import machines, services
from conversations.tracking.machines import Request, why_machine
from conversations.tracking.models import Hit, TrackedLink
from outreach.core import clock
from tests.conversations.factories import ACTOR, make_message, make_stream

HTML = '<p>See <a href="https://firm.example/offer?a=1&amp;b=2">the offer</a> and <a href="https://firm.example/x">more</a>.</p>'
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
SENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class TestMachines:
    def why(self, **changes):
        values = {"at": SENT + timedelta(minutes=5), "method": "GET", "agent": BROWSER, "link": None, **changes}
        request = Request(values["at"], values["method"], values["agent"], values["link"])
        others = [request, *(Request(values["at"], "GET", BROWSER, link) for link in changes.pop("beside", []))]
        return why_machine(request, others=others, sent_at=SENT, link_count=values.get("count", 5))

    def test_a_person_is_a_person(self):
        assert self.why() == ""
        assert self.why(link=1) == ""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"method": "HEAD"}, "head"),
            ({"agent": ""}, "nameless"),
            ({"agent": "Mozilla/5.0"}, "privacy_proxy"),
            ({"agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, "known_program"),
            ({"agent": "python-requests/2.32"}, "known_program"),
            ({"agent": "Mimecast-URL-Protection"}, "known_program"),
            ({"at": SENT + timedelta(seconds=3)}, "too_soon"),
            ({"link": 1, "beside": [2, 3]}, "all_links"),
            ({"link": 1, "beside": [2], "count": 2}, "all_links"),
        ],
    )
    def test_a_machine_is_told_by(self, changes, reason):
        assert self.why(**changes) == reason

    def test_gmails_picture_proxy_loads_for_a_reader_unless_it_comes_at_once(self):
        agent = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
        assert self.why(agent=agent) == ""
        assert self.why(agent=agent, at=SENT + timedelta(seconds=2)) == "too_soon"


@pytest.mark.django_db
class TestMail:
    def test_it_is_off_unless_a_stream_chose_it(self):
        message = make_message(body_html=HTML)
        assert outgoing(message).body_html == HTML
        assert not TrackedLink.objects.exists()

    def stream(self, *, opens=True, clicks=True):
        stream = make_stream()
        set_tracking(stream=stream, tracks_opens=opens, tracks_clicks=clicks, actor=ACTOR)
        return stream

    def test_links_lead_through_us_and_are_stored_before_it_leaves(self):
        message = make_message(stream=self.stream(), body_html=HTML)
        html = outgoing(message).body_html
        urls = list(TrackedLink.objects.order_by("number").values_list("url", flat=True))
        assert urls == ["https://firm.example/offer?a=1&b=2", "https://firm.example/x"]
        assert "https://firm.example" not in html
        assert html.count("/l/") == 2
        assert html.count("/o/") == 1
        assert outgoing(message).body == message.body

    def test_building_it_twice_gives_the_same(self):
        message = make_message(stream=self.stream(), body_html=HTML)
        assert outgoing(message).body_html == outgoing(message).body_html
        assert TrackedLink.objects.count() == 2

    def test_a_plain_text_gets_simple_html(self):
        message = make_message(stream=self.stream(opens=False), body="Look at https://firm.example/x.\n\n<b>Bye</b>")
        html = outgoing(message).body_html
        assert "&lt;b&gt;Bye&lt;/b&gt;" in html
        assert TrackedLink.objects.get().url == "https://firm.example/x"

    def test_switching_it_off_holds_for_planned_messages(self):
        stream = self.stream()
        message = make_message(stream=stream, body_html=HTML)
        set_tracking(stream=stream, tracks_opens=False, tracks_clicks=False, actor=ACTOR)
        message.refresh_from_db()
        assert outgoing(message).body_html == HTML


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def message(self):
        stream = make_stream()
        set_tracking(stream=stream, tracks_opens=True, tracks_clicks=True, actor=ACTOR)
        message = make_message(stream=stream, body_html=HTML)
        outgoing(message)
        hour_ago = clock.now() - timedelta(hours=1)
        Message.objects.filter(pk=message.pk).update(state="sent", sent_at=hour_ago, sending_at=hour_ago)
        message.refresh_from_db()
        return message

    def ask(self, client, name, token, agent=BROWSER, method="get"):
        return getattr(client, method)(reverse(f"tracking:{name}", args=[token]), headers={"User-Agent": agent})

    def judge(self, message):
        Hit.objects.update(at=clock.now() - timedelta(minutes=1))
        services.judge(message_id=message.pk)
        message.refresh_from_db()
        return message

    def test_a_click_leads_to_the_stored_address_and_counts(self, client, message):
        answer = self.ask(client, "link", services.token(message.pk, 1))
        assert (answer.status_code, answer["Location"]) == (302, "https://firm.example/offer?a=1&b=2")
        assert self.judge(message).state == "clicked"
        assert Hit.objects.get().verdict == machines.PERSON

    def test_an_opening_counts_once_however_often_it_is_judged(self, client, message):
        answer = self.ask(client, "pixel", services.token(message.pk))
        assert answer["Content-Type"] == "image/gif"
        for _ in range(2):
            self.judge(message)
        assert message.state == "opened"
        assert message.events.filter(kind="opened").count() == 1

    def test_what_a_machine_does_is_kept_apart_and_moves_nothing(self, client, message):
        for number in (1, 2):
            self.ask(client, "link", services.token(message.pk, number))
        self.ask(client, "pixel", services.token(message.pk), agent="Mozilla/5.0")
        self.ask(client, "pixel", services.token(message.pk), method="head")
        assert self.judge(message).state == "sent"
        assert set(message.events.values_list("kind", flat=True)) >= {"machine_clicked", "machine_opened"}
        assert set(Hit.objects.values_list("verdict", flat=True)) == {"all_links", "privacy_proxy", "head"}

    def test_what_came_just_now_is_judged_later(self, client, message):
        self.ask(client, "pixel", services.token(message.pk))
        assert services.judge(message_id=message.pk) == 0
        assert Hit.objects.get().verdict == ""

    @pytest.mark.parametrize("token", ["", "1", "1-1", "1-1~forged", "https://evil.example", "x~y"])
    def test_it_leads_nowhere_else(self, client, message, token):
        path = f"/l/{token}"
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Location" not in answer
        assert not Hit.objects.exists()

    def test_a_token_of_the_pixel_is_none_of_a_link_and_other_signatures_do_not_fit(self, client, message):
        from conversations.consent import links

        for token in (services.token(message.pk), links.token(message.pk), services.token(message.pk, 99)):
            assert self.ask(client, "link", token).status_code == 404
        assert (
            self.ask(client, "pixel", "forged").content == self.ask(client, "pixel", services.token(message.pk)).content
        )

    def test_a_flood_is_not_kept(self, client, message, monkeypatch):
        monkeypatch.setattr(services, "MAX_HITS", 3)
        for _ in range(5):
            self.ask(client, "pixel", services.token(message.pk))
        assert Hit.objects.count() == 3

    def test_our_own_unsubscribe_link_is_left_alone(self, message):
        own = f'<a href="{conf.PUBLIC_BASE_URL}/unsubscribe/x">stop</a>'.replace("http:", "http:")
        assert own in services.prepared(message, own)
