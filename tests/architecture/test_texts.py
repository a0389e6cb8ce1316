"""The Russian catalogue: complete, with every placeholder kept, and compiled as it stands."""

import gettext
import re

from babel.messages.pofile import read_po
from django.conf import settings

FOLDER = settings.BASE_DIR / "outreach" / "locale" / "ru" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|%[sd]")


def entries():
    with (FOLDER / "django.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            text = message.id[0] if isinstance(message.id, tuple) else message.id
            yield (f"{message.context}\x04{text}" if message.context else text), texts  # as gettext itself looks it up


def test_every_text_is_translated():
    missing = [text for text, translations in entries() if not all(translations)]
    assert not missing


def test_translations_keep_the_placeholders():
    wrong = [
        text
        for text, translations in entries()
        if len(translations) == 1 and sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translations[0]))
    ]
    assert not wrong


def test_the_compiled_catalogue_is_that_of_the_texts():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [
        text for text, translations in entries() if len(translations) == 1 and compiled.gettext(text) != translations[0]
    ]
    assert not stale
