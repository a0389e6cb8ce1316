"""Words that stand for a whole message, in many languages and spellings."""

import pytest

from conversations.consent import keywords


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        " stop. ",
        "«Стоп»",
        "StopAll",
        "UNSUBSCRIBE",
        "revoke",
        "OPT-OUT",
        "ARRÊT",
        "Arret",
        "ALTO",
        "no más",
        "BAJA",
        "PARAR",
        "ABMELDEN",
        "Sair",
        "AFMELDEN",
        "wypisz",
        "退订",
        "配信停止",
        "수신거부",
        "توقف",
        "הסר",
        "ВІДПИСАТИСЯ",
        "sTOP\u200b",
        "ＳＴＯＰ",
    ],
)
def test_the_carriers_words_opt_out(text):
    assert keywords.read_stop(text) == (keywords.read_stop(text)[0], True)


@pytest.mark.parametrize("text", ["END", "Cancel", "quit.", "revoke", "cancelar", "beenden"])
def test_what_only_carriers_take_opts_out_of_text_messages_alone(text):
    assert keywords.read_stop(text)[1]
    assert keywords.read_stop(text, is_sms=False) == ("", False)


@pytest.mark.parametrize(
    "text", ["S T O P", "s.t.o.p", "Stop2quit", "STOP to end", "sotp", "unsubcribe", "STOOOP!!", "st0p"]
)
def test_misspelt_and_spaced_words_opt_out_but_are_no_carriers_word(text):
    word, is_carriers = keywords.read_stop(text)
    assert word and not is_carriers


@pytest.mark.parametrize(
    "text", ["", "stop by the office", "start", "help", "the end of next week", "shop", "step", "red", "yes", "no"]
)
def test_other_words_do_not(text):
    assert keywords.read_stop(text) == ("", False)


def test_words_of_one_kind_are_no_words_of_another():
    kinds = ["stop", "carrier", "typo", "start", "help"]
    for kind in kinds:
        for other in kinds:
            assert kind == other or not keywords.words(kind) & keywords.words(other)
