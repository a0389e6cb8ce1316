"""Ways to say stop, and ordinary words that sound like it; kinds met in the field, in wordings of our own."""

from __future__ import annotations

from datetime import date

import pytest

from conversations.replies import intents, optouts, rules

TODAY = date(2026, 3, 2)


def read(text: str, subject: str = "") -> intents.Understanding:
    return intents.understand(text, today=TODAY, subject=subject)


@pytest.mark.parametrize(
    "text",
    [
        "Stop. Thanks",
        "STOP ⛔",
        "stop!!!!",
        "Stop2end",
        "stop it",
        "opt me out",
        "I opt out",
        "Revoke",
        "lose my number please",
        "take me off that list",
        "no mas",
        "Alto",
        "ARRÊT",
        "S-T-O-P",
        "unsub",
        "remove me",
        "Remove me, thanks",
        "no more",
        "🛑",
        "🚫🚫",
        "отвали",
        "не пишите больше",
        "хватит спамить",
        "СТОП!!!",
        "отпишите меня, пожалуйста",
        "Denme de baja por favor",
        "dejen de escribirme",
        "no quiero recibir más correos",
        "no me escriban más",
        "would you be so kind as to take me off your list?",
        "Please erase all personal data you hold about me.",
        "You have no lawful basis to process my data.",
        "Delete my personal data.",
        "Bitte nehmen Sie mich aus dem Verteiler",
        "Bitte löschen Sie mich aus Ihrem Verteiler",
        "Schreiben Sie mir nicht mehr",
        "désinscrivez-moi",
        "ne m'écrivez plus",
        "arrêtez de m'envoyer des mails",
        "parem de me mandar mensagens",
        "não quero mais receber",
    ],
)
def test_direct_words_are_certain(text):
    assert read(text).opt_out is not None


@pytest.mark.parametrize(
    "text",
    [
        "I already asked you twice",
        "this is harassment",
        "👎",
        "🖕",
        "you are getting blocked",
        "how many times do I have to say no",
        "я же просил не беспокоить",
        "сколько можно уже",
        "esto es acoso",
        "das ist Belästigung",
        "c'est du harcèlement",
        "isso é assédio",
    ],
)
def test_indirect_words_are_held_or_certain(text):
    found = read(text)
    assert found.is_held or found.opt_out


@pytest.mark.parametrize(
    "text",
    [
        "Count us in! We have got to STOP this nonsense from going on!!",
        "Can't stop laughing, go on",
        "The end of the month works",
        "Liked “Hi Tom, it's Kim about your shifts. Reply STOP to opt out.”",
        "Reacted ❤️ to “Would Friday suit you? Reply STOP to opt out.”",
        "Emphasised an image",
        "Please cancel our call on Monday, Friday at 9 is better",
        "I'd quit before counting hours again. What's the price?",
        "What happens if I text STOP by accident?",
        "Stop by our booth if you like",
        "Do you have a way to remove old entries from my list?",
        "Please don't remove me",
        "Пожалуйста, не удаляйте меня из рассылки",
        "Yes please.\n\nIf you received this in error, please delete this email from your system.",
    ],
)
def test_ordinary_words_are_neither_certain_nor_held(text):
    found = read(text)
    assert found.opt_out is None and not found.is_held


def test_a_hostile_no_is_never_positive():
    for text in ("да отвяжитесь вы наконец со своим предложением", "get lost with your offer", "засуньте его себе"):
        found = read(text)
        assert found.intent not in {"positive", "booking"} and (found.opt_out or found.is_held)


def test_the_subject_opts_out_when_it_is_their_own():
    assert read("", subject="UNSUBSCRIBE").opt_out
    assert read("See above.", subject="please remove me from your list").opt_out
    assert not read("Yes please, send it over.", subject="Re: Stop wasting time on rotas").opt_out


def test_below_six_hundred_characters_it_is_suspected_not_certain():
    found = read("We run three wards and the planning is a mess. " * 15 + "\nPlease remove me from your mailing list.")
    assert found.opt_out is None and found.is_held


def test_a_rule_and_a_suspicion_have_their_evidence():
    assert "remove me" in optouts.find("please remove me from your list").evidence
    assert optouts.suspect("this is harassment") == "harassment"


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\u200b", "?" * 5_000, "a" * 50_000, "🛑" * 500, "stop " * 5_000, "((((" * 2_000]
)
def test_no_input_breaks_it(text):
    assert read(text, subject=text).intent


@pytest.mark.parametrize(
    "text",
    [
        "It would be easier if we did not hear from one another again.",
        "We should not be hearing from each other any more.",
        "None of us wants to get written to about this.",
        "Good product. Still, strike my two assistants off, please.",
        "I would be grateful if you never got in touch again.",
        "We'd prefer it if you don't follow up.",
        "Никто у нас не хотел этих ваших писем.",
    ],
)
def test_wishes_about_contact_itself_are_suspected(text):
    found = read(text)
    assert found.is_held or found.opt_out


@pytest.mark.parametrize(
    "text",
    [
        "I'd prefer that you don't include the setup fee.",
        "We have not had time to read it, can you take the second page off?",
        "Nobody here wants to decide before March.",
    ],
)
def test_wishes_about_anything_else_are_not(text):
    assert not optouts.suspect(text)


class Halves:
    """A reader that finds an opt-out likely and whose more doubtful half gives it `lesser`."""

    def __init__(self, lesser: float) -> None:
        self._lesser = lesser

    def read(self, texts):
        return [{"opt_out": 0.97, "negative": 0.02, "abusive": 0.0, "unclear": 0.005, "talk": 0.005} for _ in texts]

    def lesser(self, text, name):
        return self._lesser


@pytest.mark.parametrize(
    ("lesser", "text", "is_suppressed"),
    [
        (0.9, "Let us part as strangers", True),
        (0.5, "Let us part as strangers", False),
        (0.9, "Shall we part as strangers?", False),
        (0.9, "I don't want to unsubscribe, I only moved", False),
        (0.9, "Let us part as strangers on this thread", False),
        (0.9, "Let us part as strangers " + "after so many good years " * 30, False),
    ],
)
def test_what_both_halves_of_the_reader_are_sure_of_opts_out_unless_something_speaks_against_it(
    lesser, text, is_suppressed
):
    found = intents.understand(text, today=TODAY, reader=Halves(lesser))
    assert (found.opt_out is not None) == is_suppressed
    if is_suppressed:
        assert (found.opt_out.tier, found.opt_out.evidence) == (3, text)


def test_how_to_leave_a_newsletter_is_no_wish_to_be_left_alone():
    text = "Sure, happy to talk. To unsubscribe from our newsletter, click here: https://firm.example/u"
    found = intents.understand(text, today=TODAY)
    assert (found.opt_out, found.suspicion, found.intent) == (None, "", "positive")


@pytest.mark.parametrize(
    "text", ["I'd love to hear more, please call me.", "Well?", "Fine, booked.", "Not now, write in March"]
)
def test_a_plain_yes_a_time_and_a_short_question_hold_nothing(text):
    assert not intents.understand(text, today=TODAY).is_held


@pytest.mark.parametrize(
    "text", ["Ah, the weekly letter. I'd been worried you were ill.", "Let sleeping dogs lie and me with them."]
)
def test_scorn_and_what_answers_nothing_of_ours_are_held_and_never_suppressed(text):
    found = intents.understand(text, today=TODAY)
    assert found.is_held and found.opt_out is None


@pytest.mark.parametrize(
    "text",
    [
        "Yes, Tuesday works. Call me at 10.\n\nBob Stone\nStone Ltd",
        "Gerne, Donnerstag 14 Uhr passt.\n\nBodo Stein\nStein GmbH\n+49 30 901820",
        "Sure, happy to.\n\nBob Stone | CEO\nStone Ltd, 5 High St.\nYou can opt out of our marketing at any time by replying STOP.",
        "Давайте в среду в 12.\n\nБорис Камнев\nООО «Камень»\nМосква, ул. Мира, 5",
        "Wed 2 Dec 11am CET is good, here's my number +49 30 123456",
    ],
)
def test_a_yes_above_an_unmarked_signature_is_not_held(text):
    found = intents.understand(text, today=TODAY)
    assert (found.is_held, found.opt_out) == (False, None)
    assert found.intent in {"booking", "positive"}


@pytest.mark.parametrize(
    "text", ["Please delete all records you have made in the sandbox", "Please delete our data model from slide 4"]
)
def test_deleting_what_is_not_about_them_is_no_wish_to_be_forgotten(text):
    assert optouts.find(text) is None


@pytest.mark.parametrize(
    ("line", "is_signature"),
    [
        ("Stone Ltd", True),
        ("Anna von Stein | CEO", True),
        ("+49 30 901820", True),
        ("not for me", False),
        ("Keine Werbung", False),
        ("Kein Interesse", False),
        ("No More", False),
        ("Never", False),
        ("Хватит Писать", False),
    ],
)
def test_a_refusal_on_the_last_line_is_no_signature(line, is_signature):
    assert rules.is_of_signature(line) is is_signature
    assert rules.without_closing_lines(f"Hello Ann,\n{line}").endswith(line) is not is_signature


@pytest.mark.parametrize("text", ["End", "Cancel.", "Spam", "спам"])
def test_a_mail_of_one_word_that_may_mean_something_else_is_held_and_not_suppressed(text):
    found = intents.understand(text, today=TODAY, is_sms=False)
    assert found.is_held and found.opt_out is None


def test_the_carriers_word_as_a_text_message_suppresses():
    assert intents.understand("End", today=TODAY).opt_out == optouts.OptOut(1, "end")


@pytest.mark.parametrize(
    ("text", "is_held"),
    [("haha ok, was kostet der spaß", False), ("How much do I have to pay you to stop?", True)],
)
def test_who_asks_what_it_costs_is_not_held_unless_they_speak_of_stopping(text, is_held):
    assert intents.understand(text, today=TODAY).is_held is is_held


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [
        ("I'll end this one", False),
        ("I want to be left alone", True),
        ("stop being so mean", False),
        ("stop pestering my staff", True),
        ("my messages are not sending", False),
    ],
)
def test_what_they_do_themselves_and_other_matters_the_reader_alone_never_suppresses(text, is_sure):
    assert optouts.may_be_certain(text, text) is is_sure


def test_what_the_reader_gives_no_chance_is_no_reason():
    found = intents.understand("Honestly, I have had more than enough of these.", today=TODAY)
    assert found.is_held and not any("(0%)" in reason for reason in found.reasons)
