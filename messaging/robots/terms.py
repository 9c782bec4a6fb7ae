"""What a question is about, as terms to search by and to compare: words without their endings, and pairs of
ideographs.

Chinese has no spaces and most of its words have two letters, so each two that follow one another count as a
word; single ones count a little. Words that every question is made of ("how do I", "怎么") count for nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from messaging.robots.words import COMMON, FILLERS

MOST = 60  # terms of one text; a longer one is not more precise
WORD = re.compile(r"[^\W_]+")
# CJK, kana and hangul, as tickets.search has them.
IDEOGRAPHS = re.compile("[\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+")
SINGLE = 0.25  # weight of one ideograph, beside the 1 of a word
UNKNOWN = 0.4  # weight of a term of the question that the knowledge does not have at all
MISSPELT = 6  # words of a question whose spelling is compared
LONGEST_WORD = 20  # letters of one
ALIKE = 0.78  # how much two spellings of one word have in common

# The longest first: what is left of a question when these are gone is what it is about.
FILLER = re.compile("|".join(sorted(FILLERS, key=len, reverse=True)))


@lru_cache(maxsize=2_000)
def terms_of(text: str) -> dict[str, float]:
    """Return the terms of a text, each with its weight; in what order they stand does not matter."""
    text = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("’", "")
    found: dict[str, float] = {}
    for word in WORD.findall(IDEOGRAPHS.sub(" ", text)):
        if word not in COMMON:
            found[stem(word)] = 1.0
    spans = IDEOGRAPHS.findall(text)
    for part in [part for span in spans for part in FILLER.split(span) if part] or spans:
        for letter in part:
            found.setdefault(letter, SINGLE if len(part) > 1 else 1.0)
        for at in range(len(part) - 1):
            found[part[at : at + 2]] = 1.0
    if not found:  # nothing but "how do I": better than nothing at all
        found = {stem(word): 1.0 for word in WORD.findall(text)}
    return dict(list(found.items())[:MOST])


def stem(word: str) -> str:
    """Return a word without the commonest English endings: returns, returned and returning are one."""
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]  # shipped, shipping: ship
    return word.rstrip("e") if len(word) > 3 else word  # exchange, exchanging


def is_word(term: str) -> bool:
    """Whether a term is a word of letters, which may be misspelt, and no ideographs."""
    return len(term) >= 4 and not IDEOGRAPHS.search(term)


def likeness(asked: dict[str, float], entry: dict[str, float], known: Iterable[str]) -> float:
    """Return how much two texts are about the same thing, 0 to 1.

    Dice's coefficient over weighted terms. What nothing of the knowledge speaks of (not `known`) tells no
    entries apart and weighs little: a long story around a question does not hide it.
    """
    known = set(known)
    # Comparing spellings is dear: the words that may be misspelt are few, and no letters without end.
    lacking = [term for term in asked if term not in entry and is_word(term) and len(term) <= LONGEST_WORD]
    compared = set(lacking[:MISSPELT])
    total = matched = 0.0
    for term, weight in asked.items():
        best = 1.0 if term in entry else _nearest(term, entry) if term in compared else 0.0
        if not best and term not in known:
            weight *= UNKNOWN
        total += weight
        matched += weight * best
    whole = total + sum(entry.values())
    return 2 * matched / whole if whole else 0.0


def _nearest(term: str, entry: dict[str, float]) -> float:
    """Return how much a word that the entry lacks is spelt like one that it has; 0 below ALIKE."""
    best = 0.0
    matcher = SequenceMatcher(None, "", term, autojunk=False)  # it keeps what it learns of the second
    for each in entry:
        # What two words of such lengths have in common at most, then cheaper bounds than the ratio.
        shorter, longer = sorted((len(term), len(each)))
        if 2 * shorter < ALIKE * (shorter + longer) or not is_word(each):
            continue
        matcher.set_seq1(each)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
            best = max(best, matcher.ratio())
    return best if best >= ALIKE else 0.0
