"""Result pages: four layouts, and never “nothing found” for a page that was not understood."""

from __future__ import annotations

import pytest

from campaigns.demo import listings_site
from leads.sources.base import Unreadable
from leads.sources.listings import results

BASE = "http://berlin.classifieds.example/search/sof"
LAYOUTS = [("berlin", "static"), ("hamburg", "gallery"), ("munich", "rows"), ("cologne", "paragraphs")]


@pytest.mark.parametrize(("city", "layout"), LAYOUTS)
def test_each_layout_is_recognised_and_read(city, layout):
    found = results.read(listings_site.results(city, "sof", "", 0), f"http://{city}.classifieds.example/search/sof")
    ads = listings_site.ads(city)[: len(found.rows)]
    assert found.layout == layout and len(found.rows) >= 10
    assert [(r.title, r.url, r.external_id) for r in found.rows] == [
        (a.title, listings_site.address(a), str(a.id)) for a in ads
    ]
    assert all(r.location == city.title() for r in found.rows)


def test_the_static_list_takes_coordinates_from_its_json_ld():
    rows = results.read(listings_site.results("berlin", "sof", "", 0), BASE).rows
    assert (rows[3].latitude, rows[3].longitude) == (52.503, 13.4)
    assert rows[0].price == "$85k–105k"


def test_a_json_ld_that_lost_an_item_does_not_shift_the_coordinates():
    page = listings_site.results("berlin", "sof", "", 0).replace(
        '"name": "Python developer for a logistics start-up"', '"name": "other"'
    )
    rows = results.read(page, BASE).rows
    assert rows[0].latitude is None and rows[1].latitude == 52.501


@pytest.mark.parametrize("city", ["munich", "cologne"])
def test_old_layouts_lead_to_the_next_page(city):
    base = f"http://{city}.classifieds.example/search/sof"
    assert results.read(listings_site.results(city, "sof", "", 0), base).next_url == f"{base}?query=&s=10"
    assert results.read(listings_site.results(city, "sof", "", 20), base).next_url == ""


@pytest.mark.parametrize(("city", "layout"), LAYOUTS)
def test_nothing_found_is_only_what_the_page_says_itself(city, layout):
    page = listings_site.results(city, "sof", "no-such-word", 0)
    assert results.read(page, BASE).layout == "empty"


@pytest.mark.parametrize(
    "row",
    [
        ('<p class="row"><span class="itemdate">Jan 5</span> - <a href="/sof/7700000001.html">Cook</a><span class="itempp"> $900</span>'
        '<span class="itempn"><font size="-1"> (Altona)</font></span></p>'),
        '<p class="row">Jan 5 - <a href="/sof/7700000001.html">Cook -</a> $900 <font size="-1">(Altona)</font></p>',
        ('<p class="row" data-pid="7700000001"><span class="pl"><span class="date">Jan 5</span> <a href="/sof/7700000001.html">Cook</a></span>'
        '<span class="l2"> $900 / full time - (Altona) <span class="px">pic</span></span></p>'),
        '<p class="row"><a href="/sof/7700000001.html">Cook</a> <span class="l2"><span class="price">$900</span><span class="pnr"><small> (Altona)</small></span></span></p>',
    ],
)  # fmt: skip
def test_the_oldest_rows_say_price_and_place_in_several_ways(row):
    found = results.read(f"<html><body>{row}</body></html>", BASE).rows[0]
    assert (found.title, found.price, found.location) == ("Cook", "$900", "Altona")


@pytest.mark.parametrize(
    "meta",
    [
        '<span title="2026-03-01">1h ago</span> · Altona · $20/hr · Acme Care GmbH',
        '<span title="2026-03-01">1h ago</span> · Acme Care Inc. · $20/hr · Altona',
        '<span title="2026-03-01">1h ago</span> · $20/hr · <span class="company">Acme Care</span> · Altona',
    ],
)
def test_the_employer_in_the_gallery_is_no_place(meta):
    meta = meta.replace(" · ", "<i>·</i>")
    page = f'<div class="cl-search-result" data-pid="7700000001" title="Cook"><a class="posting-title" href="/sof/7700000001.html">Cook</a><div class="meta">{meta}</div></div>'
    assert results.read(page, BASE).rows[0].location == "Altona"


def test_a_place_that_is_named_as_such_goes_before_what_stands_among_the_facts():
    page = (
        '<div class="cl-search-result" data-pid="7700000001" title="Cook"><a class="posting-title" href="/sof/7700000001.html">Cook</a>'
        '<div class="supertitle">Altona</div><div class="meta"><span title="2026-03-01">1h ago</span><i>·</i>Acme Care</div></div>'
    )
    assert results.read(page, BASE).rows[0].location == "Altona"


LONG = "<footer>" + "<a href='/about'>about us and our terms</a> " * 200 + "</footer>"


@pytest.mark.parametrize(
    "said",
    [
        "<h3>No matching jobs today</h3>",
        "<p>Your search did not match any postings.</p>",
        "<p>Keine passenden Anzeigen</p>",
        "<div class='search-message'>Нет объявлений</div>",
        "<p>Aucune annonce</p>",
        "<span class='totalcount'>0</span>",
    ],
)
def test_a_zero_page_is_believed_however_long_it_is(said):
    assert results.read(f"<html><body>{said}{LONG}</body></html>", BASE).layout == "empty"


def test_a_page_that_links_to_postings_is_not_empty_whatever_it_says():
    cards = "".join(f"<div class='card'><a href='/sof/770000000{n}.html'>Cook</a></div>" for n in range(5))
    with pytest.raises(Unreadable) as caught:
        results.read(f"<html><body><p>No results nearby</p>{cards}</body></html>", BASE)
    assert caught.value.code == "layout_unknown"


PROBLEMS = [
    (
        "<html><body><h1>Jobs</h1><div class='brand-new-card'><a href='/x'>Python</a></div></body></html>",
        "layout_unknown",
    ),
    ("", "layout_unknown"),
    ("<html><body><ul class='rows'></ul></body></html>", "layout_unknown"),
    ("<ol><li class='cl-static-search-result'>no link any more</li></ol>", "layout_unknown"),
    ("<html><body><div id='cl-search-app'></div></body></html>", "still_rendering"),
    ("<html><body><div class='cl-results-page'><div class='bd-spinner'></div></div></body></html>", "still_rendering"),
    (
        "<html><body><noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div></body></html>",
        "still_rendering",
    ),
    ("<html><title>blocked</title><body>This IP has been automatically blocked.</body></html>", "blocked"),
    ("<html><title>Just a moment...</title></html>", "blocked"),
]


@pytest.mark.parametrize(("page", "code"), PROBLEMS)
def test_a_page_without_rows_that_does_not_say_so_is_an_error(page, code):
    with pytest.raises(Unreadable) as caught:
        results.read(page, BASE)
    assert caught.value.code == code
    assert caught.value.body == page.encode()


def test_the_rendered_gallery_goes_before_the_static_list_beneath_it():
    page = listings_site.results("hamburg", "sof", "", 0) + listings_site.results("berlin", "sof", "", 0)
    assert results.read(page, BASE).layout == "gallery"


def test_odd_links_are_left_out_and_doubles_are_one():
    page = (
        '<li class="result-row"><a class="result-title" href="javascript:alert(1)">bad</a></li>'
        '<li class="result-row"><a class="result-title" href="/sof/7700000001.html#top">one</a></li>'
        '<li class="result-row"><a class="result-title" href="/sof/7700000001.html">one again</a></li>'
        '<li class="result-row"><a class="result-title" href="/sof/7700000002.html"> </a></li>'
        '<li class="result-row"><a class="result-title" href="/sof/7700000003.html">far</a><span class="nearby"> (Potsdam)</span></li>'
    )
    rows = results.read(page, BASE).rows
    assert [r.title for r in rows] == ["one", "far"] and rows[1].is_nearby and rows[1].location == "Potsdam"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://berlin.example.org/sof/7700000001.html", "7700000001"),
        ("https://berlin.example.org/view/d/python-developer/7700000001", "7700000001"),
        ("https://www.example.org/view/d/roofer/rfSB7va5Vn4SdEBpSiTT9g", "rfSB7va5Vn4SdEBpSiTT9g"),
        ("https://berlin.example.org/search/sof", ""),
    ],
)
def test_the_id_stands_in_the_address(url, expected):
    assert results.id_of(url) == expected


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "page",
    ["<" * 200_000, "<div>" * 50_000, "<li class='result-row'>" * 20_000, "\x00" * 100_000, "<p class=row>" * 20_000],
)
def test_no_page_takes_long(page):
    with pytest.raises(Unreadable):
        results.read(page, BASE)
