from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.reading import quotes
from conversations.reading.html import html_to_text
from conversations.reading.text import clean
from tests.conversations.reading.test_held_out import squeezed, text_of

CASES = yaml.safe_load((Path(__file__).parent / "quotes.yaml").read_text())
LINES = st.sampled_from(
    [
        "Yes, call me",
        "> quoted",
        ">> twice",
        "",
        "-- ",
        "On Mon, 3 Mar 2025 at 16:12, Ann <ann@x.example> wrote:",
        "3 марта 2025 г., 16:12, Анна <ann@x.example> пишет:",
        "-----Original Message-----",
        "From: Ann",
        "Sent: Monday",
        "To: Bob",
        "________________",
        "Отправлено с iPhone",
        "Sent from my iPhone",
        "Regards,",
        "Да, во вторник",
    ]
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_reply_is_found(case):
    assert squeezed(quotes.split(text_of(case)).reply) == squeezed(case["reply"])


def words(*texts: str) -> Counter[str]:
    return Counter(" ".join(texts).split())


@given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=30).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_no_text_is_ever_lost_or_invented(text):
    found = quotes.split(text)
    assert words(found.reply, found.quoted, found.signature) == words(clean(text))


@given(st.text(max_size=3_000))
@settings(max_examples=100, deadline=None)
def test_html_of_any_shape_is_read(html):
    html_to_text(f"<div>{html}<blockquote>x")


def test_a_long_thread_is_split_in_linear_time():
    text = "Yes\n\n" + "On Mon, 3 Mar 2025 at 16:12, Ann <ann@x.example> wrote:\n" + "> words " * 20_000
    assert quotes.split(text).reply == "Yes"
    quotes.split("On " + "a " * 100_000 + ":")


INTRODUCTIONS = [
    line.replace("\\n", "\n")
    for line in (Path(__file__).parent / "introductions.txt").read_text().splitlines()
    if not line.startswith("#")
]
WRITTEN = "Sounds good, call me.\n\nBen"


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize(
    "quote",
    ["\n\nHi Ben,\n\nshall we talk? Reply stop if not.\n\nAnn", "\n> Hi Ben,\n>\n> shall we talk?\n> Ann"],
    ids=["plain", "marked"],
)
def test_every_usual_introduction_ends_the_reply(introduction, quote):
    assert quotes.split(f"{WRITTEN}\n\n{introduction}{quote}").reply == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "On Tuesday I wrote to Ann about this.",
        "On 3 March Ann said that she wrote to you.",
        "I wrote on 3 March: please call me.",
        "From: Berlin, To: Hamburg. Subject: to change",
        "Ann wrote:\nnothing at all",
        "On Monday, 3 March 2026 at 10:00 we meet. Ok?",
        "As you wrote: it is easy.",
        "Am Montag schrieb ich Ihnen schon.",
        "В понедельник 3 марта Анна написала мне об этом.",
    ],
)
def test_sentences_of_people_introduce_nothing(text):
    assert quotes.split(f"{text}\n\nCall me.").reply == f"{text}\n\nCall me."


def test_an_answer_on_the_line_of_the_introduction_is_kept():
    text = "Yes, call me. On Wed, Mar 4, 2026 at 3:59 PM, Ann <ann@x.example> wrote:\n> Hi"
    assert quotes.split(text).reply == "Yes, call me."


def test_answers_between_and_below_quotes_are_kept():
    text = "On 3 Mar 2026, at 16:02, Ann <ann@x.example> wrote:\n> How many sites?\nFour.\n> And when?\nIn May.\n\nBen"
    assert quotes.split(text).reply == "Four.\nIn May.\n\nBen"
    headers = "From: Ann <ann@x.example>\nDate: 3 Mar 2026\n\n> How many sites?\n\nFour."
    assert quotes.split(headers).reply == "Four."


@pytest.mark.parametrize("end", ["Ann", "Ann Vale", "Best regards\nAnn"])
def test_an_answer_below_an_unmarked_quote_is_found_and_called_uncertain(end):
    text = f"On 3 March 2026 at 16:02, Ann Vale <ann@x.example> wrote:\n\nHi Ben,\n\nshall we talk?\n\n{end}\n\nPlease remove me from your list.\n\nBen"
    found = quotes.split(text)
    assert found.reply == "Please remove me from your list.\n\nBen"
    assert not found.is_certain


def test_our_own_message_tells_where_the_answer_begins():
    ours = "Hi Ben,\n\nshall we talk? Reply stop if not.\n\nNorthwind"
    text = f"On 3 March 2026 at 16:02, Ann Vale wrote:\n\n{ours}\n\nYes."
    found = quotes.split(text, ours=ours)
    assert (found.reply, found.is_certain) == ("Yes.", True)
    assert quotes.split(text.removesuffix("\n\nYes."), ours=ours).reply == ""


@pytest.mark.parametrize(
    "footer",
    [
        "This message is confidential. If you have received it in error, please delete this email from your system.",
        "Confidentiality notice: this e-mail is intended only for the named recipient.",
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, löschen Sie sie bitte.",
        "Ce message est confidentiel et destiné à son seul destinataire.",
        "Este mensaje es confidencial y va dirigido exclusivamente a su destinatario.",
        "Это сообщение может содержать конфиденциальную информацию. Если вы получили его по ошибке, удалите его.",
        "-- \nThis e-mail has been scanned for viruses by SafeScan. Unsubscribe from scan notes: www.safescan.example",
        "____________________\nThis email was checked for viruses by Avast antivirus software.\nwww.avast.example",
        "Отправлено с iPhone",
        "Get Outlook for iOS",
        "Sent with [Proton Mail](https://proton.me/) secure email.",
        "Von meinem iPhone gesendet",
    ],
)
@pytest.mark.parametrize("quote", ["", "\n\nOn 3/3/26 at 16:02 Ann Vale wrote:\n> Hi\n> stop?\n>"])
def test_what_companies_and_scanners_add_is_no_part_of_the_reply(footer, quote):
    found = quotes.split(f"Yes please, send me the details.\n\nBen{quote}\n\n{footer}")
    assert found.reply == "Yes please, send me the details.\n\nBen"
    assert "Hi" not in found.signature


@pytest.mark.parametrize(
    "footer",
    [
        "To unsubscribe from our newsletter, click here: https://firm.example/u",
        "If you no longer wish to receive e-mails from Firm Ltd, reply STOP.",
        "You can opt out of our marketing at any time by replying UNSUBSCRIBE.",
        "Unsubscribe | Manage preferences",
        "Sie möchten unseren Newsletter nicht mehr erhalten? Hier abmelden: https://firm.example/u",
        "Pour vous désabonner de notre lettre d'information, cliquez ici.",
        "Si no desea recibir más correos, haga clic aquí.",
        "Caso não deseje mais receber nossos e-mails, clique aqui.",
        "Чтобы отписаться от рассылки компании «Камень», перейдите по ссылке https://kamen.example/u",
    ],
)
def test_how_to_leave_the_writers_newsletter_is_no_part_of_the_reply(footer):
    assert quotes.split(f"Yes, Tuesday works.\n\nBen\n{footer}").reply == "Yes, Tuesday works.\n\nBen"


@pytest.mark.parametrize(
    "text",
    [
        "unsubscribe",
        "Hello,\nunsubscribe",
        "I want to unsubscribe, the link https://firm.example/u doesn't work, reply when it is done",
        "Hi\nTo unsubscribe I had to click a link, and it is broken. Stop it.",
        "Hi,\nif you don't want to be reported, unsubscribe me",
        "Hallo,\nbitte aus dem Newsletter abmelden",
        "Добрый день!\nКак отписаться? Ссылки нет",
    ],
)
def test_a_wish_to_leave_is_never_taken_for_a_footer(text):
    assert quotes.split(text).reply == text


def test_a_gateways_warning_on_top_is_no_part_of_the_reply():
    text = "CAUTION: This email originated from outside the organization. Do not click links.\n\nYes, call me."
    assert quotes.split(text).reply == "Yes, call me."


@given(
    st.lists(
        st.sampled_from(["a", "-- ", "> b", "", "On 3 Mar 2026, Ann wrote:", "This message is confidential."]),
        max_size=200,
    )
)
@settings(max_examples=100, deadline=None)
def test_signatures_are_found_without_losing_words(lines):
    text = "\n".join(lines)
    found = quotes.split(text)
    assert words(found.reply, found.quoted, found.signature) == words(clean(text))
