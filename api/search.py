"""The `q=` of lists: words anywhere in some columns, in any script, by an index however short the word is."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection
from psycopg import sql

from api.filters import Clause, like, refuse

IDEOGRAPH = re.compile("[\u2e80-\uffef\U00020000-\U0003ffff]")  # as the functions *_pairs have it
BEFORE_WORDS = (" ", "\n", "(", "@")
SHORT = 2  # characters of a word that has no trigram inside


@dataclass(frozen=True)
class Words:
    """The text occurs somewhere, in any script; one or two letters of an alphabet are how a word begins."""

    path: str
    columns: tuple[str, ...]  # their SQL; one trigram index has them all
    pairs: str  # the SQL of their ideographs and pairs of these, as another index has it
    counted: ClassVar[int] = 1000  # rows: of a common word each one costs a look at its text

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return self.condition(name, text), []

    def condition(self, name: str, text: str) -> str:
        """Return the SQL that finds the text. Raises Problem `invalid_parameter`."""
        text = text.strip()
        if not 1 <= len(text) <= 200 or "\x00" in text:
            raise refuse(name, text, "1 to 200 characters")
        if len(text) <= SHORT and IDEOGRAPH.search(text):
            return f"{self.pairs} @> ARRAY[{literal(text.lower())}]"
        if len(text) <= SHORT and text.isalnum():
            # Inside of words two letters are no trigram: the whole table would be read for them.
            patterns = [f"{text}%", *(f"%{before}{text}%" for before in BEFORE_WORDS)]
        else:
            patterns = [like(text)]
        found = [(column, literal(pattern)) for column in self.columns for pattern in patterns]
        return " OR ".join(f"{column} ILIKE {pattern}" for column, pattern in found)


def literal(text: str) -> str:
    """Write a text out in SQL: a plan made for this word takes the index of words for a rare one and the
    newest rows first for a common one; a plan for an unknown word would be wrong for either."""
    connection.ensure_connection()
    return sql.Literal(text).as_string(connection.connection).replace("%", "%%")
