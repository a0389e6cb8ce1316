"""Letters and words of another language in a text, and words that mix two alphabets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafts.reading import DATA, Draft, Found, first, without_links
from outreach.core.lists import read_table

_MIXED_WORD = re.compile(r"(?=\w*[a-zà-ÿ])(?=\w*[а-яё])[^\W\d_]{2,}", re.IGNORECASE)
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0530-\u1fff\u2e80-\ud7af\uf900-\ufdff]+")
_CYRILLIC_WORD = re.compile(r"[а-яёіїєґў]{2,}", re.IGNORECASE)
_UKRAINIAN = re.compile(r"\w*[іїєґ]\w*", re.IGNORECASE)
_LATIN_PHRASE = re.compile(
    r"(?:[A-Za-z][\w'’&-]* ){1,}(?-i:[a-z])[\w'’-]+|(?:[A-Za-z][\w'’&-]* ){3,}[A-Z][\w'’-]+|\b(?:sales|marketing|head|director|lead|chief|owner|developer|designer|analyst|specialist|executive|partner|founder|recruiter|consultant|product owner|of|the|and|for|at|with|you|your|we|our|is|are|hi|hello|dear|this|manager|officer|engineer)\b",
    re.IGNORECASE,
)
_WORDS = {code: frozenset(words) for code, words in read_table(DATA / "common_words.toml").items()}
_ENGLISH = _WORDS.pop("en")


def read(draft: Draft) -> Iterator[Found]:
    """What is not in the text's language. Our own words may be foreign in English, all that was given in Russian."""
    text = without_links(draft.whole)
    yield from first("mixed_alphabet", _MIXED_WORD, text)
    yield from first("mixed_language", _OTHER_SCRIPT, text)
    if draft.language == "en":
        word = next((m[0] for m in _CYRILLIC_WORD.finditer(text) if m[0] not in draft.ours), "")
        if word:
            yield "mixed_language", word
        words = [w.casefold() for w in re.findall(r"[^\W\d_]+", text)]
        english = sum(w in _ENGLISH for w in words)
        for foreign in _WORDS.values():
            only = [w for w in words if w in foreign and w not in _ENGLISH]
            if len(set(only)) >= 3 and len(only) > english / 2:
                yield "wrong_language", " ".join(dict.fromkeys(only))[:60]
                break
        yield from _foreign_sentences(text)
    if draft.language == "ru":
        if len(_UKRAINIAN.findall(text)) >= 2:
            yield "wrong_language", (_UKRAINIAN.search(text) or [""])[0]
        for match in _LATIN_PHRASE.finditer(text):
            if match[0].strip() not in draft.nameable:
                yield "mixed_language", match[0]
                break


MIN_FOREIGN_WORDS = 6
"""Words of a sentence without a single common English one, and with letters that English has not."""
_ACCENTED = re.compile(r"(?<!\w)[a-z]*[à-öø-ž]\w*")


def _foreign_sentences(text: str) -> Iterator[Found]:
    for sentence in re.split(r"[.!?\n]+", text):
        words = [w.casefold() for w in re.findall(r"[^\W\d_]+", sentence)]
        english = sum(w in _ENGLISH for w in words)
        if not english and len(words) >= MIN_FOREIGN_WORDS and _ACCENTED.search(sentence):
            yield "mixed_language", sentence.strip()
            return
        for foreign in _WORDS.values():
            only = {w for w in words if w in foreign and w not in _ENGLISH}
            if len(only) >= 3 and len(only) >= english:
                yield "mixed_language", sentence.strip()
                return
