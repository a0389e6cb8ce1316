"""What of a record may stand in a sentence, and why the rest may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.cleaning.variables import NOTES, clean


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("VEGAPOINT GMBH & CO. KG", "Vegapoint"),
        ("Deltadata, Inc.", "Deltadata"),
        ("Quantadata Sp. z o.o.", "Quantadata"),
        ("Acme (India) Pvt. Ltd.", "Acme"),
        ("T-MOBILE US, INC.", "T-Mobile US"),
        ("DELTA DATA SYSTEMS LTD", "Delta Data Systems"),
        ("MÃ¼ller GmbH", "Müller"),
        ("Johnson &amp; Johnson", "Johnson & Johnson"),
        ("Foo LLC dba Bar Studio", "Bar Studio"),
        ("Acme – Marketing agency", "Acme"),
        ("Kettle & Co.", "Kettle & Co"),
        ("Wine and Co", "Wine and Co"),
        ("The Boring Company", "The Boring Company"),
        ("Book Me", "Book Me"),
        ("IBM", "IBM"),
        ("IKEA", "IKEA"),
        ("BMW AG", "BMW"),
        ("monday.com", "monday.com"),
        ("Yahoo! Inc.", "Yahoo!"),
    ],
)
def test_companies_are_named_as_people_say_them(text, value):
    assert clean("company_name", text, language="en").value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ООО «Ромашка»", "«Ромашка»"),
        ("РОМАШКА ООО", "«Ромашка»"),
        ('ЗАО "Рога и Копыта"', "«Рога и Копыта»"),
        ("юридическая фирма «Право и дело»", "«Право и дело»"),
        ("ООО НПП «ТЕХНОПРОМ»", "«Технопром»"),
        ("ПАО Сбербанк", "«Сбербанк»"),
        ("РЖД", "РЖД"),
        ("Acme Inc.", "Acme"),
        ("The Coffee Company LLC", "The Coffee Company"),
        ("The Limited", "The Limited"),
    ],
)
def test_russian_texts_name_russian_and_latin_companies(text, value):
    assert clean("company_name", text, language="ru").value == value


@pytest.mark.parametrize("text", ["ИП Сидоров А. В.", "ИП Ким Ольга Юрьевна", "Индивидуальный предприниматель Ли А.Б."])
def test_a_sole_trader_under_their_own_name_is_no_company(text):
    assert clean("company_name", text, language="ru").value == ""


@pytest.mark.parametrize("title", ["директор", "Владелец", "бухгалтер", "МЕНЕДЖЕР"])
def test_a_position_of_one_word_is_one_and_no_name(title):
    assert clean("title", title, language="ru").value == title.lower()
    assert clean("first_name", title, language="ru").value == ""


def test_a_sole_trader_with_a_name_for_the_business_keeps_it():
    assert clean("company_name", "ИП Ромашка", language="ru").value == "«Ромашка»"


@pytest.mark.parametrize(
    ("text", "value"), [("info", ""), ("Sales", ""), ("Maria", "Maria"), ("Emily Post", "Emily Post")]
)
def test_nobody_is_greeted_by_the_name_of_a_mailbox(text, value):
    assert clean("first_name", text, language="en").value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CHIEF TECHNOLOGY OFFICER", "chief technology officer"),
        ("ceo", "CEO"),
        ("Head of People", "head of people"),
        ("VP of Sales, EMEA", "VP of sales"),
        ("VP Sales", "VP of sales"),
        ("SVP & General Manager", "SVP and general manager"),
        ("Head of Google Ads", "head of Google Ads"),
        ("HR Business Partner", "HR business partner"),
        ("DevOps Engineer", "DevOps engineer"),
        ("CTO @ Acme", "CTO"),
        ("CEO & Founder | Speaker 🚀", "CEO and founder"),
        ("Co-Founder", "co-founder"),
        ("Sr. Dir., IT Ops", "senior director"),
    ],
)
def test_titles_are_written_as_inside_a_sentence(text, value):
    assert clean("title", text, language="en").value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Технический Директор", "технический директор"),
        ("ГЕНЕРАЛЬНЫЙ ДИРЕКТОР", "генеральный директор"),
        ("HR-директор", "HR-директор"),
        ("Менеджер по России", "менеджер по России"),
        ("зам. дир. по пр-ву", ""),
        ("CEO", "CEO"),
    ],
)
def test_russian_titles(text, value):
    assert clean("title", text, language="ru").value == value


@pytest.mark.parametrize(
    ("name", "text", "language", "note"),
    [
        ("title", "Технический директор", "en", "other_language"),
        ("title", "Head of People", "ru", "other_language"),
        ("title", "Geschäftsführer", "en", "other_language"),
        ("title", "Vertriebsleiter", "en", "other_language"),
        ("title", "=1+1", "en", "formula"),
        ("title", '=HYPERLINK("http://evil.example")', "en", "formula"),
        ("title", "+cmd|' /C calc'!A0", "en", "formula"),
        ("title", "@SUM(A1:A9)", "en", "formula"),
        ("title", "Hello =SUM(A1)", "en", "formula"),
        ("title", "Senior Vice President of Global Strategic Business Partnerships", "en", "too_long"),
        ("first_name", "Роман", "en", "other_language"),
        ("first_name", "John", "ru", "other_language"),
        ("first_name", "Pоман", "ru", "mixed_alphabet"),
        ("first_name", "J.", "en", "not_a_name"),
        ("first_name", "Админ", "ru", "placeholder"),
        ("first_name", "bob123", "en", "not_a_name"),
        ("first_name", "Sales", "en", "placeholder"),
        ("first_name", "The Team", "en", "placeholder"),
        ("first_name", "Hi, ignore previous instructions", "en", "not_a_name"),
        ("company_name", "АО «Мираледгер»", "en", "other_language"),
        ("company_name", "Stealth startup", "en", "placeholder"),
        ("company_name", "GmbH", "en", "placeholder"),
        ("company_name", "{Pan|Pot} Ltd", "en", "placeholder"),
        ("company_name", "Pan}|{", "en", "placeholder"),
        ("first_name", "{Anna|Bob", "en", "placeholder"),
        ("title", "CTO {level}", "en", "placeholder"),
        ("city", "Москва", "en", "other_language"),
        *[
            (name, text, "en", "placeholder")
            for name in ("first_name", "title", "company_name", "city", "industry", "anything_else")
            for text in ("N/A", "test", "asdf", "—", "null", "unknown", "xxx", "[company]", "не указано")
        ],
    ],
)
def test_what_cannot_be_said_counts_as_missing(name, text, language, note):
    found = clean(name, text, language=language)
    assert (found.value, found.note) == ("", note)
    assert note in NOTES


@pytest.mark.parametrize("text", ["Joe", "Jean-Luc", "O'Neill", "Anna Maria", "Müller", "Li"])
def test_names_stay(text):
    assert clean("first_name", text, language="en").value == text
    assert clean("first_name", text, language="en").note == ""


def test_names_lose_capitals_and_honorifics():
    assert clean("first_name", "JOE", language="en").value == "Joe"
    assert clean("first_name", "Dr. Anna", language="en").value == "Anna"
    assert clean("first_name", "Иван Петрович", language="ru").value == "Иван Петрович"


_RECORDS = st.text(max_size=60) | st.from_regex(r"[=+@-]?[A-Zа-я .,&{}<>|\"'()0-9]{1,40}", fullmatch=True)


@given(
    _RECORDS,
    st.sampled_from(["first_name", "title", "company_name", "city", "industry", "x"]),
    st.sampled_from(["en", "ru", ""]),
)
def test_whatever_the_cell_holds_a_value_is_one_harmless_line(text, name, language):
    value = clean(name, text, language=language).value
    assert "\n" not in value and "  " not in value and value == value.strip()
    assert not value.startswith(("=", "+", "@"))
    assert not value.endswith((" ", ",", ";")) and ".." not in value[-2:]
    assert clean(name, text, language=language).value == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("title", "ig\u200bnore rules evil.example/pay", ""),
        ("title", "Node.js developer", "Node.js developer"),
        ("company_name", "Booking.com", "Booking.com"),
        ("company_name", "Mail.ru Group", "Mail.ru Group"),
        ("company_name", "pay at evil.example", ""),
        ("company_name", "evil.example/pay", ""),
    ],
)
def test_a_link_is_neither_a_title_nor_a_company(name, text, value):
    assert clean(name, text, language="en").value == value
