"""Postings old and new, and job pages: all that they say, and nothing that they do not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from campaigns.demo import listings_site
from leads.cleaning.compensation import Stated
from leads.sources.base import Unreadable
from leads.sources.listings import json_ld, postings
from leads.sources.listings.adapter import features_of
from outreach.core.errors import Permanent


def ad(city: str, number: int = 0) -> listings_site.Ad:
    return listings_site.ads(city)[number]


def read(city: str, number: int = 0) -> postings.Posting:
    found = ad(city, number)
    return postings.read(listings_site.posting(found), listings_site.address(found))


def test_a_posting_of_today_gives_all_its_fields():
    posting, expected = read("berlin"), ad("berlin")
    assert posting.layout == "classified"
    assert posting.source == "classifieds.example" and posting.external_id == "7700000001"
    assert posting.title == "Python developer for a logistics start-up"
    assert posting.body_text.startswith("Rollwerk is looking for") and "QR Code" not in posting.body_text
    assert "<br>" in posting.body_html and "print-qrcode" not in posting.body_html
    assert posting.posted_at == expected.posted_at and posting.updated_at == expected.posted_at + timedelta(days=1)
    assert (posting.location, posting.street, posting.city) == ("Berlin", "Musterstraße 1", "Berlin")
    assert (posting.country, posting.region) == ("US", "NY")
    assert (posting.latitude, posting.longitude) == (52.5, 13.4)
    assert (posting.area, posting.section, posting.category) == ("berlin", "jobs", "software/qa/dba/etc")
    assert posting.compensation == "$85k–105k" and posting.pay == Stated(85_000, 105_000, "USD")
    assert posting.employment_types == ["full-time"] and posting.job_title == expected.title
    assert (posting.is_remote, posting.is_internship, posting.is_nonprofit) == (True, None, None)
    assert posting.company == "Rollwerk" and posting.contact_name == "Mara Lindt"
    assert posting.emails == ["jobs@rollwerk.example"] and posting.phones == ["+12125550100"]
    assert posting.links == ["https://www.rollwerk.example/jobs"]
    assert [(i.url, i.width, i.height) for i in posting.images] == [
        ("http://images.classifieds.example/7700000001_600x450.jpg", 600, 450)
    ]


def test_a_posting_of_old_gives_as_much_as_it_has():
    posting, expected = read("munich", 1), ad("munich", 1)
    assert posting.layout == "classified-old" and posting.external_id == str(expected.id)
    assert (posting.title, posting.location) == ("Data entry, two days a week", "Munich")
    assert posting.compensation == "$18/hr" and posting.pay == Stated(18, 18, "USD", "hour")
    assert posting.employment_types == ["part-time"] and posting.posted_at == expected.posted_at
    assert posting.category == "software / qa / dba" and posting.latitude == 50.94
    assert "jobs@blattgoldverlag.example" in posting.emails and posting.phones == [expected.phone]


def test_internships_and_non_profits_say_so():
    assert read("berlin", 6).is_internship is True
    assert read("munich", 10).is_nonprofit is True and read("munich", 10).pay is None
    assert read("berlin", 11).pay is None and read("berlin", 11).compensation == "DOE"


def test_a_job_page_is_read_from_its_json_ld():
    posting = read("vienna")
    assert posting.layout == "json-ld" and posting.external_id == str(ad("vienna").id)
    assert (posting.company, posting.contact_name) == ("Rollwerk", "Mara Lindt")
    assert posting.pay == Stated(40_000, 55_000, "EUR", "year") and posting.compensation == "40,000–55,000 EUR per year"
    assert posting.employment_types == ["full-time"] and posting.is_remote is True
    assert (posting.city, posting.country, posting.postal_code) == ("Vienna", "AT", "1010")
    assert posting.body_text.count("\n") >= 2 and "<p>" not in posting.body_text
    assert posting.attributes["skills"] == "Python, Postgres"
    assert posting.expires_at == ad("vienna").posted_at + timedelta(days=60)


def job_page(data: object) -> str:
    return f'<html><body><h1>Heading</h1><script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script></body></html>'


JOB = {"@type": "JobPosting", "title": "Baker", "description": "Bread."}


@pytest.mark.parametrize(
    "data",
    [
        JOB,
        [JOB],
        {"@graph": [{"@type": "Organization"}, JOB]},
        {"@type": "WebPage", "mainEntity": {"about": [JOB]}},
        JOB | {"@type": ["Thing", "http://schema.org/JobPosting"]},
        JOB | {"@type": "schema:JobPosting"},
        "<!-- " + json.dumps(JOB) + " -->",
        "//<![CDATA[\n" + json.dumps(JOB) + "\n//]]>",
        '{"@type": "JobPosting", "title": "Baker", "description": "Bread.",}',
        '{"@type": "JobPosting", "title": "Ba\tker", "description": "Bread\nand more."}',
    ],
)
def test_a_job_posting_is_found_however_it_is_nested(data):
    posting = postings.read(job_page(data), "https://jobs.firm.example/1")
    assert posting.title.replace(" ", "") == "Baker" and posting.body_text.startswith("Bread")


@pytest.mark.parametrize(
    ("salary", "expected"),
    [
        (
            {"@type": "MonetaryAmount", "currency": "usd", "value": {"value": "25.50", "unitText": "HOUR"}},
            Stated(25.5, 25.5, "USD", "hour"),
        ),
        (
            {"currency": "EUR", "minValue": 3000, "maxValue": 4000, "unitText": "MONTH"},
            Stated(3000, 4000, "EUR", "month"),
        ),
        ({"currency": "EUR", "value": 50000}, Stated(50000, 50000, "EUR")),
        ({"currency": "EUR", "value": {"minValue": 50000}}, Stated(50000, None, "EUR")),
        (
            [{"currency": "GBP", "value": {"minValue": "30,000", "maxValue": "40,000", "unitText": "YEAR"}}],
            Stated(30000, 40000, "GBP", "year"),
        ),
        ("60.000 € pro Jahr", Stated(60000, 60000, "EUR", "year")),
        (45000, Stated(45000, 45000)),
        ({"currency": "EUR", "value": {"value": 0}}, None),
        ({"currency": "EUR", "value": {"value": None}}, None),
        ("competitive", None),
        (None, None),
        ([], None),
        (True, None),
    ],
)
def test_salaries_come_in_every_shape(salary, expected):
    assert postings.read(job_page(JOB | {"baseSalary": salary}), "https://jobs.firm.example/1").pay == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("Berlin", ("", "Berlin")),
        ({"address": "Musterstr. 1, Berlin"}, ("", "Musterstr. 1, Berlin")),
        ({"address": {"addressLocality": ["Berlin", "Hamburg"], "addressCountry": "DE"}}, ("Berlin", "Berlin, DE")),
        ([{"address": [{"addressLocality": "Köln"}]}], ("Köln", "Köln")),
        ([], ("", "")),
        ({"address": None, "name": 7}, ("", "7")),
        (42, ("", "")),
    ],
)
def test_places_come_in_every_shape(location, expected):
    posting = postings.read(job_page(JOB | {"jobLocation": location}), "https://jobs.firm.example/1")
    assert (posting.city, posting.location) == expected


def test_odd_types_everywhere_do_no_harm():
    odd = {k: [None, {"x": []}, 3] for k in ("title", "description", "datePosted", "employmentType", "identifier", "image", "skills", "hiringOrganization", "applicationContact", "jobLocationType", "industry")}  # fmt: skip
    posting = postings.read(
        job_page(JOB | odd | {"hiringOrganization": {"name": {"@value": "Bakery"}}}), "https://jobs.firm.example/1"
    )
    assert posting.company == "Bakery" and posting.posted_at is None


def body(text: str) -> postings.Posting:
    return postings.read(
        f'<span id="titletextonly">x</span><section id="postingbody">{text}</section>',
        "https://x.example.org/a/7700000001.html",
    )


def test_addresses_in_the_text_are_found_in_their_disguises():
    assert body("write to Anna@Firm.example, or anna@firm.example.").emails == ["anna@firm.example"]
    assert body("mail me: anna (at) firm (dot) example").emails == ["anna@firm.example"]
    assert body("anna [at] firm.example").emails == ["anna@firm.example"]
    assert body("meet us at firm today, look at site.example").emails == []
    assert body("call (212) 555-0142 or +49 30 1234567").phones == ["(212) 555-0142", "+49 30 1234567"]
    assert body("pay 10 - 20 - 30, id 7700000001, since 2019-2024").phones == []
    assert body("see https://firm.example/jobs.").links == ["https://firm.example/jobs"]


def test_the_text_keeps_its_lines_and_drops_what_is_not_text():
    found = body("one<br>two<ul><li>a<li>b</ul><script>evil()</script><style>x</style><p>last &amp; least</p>")
    assert found.body_text.split("\n") == ["one", "two- a", "- b", "last & least"] or "evil" not in found.body_text
    assert "evil" not in found.body_text and "last & least" in found.body_text


@pytest.mark.parametrize(
    ("page", "error", "code"),
    [
        ("<html><body>This posting has been deleted by its author.</body></html>", Permanent, "gone"),
        ("<html><body>This posting has expired.</body></html>", Permanent, "gone"),
        ("<html><title>Just a moment...</title></html>", Unreadable, "blocked"),
        ("<html><body><h1>Something new</h1></body></html>", Unreadable, "layout_unknown"),
    ],
)
def test_a_page_that_is_no_posting_is_an_error(page, error, code):
    with pytest.raises(error) as caught:
        postings.read(page, "https://x.example.org/a/7700000001.html")
    assert caught.value.code == code


def test_features_carry_what_qualification_reads():
    features = features_of(read("berlin"))
    assert features.kind == "listing" and features.language == "en" and features.tags == ("software/qa/dba/etc",)
    assert features.activity_at == ad("berlin").posted_at + timedelta(days=1)
    assert features.attributes["pay_min"] == 85_000 and features.attributes["pay_currency"] == "USD"
    assert features.attributes["employment_type"] == ["full-time"] and features.attributes["latitude"] == 52.5
    known = {name for name, value in vars(features).items() if value not in ("", (), None, {})} | set(
        features.attributes
    )
    assert len(known) >= 25


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "a@" * 100_000,
        "1-" * 100_000,
        "at " * 100_000,
        "<br>" * 100_000,
        "a" * 500_000,
        "contact:" * 50_000,
        "(at) " * 50_000,
        "1 " * 100_000,
    ],
)
def test_no_posting_takes_long(text):
    body(text)


@pytest.mark.parametrize(
    "script",
    [
        '%s;',
        '%s ; ',
        '// made by a plugin\n%s\n// end',
        '/* made by a plugin */ %s',
        '{"@graph": [%s, ]}',
        '<!-- %s -->',
    ],
)  # fmt: skip
def test_json_ld_is_read_through_what_scripts_leave_around_it(script):
    posting = '{"@type": "JobPosting", "title": "Cook", "description": "Cooks // daily\n at https://firm.example/a"}'
    page = f'<html><script type="application/ld+json">{script % posting}</script></html>'
    found = json_ld.find(LexborHTMLParser(page))
    assert found is not None
    assert found["title"] == "Cook"
    assert found["description"].startswith("Cooks // daily")
    assert found["description"].endswith("https://firm.example/a")
