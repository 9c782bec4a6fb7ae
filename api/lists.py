"""The fast path of every list: a queryset and a mapping of public names become one compiled SELECT, then
bytes.

Measured in design.md: rows of one prepared statement plus orjson cost about what a bare server costs, while a
serializer per row costs a hundred times as much. The same mapping answers for one object and feeds the
schema.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import connection, models
from django.http import HttpRequest, HttpResponse

from api import cursors
from api.database import fetch, fetch_one
from api.errors import Problem
from api.filters import Clause, Filter
from api.rendering import dumps
from api.requests import own_origin

COUNTED = 10_000  # X-Total-Count is exact up to here (api.md), of a search up to its `counted`
DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 200
TEXTS_KEPT = 500  # SELECTs of a list: clients choose the filters
PAGING = frozenset({"limit", "cursor", "ordering"})


@dataclass(frozen=True)
class Column:
    """A column that goes out changed: `convert` takes what the database gives and must be cheap."""

    path: str
    convert: Callable[[Any], Any]


@dataclass(frozen=True)
class Expression:
    """SQL over ORM paths in braces, such as `coalesce({user__nickname}, {visitor__nickname})`.

    Each `%s` in it is the id of the calling user; `convert` as in Column.
    """

    sql: str
    convert: Callable[[Any], Any] | None = None

    @property
    def paths(self) -> list[str]:
        return PATH.findall(self.sql)


Leaf = str | Column | Expression
Columns = Mapping[str, "Leaf | Columns"]
PATH = re.compile(r"\{(\w+)\}")


@dataclass
class FastList:
    """What a list shows and how it may be narrowed and ordered.

    `columns` maps public names to ORM paths of `model`; a nested mapping becomes an object, null when its
    first column is null. `orderings` maps public names to paths, or expressions of the type of their first
    path, that are never null; `id` breaks ties.
    """

    model: type[models.Model]
    columns: Columns
    filters: Mapping[str, Filter] = field(default_factory=dict)
    orderings: Mapping[str, str | Expression] = field(default_factory=lambda: {"createdAt": "created_at"})
    default: str = "-createdAt"
    ties: bool = True  # False: what the list is narrowed to has no two rows of the same place
    texts: dict[tuple, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def show(self, name: str, leaf: "Leaf") -> None:
        """Show one more column: what a higher app knows of a lower one's objects (in AppConfig.ready())."""
        self.columns = {**self.columns, name: leaf}

    @cached_property
    def leaves(self) -> list[Leaf]:
        """Every column in the order of the SELECT."""
        return list(_leaves(self.columns))

    @cached_property
    def sql(self) -> dict[str, str]:
        """The SQL of every ORM path in use, and of the FROM clause under the name `FROM`."""
        paths = [path for leaf in self.leaves for path in _paths(leaf)]
        paths += [path for key in self.orderings.values() for path in _paths(key)]
        paths += [*(each.path for each in self.filters.values()), "id"]
        paths = list(dict.fromkeys(paths))
        compiler = (
            self.model._default_manager.order_by().values_list(*paths).query.get_compiler(using="default")
        )
        compiler.pre_sql_setup()
        compiled = dict(zip(paths, (sql for _, (sql, _), _ in compiler.select), strict=True))
        tables, _ = compiler.get_from_clause()
        return compiled | {"FROM": " ".join(tables)}

    @cached_property
    def select(self) -> str:
        return ", ".join(self._sql_of(leaf) for leaf in self.leaves)

    def _sql_of(self, leaf: "Leaf") -> str:
        if isinstance(leaf, Expression):
            return PATH.sub(lambda found: self.sql[found[1]], leaf.sql)
        return self.sql[leaf if isinstance(leaf, str) else leaf.path]

    def own(self, caller: Any) -> list[Any]:
        """Return the parameters of the SELECT's own expressions: the calling user's id for each."""
        return [caller.user_id if caller else None] * self.own_count

    @cached_property
    def own_count(self) -> int:
        return self.select.count("%s")

    @cached_property
    def build(self) -> Callable[[Iterable[tuple]], list[dict[str, Any]]]:
        """A function from rows to objects, written out once: a loop over the mapping would cost five times as
        much."""
        names = [f"r{index}" for index in range(len(self.leaves))]
        converts = {f"c{i}": _convert(leaf) for i, leaf in enumerate(self.leaves) if _convert(leaf)}
        row = ", ".join([*names, "_key", "_id", "*_rest"])
        source = f"lambda rows: [{_literal(self.columns)[0]} for ({row}) in rows]"
        return eval(source, converts)  # noqa: S307 - made of our own column names only

    def page(
        self,
        request: HttpRequest,
        *,
        where: Iterable[Clause] = (),
        total: Clause | None = None,
        totalled: Iterable[str] = (),
        caller: Any = None,
    ) -> HttpResponse:
        """Return one page as a bare JSON array with `Link` and `X-Total-Count` (api.md).

        `where` holds what the caller may see; `total` the SQL of how many rows that is, where counters are
        kept: it answers for the list that no filter but the `totalled` ones narrows. One SQL statement.
        Raises Problem `unknown_parameter`, `invalid_parameter` or `invalid_cursor`.
        """
        request = getattr(
            request, "_request", request
        )  # DRF's wraps Django's, and each look through it costs
        given = request.GET.dict()
        limit = _limit(given.get("limit"))
        ordering = given.get("ordering") or self.default
        path = self.orderings.get(ordering.removeprefix("-"))
        if path is None:
            raise Problem(
                "invalid_parameter", f"ordering={ordering[:80]!r} is not offered.", parameter="ordering"
            )
        place = given.get("cursor")
        cursor = cursors.decode(place, ordering) if place else None
        narrowed = list(self._narrowed(given, caller))
        clauses = [*where, *narrowed]
        kept = total if PAGING.issuperset(set(given) - set(totalled)) else None
        most = min(getattr(self.filters.get(name), "counted", COUNTED) for name in (*given, ""))
        sql = self.statement(clauses, path, ordering.startswith("-"), cursor, limit, caller, kept, most)
        rows = fetch(*sql)
        more = len(rows) > limit
        rows = rows[:limit]
        if cursor and cursor.backwards:
            rows.reverse()
        response = HttpResponse(dumps(self.build(rows)), content_type="application/json")
        amount = rows[0][-1] if rows else self._count(clauses, most) if cursor else 0
        response["X-Total-Count"] = f"{most}+" if amount > most else str(amount)
        response["Link"] = _links(request, given, ordering, cursor, rows, more)
        return response

    def one(self, *where: Clause, caller: Any = None) -> dict[str, Any] | None:
        """Return the one object that the clauses find, or None; `caller` as expressions see it."""
        condition, params = _all(where)
        row = fetch_one(
            f"SELECT {self.select}, NULL, NULL FROM {self.sql['FROM']} WHERE {condition}",
            [*self.own(caller), *params],
        )
        return self.build([row])[0] if row else None

    def _narrowed(self, given: Mapping[str, str], caller: Any) -> Iterable[Clause]:
        for name in sorted(given):
            text = given[name]
            if name in PAGING:
                continue
            if name not in self.filters:
                known = ", ".join(sorted([*self.filters, *PAGING]))
                raise Problem(
                    "unknown_parameter", f"{name[:80]!r} is unknown. Known: {known}.", parameter=name[:80]
                )
            each = self.filters[name]
            yield each.clause(name, self.sql[each.path], text, caller)

    def statement(
        self,
        clauses: Iterable[Clause],
        path: str | Expression,
        descending: bool,
        cursor: cursors.Cursor | None,
        limit: int,
        caller: Any = None,
        total: Clause | None = None,
        most: int = COUNTED,
    ) -> tuple[str, list[Any]]:
        """Return the SELECT of one page, which counts `most` rows, and its parameters; also what bench/ gives
        to its floor.
        """
        condition, params = _all(clauses)
        amount, amount_params = total or (self._counting(condition, most), params)
        place_params: list[Any] = []
        if cursor:
            descending ^= cursor.backwards
            place_params = [cursor.key, cursor.id]
        sql = self._text(condition, amount, path, descending, bool(cursor), limit)
        return sql, [*self.own(caller), *amount_params, *params, *place_params]

    def _text(
        self, condition: str, amount: str, path: str | Expression, descending: bool, placed: bool, limit: int
    ) -> str:
        """Return the text of a page's SELECT; the same text is the same object, whose hash is known."""
        asked = condition, amount, path, descending, placed, limit
        if text := self.texts.get(asked):
            return text
        key, row_id, tables = self._sql_of(path), self.sql["id"], self.sql["FROM"]
        place, way = "", "DESC" if descending else "ASC"
        if placed:
            kind = self.model._meta.get_field(_paths(path)[0]).db_type(connection)
            place = f" AND ({key}, {row_id}) {'<' if descending else '>'} (%s::text::{kind}, %s::text::uuid)"
        # The limit is written out: against an unknown one PostgreSQL never trusts the generic plan, and plans
        # anew each time, which costs more than the query.
        text = (
            f"SELECT {self.select}, {key}, {row_id}, ({amount}) FROM {tables} WHERE {condition}{place} "
            f"ORDER BY {key} {way}{f', {row_id} {way}' if self.ties else ''} LIMIT {limit + 1}"
        )
        if len(self.texts) >= TEXTS_KEPT:
            self.texts.clear()
        self.texts[asked] = text
        return text

    def _counting(self, condition: str, most: int) -> str:
        limited = f"SELECT 1 FROM {self.sql['FROM']} WHERE {condition} LIMIT {most + 1}"
        return f"SELECT count(*) FROM ({limited}) counted"

    def _count(self, clauses: Iterable[Clause], most: int) -> int:
        condition, params = _all(clauses)
        return fetch(self._counting(condition, most), params)[0][0]


def _all(clauses: Iterable[Clause]) -> Clause:
    clauses = list(clauses)
    condition = " AND ".join(f"({sql})" for sql, _ in clauses) or "TRUE"
    return condition, [param for _, params in clauses for param in params]


def _leaves(columns: Columns) -> Iterable[Leaf]:
    for value in columns.values():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield value


def _paths(leaf: Leaf) -> list[str]:
    if isinstance(leaf, Expression):
        return leaf.paths
    return [leaf if isinstance(leaf, str) else leaf.path]


def _convert(leaf: Leaf) -> Callable[[Any], Any] | None:
    return None if isinstance(leaf, str) else leaf.convert


def _literal(columns: Columns, number: int = 0) -> tuple[str, int]:
    """Return the source of a dict display over the names r0, r1, …, and the number after its last."""
    members = []
    for name, value in columns.items():
        if isinstance(value, Mapping):
            inner, after = _literal(value, number)
            members.append(f"{name!r}: None if r{number} is None else {inner}")
            number = after
        else:
            members.append(f"{name!r}: " + (f"c{number}(r{number})" if _convert(value) else f"r{number}"))
            number += 1
    return "{" + ", ".join(members) + "}", number


def _limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= HIGHEST_LIMIT):
        raise Problem(
            "invalid_parameter", f"limit={text[:80]!r}: expected 1 to {HIGHEST_LIMIT}.", parameter="limit"
        )
    return int(text)


def _links(
    request: HttpRequest,
    given: Mapping[str, str],
    ordering: str,
    cursor: cursors.Cursor | None,
    rows: list[tuple],
    more: bool,
) -> str:
    """Return the Link header (RFC 8288): first, and next and prev where there are such pages."""
    query = {name: given[name] for name in given if name != "cursor"}
    base = own_origin(request) + request.path

    def link(relation: str, place: cursors.Cursor | None) -> str:
        parameters = query | {"cursor": place.encode()} if place else query
        return (
            f'<{base}?{urlencode(parameters)}>; rel="{relation}"'
            if parameters
            else f'<{base}>; rel="{relation}"'
        )

    links = [link("first", None)]
    backwards = bool(cursor and cursor.backwards)
    if rows and (more or backwards):
        links.append(link("next", _place(ordering, False, rows[-1])))
    if rows and cursor and (more or not backwards):
        links.append(link("prev", _place(ordering, True, rows[0])))
    return ", ".join(links)


def _place(ordering: str, backwards: bool, row: tuple) -> cursors.Cursor:
    key = row[-3]
    return cursors.Cursor(
        ordering, backwards, key.isoformat() if hasattr(key, "isoformat") else str(key), str(row[-2])
    )
