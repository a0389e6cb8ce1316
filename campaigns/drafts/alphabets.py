"""Letters and words of another language in a text, and words that mix two alphabets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

Found = tuple[str, str]
"""(code, the words that raised it)."""

_MIXED_WORD = re.compile(r"(?=\w*[a-zà-ÿ])(?=\w*[а-яё])[^\W\d_]{2,}", re.IGNORECASE)
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0530-\u1fff\u2e80-\ud7af\uf900-\ufdff]+")
_CYRILLIC_WORD = re.compile(r"[а-яёіїєґў]{2,}", re.IGNORECASE)
_UKRAINIAN = re.compile(r"\w*[іїєґ]\w*", re.IGNORECASE)
_LATIN_PHRASE = re.compile(
    r"(?:[A-Za-z][\w'’&-]* ){1,}(?-i:[a-z])[\w'’-]+|(?:[A-Za-z][\w'’&-]* ){3,}[A-Z][\w'’-]+|\b(?:sales|marketing|head|director|lead|chief|owner|developer|designer|analyst|specialist|executive|partner|founder|recruiter|consultant|product owner|of|the|and|for|at|with|you|your|we|our|is|are|hi|hello|dear|this|manager|officer|engineer)\b",
    re.IGNORECASE,
)
_FOREIGN_WORDS = {
    "de": "und der die das nicht ist wir sie für mit ihr ihre ihnen eine ein auch auf guten tag hallo sehr geehrte können haben oder zu von",
    "fr": "les des une est nous vous pour avec votre dans bonjour pas sur notre êtes avez je madame monsieur et le la du",
    "es": "los las una para con por que usted nuestro nuestra hola buenos días como más es el la de del su equipo puede",
    "it": "gli una per con che nostro nostra buongiorno ciao sono della nel il la di questo può come vostro",
    "pt": "uma para com você nosso nossa olá bom dia não são os as do da em seu sua que",
    "nl": "het een wij niet voor met uw ons onze goedendag hallo van is en dat kunnen u",
    "pl": "się nie jest dla czy państwa dzień dobry nasz nasza oraz na do w z że",
}  # fmt: skip


@cache
def _foreign() -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in _FOREIGN_WORDS.items()}


_ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
        "in",
        "for",
        "is",
        "are",
        "you",
        "your",
        "we",
        "our",
        "i",
        "it",
        "this",
        "that",
        "with",
        "at",
        "on",
        "be",
        "if",
        "not",
        "so",
        "no",
        "by",
        "as",
    ]
)


def read(text: str, language: str, *, ours: str, given: str) -> Iterator[Found]:
    """What is not in `language`. Words of `ours` may be foreign in English, words that are `given` in Russian."""
    for code, pattern in (("mixed_alphabet", _MIXED_WORD), ("mixed_language", _OTHER_SCRIPT)):
        if match := pattern.search(text):
            yield code, match[0].strip()
    if language == "en":
        word = next((m[0] for m in _CYRILLIC_WORD.finditer(text) if m[0] not in ours), "")
        if word:
            yield "mixed_language", word
        words = [w.casefold() for w in re.findall(r"[^\W\d_]+", text)]
        english = sum(w in _ENGLISH for w in words)
        for foreign in _foreign().values():
            only = [w for w in words if w in foreign and w not in _ENGLISH]
            if len(set(only)) >= 3 and len(only) > english / 2:
                yield "wrong_language", " ".join(dict.fromkeys(only))[:60]
                break
        yield from _foreign_sentences(text)
    if language == "ru":
        if len(_UKRAINIAN.findall(text)) >= 2:
            yield "wrong_language", (_UKRAINIAN.search(text) or [""])[0]
        for match in _LATIN_PHRASE.finditer(text):
            if match[0].strip() not in given:
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
        for foreign in _foreign().values():
            only = {w for w in words if w in foreign and w not in _ENGLISH}
            if len(only) >= 3 and len(only) >= english:
                yield "mixed_language", sentence.strip()
                return
