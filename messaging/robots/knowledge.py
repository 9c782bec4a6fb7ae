"""What robots know: finding the entries that a question is about, the best first."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from messaging.robots.terms import is_word, likeness, terms_of

CANDIDATES = 200  # entries that are compared; the ones with most terms of the question
NEARLY = 0.4  # word_similarity from which a misspelt word finds an entry
MISSPELT = 6  # words of a question that may be
ANOTHER_LANGUAGE = 0.98  # breaks the tie between an entry in the visitor's language and one in another
LONGEST = 2_000  # characters of a question that are looked at

FIND = """
    SELECT id, question, "similar", answer, language,
        (SELECT count(*) FROM unnest(terms) term WHERE term = ANY(%(terms)s::text[])) AS shared
    FROM messaging_knowledgeentry
    WHERE enabled AND (robot_id IS NULL OR robot_id = %(robot)s::uuid)
        AND (terms && %(terms)s::text[]{nearly})
    ORDER BY shared DESC, id LIMIT %(most)s::integer"""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and how sure it is that the question is about it (0 to 1)."""

    id: UUID
    question: str
    answer: str
    confidence: float


def find(questions: Iterable[str], *, robot_id: UUID | None, language: str, limit: int = 4) -> list[Found]:
    """Return the enabled entries of a robot, and the shared ones, that one of the questions is about.

    The best first. One statement, whatever is asked; a short transaction of its own.
    """
    asked = [terms for text in questions if (terms := terms_of(text[:LONGEST]))]
    wanted = sorted({term for terms in asked for term in terms})
    if not wanted:
        return []
    rows = _candidates(wanted, robot_id)
    known = {
        term for _, question, similar, *_ in rows for text in (question, *similar) for term in terms_of(text)
    }
    found = []
    for entry_id, question, similar, answer, spoken, _ in rows:
        texts = [terms_of(text) for text in (question, *similar)]
        best = max(likeness(one, each, known) for one in asked for each in texts)
        if spoken and spoken != language:
            best *= ANOTHER_LANGUAGE
        found.append(Found(entry_id, question, answer, round(best, 4)))
    found.sort(key=lambda each: -each.confidence)
    return found[:limit]


def _candidates(terms: list[str], robot_id: UUID | None) -> list[tuple]:
    words = sorted(filter(is_word, terms), key=len, reverse=True)[:MISSPELT]
    # Each by the trigram index.
    nearly = "".join(f" OR words %%> %(word{at})s::text" for at in range(len(words)))
    given = {"terms": terms, "robot": robot_id, "most": CANDIDATES}
    given |= {f"word{at}": word for at, word in enumerate(words)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {NEARLY}")
        cursor.execute(FIND.format(nearly=nearly), given)
        return cursor.fetchall()
