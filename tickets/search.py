"""The `q=` of tickets: words anywhere in title and content, in any script, or a ticket's number."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from api.filters import Clause, like, refuse

NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)
IDEOGRAPH = re.compile("[\u2e80-\uffef\U00020000-\U0003ffff]")  # as the function tickets_pairs has it
TITLE, CONTENT = '"tickets_ticket"."title"', '"tickets_ticket"."content"'


@dataclass(frozen=True)
class TicketSearch:
    """`q=refund`, `q=退款`, `q=#123`: three indexes, and the planner's choice among them for each word."""

    path: str = "title"

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        text = text.strip()
        if not 1 <= len(text) <= 200 or "\x00" in text:
            raise refuse(name, text, "1 to 200 characters")
        if len(text) <= 2 and IDEOGRAPH.search(text):
            return f"tickets_pairs({TITLE}, {CONTENT}) @> ARRAY[{_literal(text.lower())}]", []
        pattern = _literal(like(text))
        found = f"{TITLE} ILIKE {pattern} OR {CONTENT} ILIKE {pattern}"
        if number := NUMBER.fullmatch(text):
            only_number = '"tickets_ticket"."number" = %s'
            return (only_number if text[0] == "#" else f"{found} OR {only_number}"), [int(number[1])]
        return found, []


def _literal(text: str) -> str:
    """Write a text out in SQL: a plan made for this word takes the trigram index for a rare one and the
    newest rows first for a common one; a plan for an unknown word would be wrong for either."""
    connection.ensure_connection()
    return sql.Literal(text).as_string(connection.connection).replace("%", "%%")
