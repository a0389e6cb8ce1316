import csv
import io

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.cleaning import cells as cleaning
from leads.cleaning import contacts, names
from leads.imports.columns.mapping import propose
from leads.imports.columns.rows import RowCleaner
from outreach.core import addresses
from outreach.core.errors import Invalid


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ООО «Ромашка»", "ромашка"),
        ('ПАО "Сбербанк"', "сбербанк"),
        ("ИП Иванов И. И.", "иванов и и"),
        ("Общество с ограниченной ответственностью «Зелёный мир»", "зеленый мир"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Deutsche Bank Aktiengesellschaft", "deutsche bank"),
        ("Acme, Inc.", "acme"),
        ("ACME  LLC", "acme"),
        ("Sberbank PJSC", "sberbank"),
        ("Spółka Sp. z o.o.", "społka"),
        ("AG", "ag"),
        ("株式会社トヨタ", "トヨタ"),
        ("株式会社", "株式会社"),
    ],
)
def test_equal_companies_have_equal_keys(name, key):
    assert names.company_key(name) == key


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "DE"), ("германия", "DE"), ("Deutschland", "DE"), ("de", "DE"), ("DEU", "DE"), ("Россия", "RU"), ("РФ", "RU"), ("USA", "US"), ("U.S.A.", "US"), ("Соединённые Штаты", "US"), (" uk ", "GB"), ("Czech Republic", "CZ"), ("Alemania", "DE"), ("Royaume-Uni", "GB"), ("Україна", "UA"), ("EEUU", "US"), ("Deutschland (DE)", "DE"), ("Berlin, Germany", "DE"), ("Austin, TX, USA", "US"), ("", ""), ("n/a", "")],
)  # fmt: skip
def test_countries_become_codes(text, code):
    assert cleaning.country(text) == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller und Söhne GmbH", "Mueller & Soehne GmbH"),
        ("Groß und Klein OHG", "Gross & Klein OHG"),
        ("Smith and Sons Ltd", "Smith & Sons Limited"),
        ("Acme Spółka z o.o.", "Acme Sp. z o.o."),
        ("ACME SP. Z O. O.", "Acme sp. zoo"),
        ("Hobart (India) Pvt. Ltd.", "Hobart India Private Limited"),
        ("Ferrari S.p.A.", "Ferrari SpA"),
        ("Novák spol. s r.o.", "Novák s.r.o."),
        ("LLC Vesna", "Vesna LLC"),
        ("Vale & Co", "Vale & Co."),
        ("株式会社トヨタ", "トヨタ 株式会社"),
        ("Sp. z o.o. Kowalski", "Kowalski Sp.z o.o."),
    ],
)
def test_names_that_are_written_in_two_ways_are_one_company(one, other):
    assert names.company_key(one) == names.company_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tell Me", "Tell"),
        ("Horizontal SaaS", "Horizontal GmbH"),
        ("Fixit PC", "Fixit"),
        ("Blue Lagoon Spa", "Blue Lagoon GmbH"),
        ("Poet Ltd", "Pot Ltd"),
        ("True GmbH", "Tru GmbH"),
    ],
)
def test_a_word_that_only_looks_like_a_legal_form_belongs_to_the_name(one, other):
    assert names.company_key(one) != names.company_key(other)


@pytest.mark.parametrize("name", ["COOP", "AMBA", "S.C.S & COMPANY", "GmbH & Co. KG", "«Sp. z o.o.»", "The"])
def test_every_name_has_a_key(name):
    assert names.company_key(name)


def test_an_unknown_country_is_invalid():
    with pytest.raises(Invalid) as caught:
        cleaning.country("Atlantis")
    assert caught.value.code == "country_unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7707083893", "7707083893"),
        ("DE 123 456 789", "DE123456789"),
        ("7707083893.0", "7707083893"),
        ("", ""),
        ("-", ""),
    ],
)
def test_tax_ids_lose_blanks_and_signs(text, expected):
    assert cleaning.tax_id(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [("7.7E+09", "tax_id_mangled"), ("7,7E+09", "tax_id_mangled"), ("7.70708E+09", "tax_id_mangled"), ("abc", "tax_id_invalid"), ("000000", "tax_id_invalid")],
)  # fmt: skip
def test_spoilt_tax_ids_are_told_apart(text, code):
    with pytest.raises(Invalid) as caught:
        cleaning.tax_id(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("IVANOV IVAN", "Ivanov Ivan"), ("anna-maria o'neill", "Anna-Maria O'Neill"), ("LUDWIG VAN BEETHOVEN", "Ludwig van Beethoven"), ("Dr. Anna  Schmidt", "Anna Schmidt"), ("McDonald", "McDonald"), ("\u200bАННА\u00a0ИВАНОВА", "Анна Иванова"), ("N/A", "")],
)  # fmt: skip
def test_names_get_natural_capitals(text, expected):
    assert names.person_name(text) == expected


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Anna Schmidt", ("Anna", "Schmidt")), ("Schmidt, Anna", ("Anna", "Schmidt")), ("Иванов Иван Иванович", ("Иван", "Иванов")), ("Иван Иванович Иванов", ("Иван", "Иванов")), ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")), ("Cher", ("Cher", "")), ("Ершов Олег", ("Олег", "Ершов")), ("Жукова Марина", ("Марина", "Жукова")), ("Марина Жукова", ("Марина", "Жукова"))],
)  # fmt: skip
def test_names_are_split(name, parts):
    assert names.split_name(name) == parts


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [("8 (000) 123-45-67", "RU", "+70001234567"), ("+1 (212) 555-0101", "", "+12125550101"), ("0030 151 23456789", "", ""), ("tel. +1 212 555 0101", "", "+12125550101"), ("2125550101", "US", "+12125550101"), ("12125550101", "", "+12125550101")],
)  # fmt: skip
def test_phones_become_international(text, country, number):
    if number:
        assert contacts.phone(text, country=country) == number
    else:
        with pytest.raises(Invalid):
            contacts.phone(text, country=country)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("tel:+1-212-555-0107;ext=12", "", "+12125550107"),
        ("+1 212 555 0107 ext. 5", "", "+12125550107"),
        ("+1 212 555 0107 #12", "", "+12125550107"),
        ("Mob: +1 212 555 0107 [private]", "", "+12125550107"),
        ("\u202a+1 (212) 555\u20110107\u202c", "", "+12125550107"),
        ("\u2066+1 212 555 0107\u2069", "", "+12125550107"),
        ("+49 (0) 30 23125-042", "", "+493023125042"),
        ("0049(0)3023125042", "", "+493023125042"),
        ("030 / 231 25-042 (Empfang)", "DE", "+493023125042"),
        ("(030) 23125042", "DE", "+493023125042"),
    ],
)
def test_what_people_write_around_a_number_is_left_out(text, country, number):
    assert contacts.phone(text, country=country) == number


@pytest.mark.parametrize(
    "text",
    ["+49ab.30123456", "+4930123456xyz", "1-800-FLOWERS", "+1 212 555 0107, +1 212 555 0108", "+12125550107 or +12125550108", "212 555 0107 / 212 555 0108"],
)  # fmt: skip
def test_letters_are_no_digits_and_two_numbers_are_not_one(text):
    with pytest.raises(Invalid) as caught:
        contacts.phone(text, country="US")
    assert caught.value.code == "phone_invalid"


def test_a_phone_that_a_spreadsheet_rounded_is_told_apart():
    with pytest.raises(Invalid) as caught:
        contacts.phone("4.91512E+12")
    assert caught.value.code == "phone_mangled"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1,200", 1200, None),
        ("1 200", 1200, None),
        ("51-200", 51, 200),
        ("11–50 employees", 11, 50),
        ("1,001 - 5,000", 1001, 5000),
        ("от 11 до 50", 11, 50),
        ("1001+", 1001, cleaning.MOST_EMPLOYEES),
        ("12.0", 12, None),
        ("7-7", 7, None),
        ("", None, None),
    ],
)
def test_numbers_of_employees_keep_their_range(text, low, high):
    assert cleaning.employees(text) == (low, high)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|'/c calc'!A1", "-2+3+cmd", "@SUM(1)", "\t=1", '=HYPERLINK("x")', " =1"])
def test_formulas_are_neutralised_and_come_back_as_they_were(cell):
    out = cleaning.neutralise(cell)
    assert out[0] not in (*cleaning.FORMULA_STARTS, " ")
    assert cleaning.one_line(out) == cleaning.one_line(cell)


def test_numbers_with_a_sign_are_no_formulas():
    assert not any(cleaning.is_formula(text) for text in ("+1 212 555 0101", "-5", "-", "+", "a=b", ""))
    assert all(cleaning.is_formula(text) for text in ("=1+1", "@x", "-1+cmd", "+SUM(A1)"))


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[a-z0-9.-]{1,20}\.[a-z]{2,6}", fullmatch=True))
@settings(max_examples=500, deadline=None)
def test_the_short_way_for_addresses_agrees_with_the_long_one(text):
    try:
        slow = addresses.normalise_email(text)
    except Invalid:
        slow = ""
    try:
        fast = contacts.email(text)
    except Invalid:
        fast = ""
    assert fast == slow


CLEANERS = [
    cleaning.one_line, names.person_name, names.company_name, names.company_key, cleaning.country, cleaning.tax_id,
    cleaning.employees, cleaning.flag, cleaning.language, cleaning.time_zone, cleaning.tags, contacts.email, contacts.phone,
    contacts.web_address, contacts.domain, contacts.profile, cleaning.paragraphs,
]  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.sampled_from(CLEANERS))
@settings(max_examples=1500, deadline=None)
def test_cleaning_answers_or_refuses_and_never_breaks(text, cleaner):
    try:
        value = cleaner(text)
    except Invalid as error:
        value = error.code
    if isinstance(value, str):
        assert "\0" not in value
        if cleaner is not cleaning.paragraphs:
            assert "\n" not in value and "\t" not in value


@given(st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_keys_are_stable(text):
    assert cleaning.key(cleaning.key(text)) == cleaning.key(text)
    assert names.company_key(names.company_key(text)) == names.company_key(text)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=6, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_row_of_anything_is_clean_or_refused(cells):
    columns = ["Name", "Email", "Phone", "Company", "INN", "Country"]
    mapping = {p.column: p.field for p in propose(kind="people", columns=columns)}
    cleaner = RowCleaner(kind="people", columns=columns, mapping=mapping, default_country="DE")
    try:
        row = cleaner.clean(cells)
    except Invalid:
        return
    assert row.person is not None and row.key
    csv.writer(io.StringIO()).writerow(row.person.values())


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@given(st.sampled_from(REGIONS), st.integers(0, 10**10), st.sampled_from(["", " ", "-", "(0) "]))
@settings(max_examples=1500, deadline=None)
def test_the_short_way_for_phones_agrees_with_the_long_one(region, tail, separator):
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    code = phonenumbers.country_code_for_region(region)
    national = str(example.national_number if example else 5550100)
    text = f"+{code} {separator}{national[: max(2, len(national) - 5)]}{str(tail)[: len(national) - max(2, len(national) - 5)]}"
    try:
        slow = addresses.normalise_phone(text)
    except Invalid:
        slow = ""
    fast = contacts._plain_international(text)
    assert fast in {"", slow}


def test_a_russian_number_as_it_is_written_at_home_is_not_taken_to_vietnam():
    assert contacts.phone("8 (495) 123-45-67", country="RU") == "+74951234567"
    with pytest.raises(Invalid):
        contacts.phone("8 (495) 123-45-67")


@pytest.mark.parametrize(
    ("text", "full", "parts"),
    [
        ("Jean-Luc PICARD", "Jean-Luc Picard", ("Jean-Luc", "Picard")),
        ("dr. anna MÜLLER", "Anna Müller", ("Anna", "Müller")),
        ("John O'REILLY", "John O'Reilly", ("John", "O'Reilly")),
        ("JP Morgan", "JP Morgan", ("JP", "Morgan")),
        ("John Smith, MBA", "John Smith, MBA", ("John", "Smith")),
        ("Jane Doe, Ph.D., PMP", "Jane Doe, Ph.D., PMP", ("Jane", "Doe")),
        ("Ann Lee MBA", "Ann Lee MBA", ("Ann", "Lee")),
        ("Smith, John, Jr.", "Smith, John, Jr.", ("John", "Smith")),
        ("Smith, J.D.", "Smith, J.D.", ("J.D.", "Smith")),
        ("Ken Jones III", "Ken Jones III", ("Ken", "Jones")),
        ("Jack Ma", "Jack Ma", ("Jack", "Ma")),
        ("Ho, Do", "Ho, Do", ("Do", "Ho")),
        ("Ivan (Vanya) Petrov", "Ivan (Vanya) Petrov", ("Ivan", "Petrov")),
        ("Jane Doe | Acme", "Jane Doe | Acme", ("Jane", "Doe")),
        ("Иванов Иван, к.т.н.", "Иванов Иван, к.т.н.", ("Иван", "Иванов")),
        ("PhD", "PhD", ("PhD", "")),
    ],
)
def test_degrees_employers_and_capitals_are_no_part_of_first_and_last_name(text, full, parts):
    assert (names.person_name(text), names.split_name(names.person_name(text))) == (full, parts)


@given(st.text(max_size=60))
def test_no_name_breaks_the_split(text):
    first, last = names.split_name(names.person_name(text))
    assert isinstance(first, str) and isinstance(last, str)
