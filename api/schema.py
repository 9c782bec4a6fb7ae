"""The OpenAPI schema: each app says in its `schema.py` what its operations take and give; here it is written.

What goes out is described from the same FastList that serves it, so the two cannot drift apart.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.module_loading import autodiscover_modules
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from api import filters
from api.codes import CODES
from api.lists import HIGHEST_LIMIT, Column, Expression, FastList
from api.permissions import scope_of
from api.samples import sample

Json = dict[str, Any]
UUID: Json = {"type": "string", "format": "uuid"}
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
MOMENT: Json = {"type": "string", "format": "date-time"}
FLAG: Json = {"type": "boolean"}
ANY: Json = {"type": "object", "additionalProperties": True}
REFERENCE = "#/components/schemas/"
# Ids in examples: tests/api/test_schema.py makes these objects, then sends every example as it stands.
EXAMPLES = {
    name: f"019b0000-0000-7000-8000-{number:012d}"
    for number, name in enumerate(
        (
            "user",
            "team",
            "visitor",
            "ticket",
            "thread",
            "message",
            "token",
            "reply",
            "attachment",
            "robot",
            "entry",
        ),
        1,
    )
}
DELETED: Json = {
    "type": "object",
    "properties": {"id": UUID, "deleted": {"const": True}},
    "required": ["id", "deleted"],
}


@dataclass(frozen=True)
class Shape:
    """A named schema; built when it is first asked for, when all models are there."""

    name: str
    build: Callable[[], Json]


@dataclass(frozen=True)
class Operation:
    """What one method of a view takes and gives.

    `listing` is the FastList whose filters are the query; `body` a msgspec shape, a serializer class or a
    JSON schema, of which `example` is one; `many` makes the answer an array; `etag` says that writes may be
    conditional. `takes` and `media` are the media types of body and answer. `query` maps further parameters,
    and filters that cannot say it themselves, to their schemas.
    """

    summary: str
    answer: Shape | Json
    many: bool = False
    listing: FastList | None = None
    body: Any = None
    example: Any = None
    query: Mapping[str, Json] = field(default_factory=dict)
    etag: bool = False
    media: str = "application/json"
    takes: str = "application/json"


OPERATIONS: dict[tuple[type, str], Operation] = {}


@cache
def load_declarations() -> None:
    """Import every app's `schema.py`; once, when somebody first asks for the schema."""
    autodiscover_modules("schema")


def describe(view: type, **operations: Operation) -> None:
    """Declare what the methods of a view take and give: `describe(TicketList, get=Operation(…))`."""
    for method, operation in operations.items():
        OPERATIONS[view, method.upper()] = operation


def an_object(properties: Mapping[str, Json], *, optional: tuple[str, ...] = ()) -> Json:
    """Return the schema of an object that has all these members, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties)} | ({"required": required} if required else {})


def or_null(schema: Json) -> Json:
    """Return the schema that admits null too."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | more


def a_list(items: Json) -> Json:
    return {"type": "array", "items": items}


def shown(listing: FastList, said: Mapping[str, Json] | None = None) -> Json:
    """Return the schema of what a FastList shows; `said` is what Python or SQL computes, by dotted name."""
    return _object(listing.model, listing.columns, said or {}, "")


def _object(
    model: type[models.Model], columns: Mapping[str, Any], said: Mapping[str, Json], path: str
) -> Json:
    properties = {}
    for name, leaf in columns.items():
        place = f"{path}{name}"
        if place in said:
            properties[name] = said[place]
        elif isinstance(leaf, Mapping):
            inner = _object(model, leaf, said, f"{place}.")
            first = next(iter(leaf.values()))
            nullable = not isinstance(first, str) or _field(model, first)[1]
            properties[name] = or_null(inner) if nullable else inner
        elif isinstance(leaf, Column | Expression):
            raise LookupError(f"{model.__name__}.{place} is computed: say in schema.py what it is.")
        else:
            column, nullable = _field(model, leaf)
            # Of somebody who may be missing, the whole object is null: its members are not.
            own = column.null if path else nullable
            properties[name] = or_null(of_field(column)) if own else of_field(column)
    return an_object(properties)


def _field(model: type[models.Model], path: str) -> tuple[Any, bool]:
    """Return the field at the end of an ORM path, and whether anything on the way may be null."""
    nullable = False
    for part in path.split("__"):
        found = model._meta.get_field(part)
        nullable |= found.null
        model = found.related_model or model
    return found, nullable


def of_field(column: Any) -> Json:
    """Return the schema of a Django field's values."""
    if column.is_relation:
        return of_field(column.target_field)
    choices = {"enum": [value for value, _ in column.choices]} if column.choices else {}
    match column:
        case models.UUIDField():
            return UUID
        case models.DateTimeField():
            return MOMENT
        case models.BooleanField():
            return FLAG
        case models.IntegerField():
            return WHOLE | choices
        case ArrayField():
            return a_list(of_field(column.base_field))
        case models.JSONField():
            return ANY
    return TEXT | choices


def parameters_of(listing: FastList) -> list[Json]:
    """Return the query parameters of a list: its filters, orderings and paging."""
    known = [_parameter(name, *_filter(each)) for name, each in listing.filters.items()]
    orderings = [sign + name for name in listing.orderings for sign in ("", "-")]
    return [
        *known,
        _parameter("ordering", TEXT | {"enum": orderings, "default": listing.default}, "`-` is descending."),
        _parameter(
            "limit", WHOLE | {"minimum": 1, "maximum": HIGHEST_LIMIT, "default": 50}, "Rows of one page."
        ),
        _parameter("cursor", TEXT, "The place of a page, from the `Link` header of another."),
    ]


def _filter(each: Any) -> tuple[Json, str]:
    doc = re.sub(r"\s+", " ", (type(each).__doc__ or "").strip())
    match each:
        case filters.Choice():
            return a_list(TEXT | {"enum": list(each.values)}), "One or several, separated by commas."
        case filters.Has():
            return a_list(TEXT), doc
        case filters.Moment():
            return MOMENT, "From this time on." if each.operator == ">=" else "Before this time."
        case filters.Id():
            extra = ", or `me`" if each.me else ""
            return a_list(TEXT), f"One or several ids separated by commas, or `none`{extra}."
        case filters.Number():
            return WHOLE, doc
    return TEXT, doc


def _parameter(name: str, schema: Json, description: str = "", *, place: str = "query") -> Json:
    more = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    said = {"description": description} if description else {}
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema, **said, **required, **more}


HEADERS: Json = {
    "Link": {
        "schema": TEXT,
        "description": "RFC 8288: `first`, `next` and `prev` where there are such pages.",
    },
    "X-Total-Count": {
        "schema": TEXT,
        "description": "How many there are in all, up to `10000+`; of some searches up to `1000+`.",
    },
    "ETag": {"schema": TEXT, "description": "The version; send it as `If-Match` to write only this one."},
}
PROBLEM = an_object(
    {
        "type": TEXT,
        "title": TEXT,
        "status": WHOLE,
        "detail": TEXT,
        "code": TEXT | {"enum": sorted(CODES)},
        "requestId": TEXT,
        "errors": a_list(an_object({"field": TEXT, "code": TEXT, "detail": TEXT})),
    },
    optional=("errors",),
)
STATUSES = {
    "400": "The request cannot be read, or a value in it is wrong.",
    "401": "The credentials are missing or dead.",
    "403": "Not from here, not with this scope, or not with this role.",
    "404": "There is nothing here that the caller may see.",
    "409": "Not possible now, or the Idempotency-Key was used for another request.",
    "412": "Somebody was faster; `current` is the object as it is.",
    "429": "Too many failures; `Retry-After` says how long to wait.",
}


class FamilySchema(AutoSchema):
    """Describes an operation from its declaration; one without a declaration stops the generation."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Json:
        self.registry, self.path, self.path_regex, self.method = registry, path, path_regex, method
        self.path_prefix = path_prefix
        load_declarations()
        try:
            said = OPERATIONS[type(self.view), method]
        except KeyError:
            raise LookupError(f"{method} {path} ({type(self.view).__name__}) is in no schema.py.") from None
        words = re.findall(r"[a-z0-9]+", path.removeprefix("/api/").replace("_id", ""))
        operation: Json = {
            "operationId": method.lower() + "".join(word.capitalize() for word in words),
            "summary": said.summary,
            "tags": [words[0]],
            "parameters": self._parameters(said),
            "responses": self._responses(said),
        }
        if not self.view.permission_classes:
            operation["security"] = []
        elif scope := scope_of(self.view, method):
            operation["description"] = f"Needs the scope `{scope}`."
        if said.body is not None:
            content: Json = {"schema": self._body(said.body)}
            if said.example is not None:
                content["example"] = said.example
            operation["requestBody"] = {"content": {said.takes: content}}
        return operation

    def _parameters(self, said: Operation) -> list[Json]:
        named = re.findall(r"\{(\w+)\}", self.path)
        found = [_parameter(name, TEXT, place="path") for name in named]
        if said.listing:
            found += [each for each in parameters_of(said.listing) if each["name"] not in said.query]
        for name, schema in said.query.items():
            found.append(_parameter(name, schema, schema.get("description", "")))
        if self.method == "POST" and getattr(self.view, "idempotent", False):
            about = "A retry with the same key gets the first answer again."
            found.append(_parameter("Idempotency-Key", TEXT, about, place="header"))
        if said.etag and self.method in ("PUT", "PATCH", "DELETE"):
            found.append(_parameter("If-Match", TEXT, "Write only this version.", place="header"))
        return found

    def _responses(self, said: Operation) -> Json:
        schema = self._answer(said.answer)
        schema = a_list(schema) if said.many else schema
        headers = ("Link", "X-Total-Count") if said.listing else ("ETag",) if said.etag else ()
        good: Json = {"description": "Success.", "content": {said.media: {"schema": schema}}}
        if isinstance(said.answer, Shape):
            kind = re.sub(r"\W|s$", "", self.path.split("/")[2])
            example = sample(said.answer.build(), sent=said.example, kind=kind)
            good["content"][said.media]["example"] = [example] if said.many else example
        if headers:
            good["headers"] = {name: HEADERS[name] for name in headers}
        statuses = ["400"]
        if self.view.permission_classes:
            statuses += ["401", "403", "429"]
        if "{" in self.path:
            statuses.append("404")
        if self.method == "POST":
            statuses.append("409")
        if said.etag and self.method != "GET":
            statuses.append("412")
        self._register("Problem", PROBLEM)
        refusal = {"application/problem+json": {"schema": {"$ref": REFERENCE + "Problem"}}}
        refusals = {
            status: {"description": STATUSES[status], "content": refusal} for status in sorted(statuses)
        }
        return {"200": good} | refusals

    def _answer(self, answer: Shape | Json) -> Json:
        if not isinstance(answer, Shape):
            return answer
        self._register(answer.name, answer.build())
        return {"$ref": REFERENCE + answer.name}

    def _body(self, body: Any) -> Json:
        if isinstance(body, Mapping):
            return dict(body)
        if issubclass(body, msgspec.Struct):
            (schema,), components = msgspec.json.schema_components([body], ref_template=REFERENCE + "{name}")
            for name, component in components.items():
                self._register(name, component)
            return schema
        return self._map_serializer(body(), "request")

    def _register(self, name: str, schema: Json) -> None:
        self.registry.register_on_missing(
            ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
        )
