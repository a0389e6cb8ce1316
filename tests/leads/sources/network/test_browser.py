"""The source in a real browser against the made-up network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from leads.models import Identity, Lead
from leads.sources.models import RawRecord
from leads.sources.network import profiles, services
from leads.sources.network.browser import Window, browser
from leads.sources.network.errors import Challenged, CodeNeeded, CredentialsRefused, Limited, Unavailable
from leads.sources.network.models import NetworkAccount, NetworkProfile
from leads.sources.network.seen import Card
from leads.sources.services import CrawlPlan, start_crawl
from outreach.core.errors import Invalid, Refused, Retryable
from outreach.jobs.draining import drain
from tests.leads.sources.network.conftest import ACTOR, LOGIN, somebody
from tests.servers.classifieds_site import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_it_signs_in_with_the_second_factor_and_keeps_the_session(site, account):
    assert "Signed in" in services.sign_in(account=account)
    account.refresh_from_db()
    assert (account.state, account.own_public_id) == ("ready", LOGIN.slug)
    assert "millpond" not in account.session_token  # encrypted
    browser().close()  # another worker has only what is stored
    assert "stored session" in services.sign_in(account=account)
    assert site.world.sign_in_count == 1


def test_a_code_that_only_a_person_has_is_asked_for_and_taken(site, add_account):
    account = add_account(replace(LOGIN, second_factor="code"))
    with pytest.raises(CodeNeeded):
        services.sign_in(account=account)
    account.refresh_from_db()
    assert account.state == "needs_code" and "Enter it" in account.state_reason
    services.enter_code(account=account, code=site.world.codes[-1], actor=ACTOR)
    drain("web")
    account.refresh_from_db()
    assert (account.state, account.code_token) == ("ready", "")
    assert site.world.sign_in_count == 1


def test_a_wrong_code_asks_again(site, add_account):
    account = add_account(replace(LOGIN, second_factor="code"))
    with pytest.raises(CodeNeeded):
        services.sign_in(account=account)
    account.refresh_from_db()
    services.enter_code(account=account, code="000000x", actor=ACTOR)
    drain("web")
    account.refresh_from_db()
    assert account.state == "needs_code" and "not right" in account.state_reason


def test_the_browser_reaches_nothing_of_our_own_network(site, account):
    """Neither by its address, nor by a page that leads there."""
    window = Window(account.pk, "", None)
    with running() as other:
        own = f"http://{other.place}/secret"
        other.routes["/secret"] = lambda handler: handler.send_response(200)

        def look(page):
            statuses = [page.goto(address).status for address in (own, own.replace("127.0.0.1", "localhost"))]
            page.goto(site.url)
            page.evaluate("address => fetch(address, {mode: 'no-cors'}).catch(() => null)", own)
            return statuses

        statuses, _state = browser().call(window, look, seconds=30)
        assert statuses == [403, 403]
        assert not other.requests


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "http://10.0.0.7"]
)
def test_an_account_at_an_address_of_our_own_network_is_refused(add_account, address):
    with pytest.raises(Invalid) as refusal:
        add_account(base_url=address)
    assert (refusal.value.field, refusal.value.code) == ("base_url", "address_not_allowed")


def test_a_wrong_password_stops_the_account_with_the_sites_words(site, add_account):
    account = add_account(password="wrong")
    with pytest.raises(CredentialsRefused, match="password is wrong"):
        services.sign_in(account=account)
    account.refresh_from_db()
    assert account.state == "stopped"
    with pytest.raises(Refused):
        services.sign_in(account=account)
    assert site.world.sign_in_count == 0


def test_search_discovers_people_page_by_page_and_nobody_twice(site, account):
    first = services.search(account=account, keywords="software")
    assert first.has_next and len(first.new) == first.seen_count == 10
    lead = first.new[0].lead
    person = site.world.people[first.new[0].public_id]
    assert (lead.full_name, lead.title, lead.city) == (person.name, person.headline, person.city)
    assert lead.address("network") == first.new[0].address
    again = services.search(account=account, keywords="software")
    assert (again.seen_count, len(again.new)) == (10, 0)
    assert services.search(account=account, keywords="software", page=2).new


def test_a_search_without_results_is_no_error(account):
    assert services.search(account=account, keywords="nobodyknowsthis").seen_count == 0


def test_a_profile_is_read_kept_and_its_neighbours_are_discovered(site, account):
    public_id = somebody(site.world, "warm")
    profile = profiles.discover(account=account, card=Card(public_id, "Somebody"))
    services.read_profile(profile=profile)
    person = site.world.people[public_id]
    lead = Lead.objects.get(pk=profile.lead_id)
    assert (profile.state, profile.degree) == ("enriched", person.degree)
    assert (lead.full_name, lead.title, lead.company.name) == (person.name, person.jobs[0].title, person.jobs[0].firm)
    assert RawRecord.objects.get(external_id=profile.address, media_type=profiles.PROFILE_JSON).lead == lead
    others = NetworkProfile.objects.exclude(pk=profile.pk)
    assert others.count() == 3 and set(others.values_list("state", flat=True)) == {"discovered"}
    assert not Identity.objects.filter(address__endswith=f"/in/{LOGIN.slug}").exists()


def test_a_sparse_profile_is_read_as_far_as_it_goes(site, account):
    profile = profiles.discover(account=account, card=Card(somebody(site.world, "sparse"), ""))
    services.read_profile(profile=profile)
    assert profile.state == "enriched"
    assert profile.facts["missing"]


def test_a_contact_from_before_is_left_alone(site, account):
    profile = profiles.discover(account=account, card=Card(somebody(site.world, "friend"), ""))
    services.read_profile(profile=profile)
    assert (profile.state, profile.degree) == ("ignored", 1)


def test_a_profile_that_is_gone_has_failed(site, account):
    profile = profiles.discover(account=account, card=Card(somebody(site.world, "gone"), ""))
    with pytest.raises(Unavailable):
        services.read_profile(profile=profile)
    assert profile.state == "failed"


def test_the_first_sign_of_a_challenge_stops_everything_until_a_person_looked(site, account):
    services.sign_in(account=account)
    site.world.options.is_challenging = True
    with pytest.raises(Challenged):
        services.search(account=account, keywords="software")
    account.refresh_from_db()
    assert (account.state, account.state_code) == ("stopped", "challenge")
    assert "asks for proof of a person" in account.state_reason
    visits = site.world.visits.total()
    with pytest.raises(Refused, match="asks for proof of a person"):
        services.search(account=account, keywords="software")
    assert services.fill_gaps() == 0
    assert site.world.visits.total() == visits  # not one page more
    site.world.options.is_challenging = False
    services.resume(account=account, actor=ACTOR, reason="Answered it by hand.")
    drain("web")
    account.refresh_from_db()
    assert account.state == "ready"


def test_the_sites_own_limit_is_believed(site, account):
    site.world.options.views_a_day = 0
    profile = profiles.discover(account=account, card=Card(somebody(site.world, "warm"), ""))
    with pytest.raises(Limited, match="many profiles"):
        services.read_profile(profile=profile)
    account.refresh_from_db()
    assert account.limited_until is not None and account.state == "ready"
    with pytest.raises(Retryable) as wait:
        services.read_profile(profile=profile)
    assert wait.value.after > timedelta(hours=20)


def test_our_own_caps_and_gaps_come_first(site, add_account):
    account = add_account(gap_seconds=60, views_a_day=1)
    profile = profiles.discover(account=account, card=Card(somebody(site.world, "warm"), ""))
    with time_machine.travel("2026-03-03T10:00:00Z", tick=True) as clock:
        services.read_profile(profile=profile)
        with pytest.raises(Retryable) as wait:
            services.search(account=account, keywords="software")
        assert timedelta(seconds=40) < wait.value.after <= timedelta(seconds=72)
        clock.shift(timedelta(minutes=2))
        with pytest.raises(Retryable, match="cap") as wait:
            services.read_profile(profile=profile)
        assert wait.value.after > timedelta(hours=20)


def test_gaps_are_filled_with_reading_unless_something_matters_more(site, add_account):
    account = add_account(fills_gaps=True)
    services.search(account=account, keywords="software")
    assert services.fill_gaps() == 1
    assert NetworkProfile.objects.exclude(state="discovered").count() == 1
    NetworkAccount.objects.update(next_major_at=account.created_at)
    assert services.fill_gaps() == 0


def test_a_crawl_job_searches_and_reads_at_the_accounts_pace(site, account):
    job = start_crawl(
        CrawlPlan("network", keywords=["kestrel"], pages=2, options={"account": account.name, "profiles": True}),
        actor=ACTOR,
    )
    drain("web", "default")
    job.refresh_from_db()
    assert job.state == "done", job.reason
    found = NetworkProfile.objects.exclude(state="discovered")
    gone = [p for p in site.world.search("kestrel", 1)[0] + site.world.search("kestrel", 2)[0] if p.character == "gone"]
    assert (job.failed_count, found.count()) == (len(gone), job.new_count - len(gone))
    assert set(found.values_list("state", flat=True)) <= {"enriched", "ignored"}


def test_a_challenge_fails_the_crawl_job_with_its_reason(site, account):
    site.world.options.challenge_after_views = 3
    job = start_crawl(
        CrawlPlan("network", keywords=["software"], pages=9, options={"account": account.name}), actor=ACTOR
    )
    drain("web")
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "challenge")


def test_an_erased_person_is_not_met_again(site, account):
    from leads.directory.erasing import erase

    card = Card(somebody(site.world, "warm"), "Somebody")
    profile = profiles.discover(account=account, card=card)
    erase(lead=profile.lead, actor=ACTOR)
    drain("default")
    profile.refresh_from_db()
    assert (profile.address, profile.public_id, profile.facts) == ("", "", {})
    assert profiles.discover(account=account, card=card) is None
