"""The OpenAPI document: valid, complete, and true: every example is sent, every answer checked."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from api.codes import CODES
from api.docs import schema
from tests import factories
from tests.api import world
from tests.conftest import Api
from tickets.fields import READERS

PAGES = {"/api/docs", "/api/errors"}  # for people
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict:
    return schema()


def operations() -> list[tuple[str, str]]:
    return [
        (method, path)
        for path, item in sorted(schema()["paths"].items())
        for method in METHODS
        if method in item
    ]


def checked(document: dict, found: dict, value) -> None:
    """Assert that a value is what a schema of the document says, and has nothing beside it."""
    full = {
        "$ref": "#/components/found",
        "components": document["components"] | {"found": closed(found, document)},
    }
    errors = list(Draft202012Validator(full, format_checker=FormatChecker()).iter_errors(value))
    assert not errors, [f"{list(each.absolute_path)}: {each.message}" for each in errors][:5]


def closed(found, document: dict):
    """Return the schema with its references put in and every described object closed to other members."""
    if isinstance(found, list):
        return [closed(each, document) for each in found]
    if not isinstance(found, dict):
        return found
    if "$ref" in found:
        return closed(document["components"]["schemas"][found["$ref"].rpartition("/")[2]], document)
    made = {name: closed(each, document) for name, each in found.items()}
    if "properties" in found and "additionalProperties" not in found:
        made["additionalProperties"] = False
    return made


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_address_of_the_api_is_in_it(document):
    def walk(resolver, prefix=""):
        for each in resolver.url_patterns:
            place = prefix + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from walk(each, place)
            elif place.startswith("api/") and "^" not in place:
                yield "/" + place.replace("<str:", "{").replace(">", "}")

    addresses = set(walk(get_resolver()))
    assert addresses - PAGES == set(document["paths"])


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda value: value)
def test_every_example_of_an_answer_fits_its_schema(document, method, path):
    (found,) = document["paths"][path][method]["responses"]["200"]["content"].values()
    if "example" in found:
        checked(document, found["schema"], json.loads(json.dumps(found["example"])))


def test_every_operation_has_its_own_name_and_every_write_a_body(document):
    names = [document["paths"][path][method]["operationId"] for method, path in operations()]
    assert len(set(names)) == len(names)
    for method, path in operations():
        if method in ("put", "patch"):
            assert "example" in document["paths"][path][method]["requestBody"]["content"]["application/json"]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda value: value)
def test_every_example_gives_the_answer_that_the_schema_describes(document, admin, method, path):
    world.build(admin)
    operation = document["paths"][path][method]
    world.before(operation["operationId"])
    caller = world.caller(path, admin)
    if path == "/api/user/password":
        admin.set_password(factories.PASSWORD)
        admin.save()
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    given = json.dumps(example) if example is not None else None
    options = {}
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        given, options = {"file": SimpleUploadedFile("note.txt", b"Hello")}, {"content_type": None}
    response = getattr(caller, method)(world.place(path).removeprefix("/api/"), given, **options)
    assert response.status_code == 200, response.content
    ((kind, described),) = operation["responses"]["200"]["content"].items()
    assert response["Content-Type"].split(";")[0] == kind
    if kind == "application/json":
        checked(document, described["schema"], response.json())
    if example:
        checked(document, operation["requestBody"]["content"]["application/json"]["schema"], example)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda value: value)
def test_every_refusal_is_a_problem_as_the_schema_describes_it(document, method, path):
    operation = document["paths"][path][method]
    body = "{}" if operation.get("security") == [] and method == "post" else None
    response = getattr(Api(), method)(world.place(path).removeprefix("/api/"), body)
    if operation.get("security") == []:
        assert response.status_code == 200
        return
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    checked(
        document,
        operation["responses"]["401"]["content"]["application/problem+json"]["schema"],
        response.json(),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (path, parameter["name"])
        for method, path in operations()
        for parameter in schema()["paths"][path][method]["parameters"]
        if method == "get" and parameter["in"] == "query"
    ],
)
def test_every_query_parameter_is_known_and_judges_its_value(document, admin, path, name):
    world.build(admin)
    (parameter,) = [
        each
        for each in document["paths"][path]["get"]["parameters"]
        if each["name"] == name and each["in"] == "query"
    ]
    valid = _value_of(name, parameter["schema"])
    given = {name: valid}
    if name == "after" and path == "/api/messages/list":
        given["thread"] = world.EXAMPLES["thread"]
    if "/chat/" in path and name == "t":
        given = {"t": "1"}
    if name == "ordering" and valid.endswith("queuedAt"):
        given["state"] = "queued"
    response = world.caller(path, admin).get(world.place(path).removeprefix("/api/"), given)
    if name == "cursor":
        assert response.json()["code"] == "invalid_cursor"
    else:
        assert response.status_code == 200, response.content


def _value_of(name: str, found: dict) -> str:
    if found.get("type") == "array":
        return found["items"].get("enum", [world.EXAMPLES["user"]])[0]
    if "enum" in found:
        return found["enum"][-1]
    if found.get("format") == "date-time":
        return "2026-11-01T00:00:00Z"
    if found.get("type") == "integer":
        return str(found.get("minimum", 1))
    return {"timezone": "Asia/Kolkata", "from": "2026-11-01", "to": "2100-01-01", "after": "now",
            "origin": "https://portal.example.com", "path": "/api/tickets/list"}.get(name, "vip")  # fmt: skip


def test_the_body_of_a_ticket_names_the_fields_that_may_be_written(document):
    body = document["paths"]["/api/tickets/create"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert set(body["properties"]) == set(READERS)


def test_the_document_is_served_to_everybody_as_json_and_as_yaml(client, db):
    served = client.get("/api/schema")
    assert served.json() == json.loads(json.dumps(schema()))
    yaml = client.get("/api/schema?format=yaml")
    assert (yaml.status_code, yaml["Content-Type"]) == (200, "application/yaml")
    assert yaml.content.startswith(b"openapi: 3.1")
    assert client.get("/api/schema?format=xml").json()["parameter"] == "format"


@pytest.mark.parametrize("path", sorted(PAGES))
def test_pages_have_a_strict_policy_and_nothing_inline_or_foreign(client, path):
    response = client.get(path)
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'self'" in policy
    page = response.content.decode()
    assert "<style" not in page
    assert "http://" not in page + "https://" and "https://" not in page
    assert page.count("<script") == page.count('<script defer src="/static/')


def test_every_reason_code_has_its_place_on_the_errors_page(client):
    page = client.get("/api/errors").content.decode()
    for code in CODES:
        assert f'<tr id="{code}">' in page
