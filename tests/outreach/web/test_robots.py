"""robots.txt as it is found in the wild."""

import pytest

from outreach.web.robots import Rules

TEXT = """# d\u00e9fense d'entrer
User-agent: OurBot

User-agent: OtherBot

Disallow: /archive/
Disallow: /?
Allow: /?p=
Disallow: /what%3Fq
Crawl-delay: 3

User-agent: *
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [("/", True), ("/jobs", True), ("/?p=4", True), ("/?x=1", False), ("/archive/1", False), ("/what?q=1", True), ("/what%3fq=1", False), ("/what%3Fq", False)],
)  # fmt: skip
def test_an_escaped_question_mark_is_part_of_the_path(path, is_allowed):
    assert Rules(200, TEXT).allows(f"https://host.example{path}", "OurBot") is is_allowed


def test_empty_lines_between_the_agents_of_a_group_do_not_part_them():
    rules = Rules(200, TEXT)
    assert rules.delay_seconds("OurBot") == 3.0
    assert not rules.allows("https://host.example/", "AnyBot")


@pytest.mark.parametrize("url", ["http://[::1", "http://[bad]/", "https://host.example:port/\udcff"])
def test_a_broken_address_is_answered(url):
    assert Rules(200, TEXT).allows(url, "OurBot") in {True, False}


def test_a_file_that_is_no_utf8_is_read_as_far_as_it_goes():
    broken = TEXT.encode("latin-1").decode("utf-8-sig", "replace")
    assert not Rules(200, broken).allows("https://host.example/archive/", "OurBot")
