"""The `q=` of tickets: words anywhere in title and content, in any script, or a ticket's number."""

import re
from dataclasses import dataclass
from typing import Any

from api.filters import Clause
from api.search import Words

NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)
TITLE, CONTENT = '"tickets_ticket"."title"', '"tickets_ticket"."content"'


@dataclass(frozen=True)
class TicketSearch(Words):
    """`q=refund`, `q=退款`, `q=#123`: three indexes, and the planner's choice among them for each word."""

    path: str = "title"
    columns: tuple[str, ...] = (TITLE, CONTENT)
    pairs: str = f"tickets_pairs({TITLE}, {CONTENT})"

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        found = self.condition(name, text)
        if number := NUMBER.fullmatch(text.strip()):
            only_number = '"tickets_ticket"."number" = %s'
            only = text.strip().startswith("#")
            return (only_number if only else f"{found} OR {only_number}"), [int(number[1])]
        return found, []
