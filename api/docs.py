"""The API's own description: `/api/schema`, a page to read and try it, and the table of reason codes."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.request import Request

from api.codes import CODES
from api.errors import Problem
from api.rendering import dumps
from api.schema import ANY, TEXT, Json, Operation, describe
from api.views import ApiView

# Swagger UI draws with style attributes and icons in data: URLs; scripts are ours alone.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
SECURITY: Json = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token, as `Authorization: Bearer <token>`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-desk_session",
        "description": "The workstation's own session; writes need its X-CSRFToken.",
    },
}


@cache
def schema() -> Json:
    """Return the OpenAPI document; made once in each process."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    document["components"]["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    document["servers"] = [{"url": "/"}]
    return document


@cache
def _written(form: str) -> bytes:
    return OpenApiYamlRenderer().render(schema()) if form == "yaml" else dumps(schema())


class Schema(ApiView):
    """`GET /api/schema`: OpenAPI 3.1, as JSON or (`?format=yaml`) YAML; for everybody."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> HttpResponse:
        for name in request.GET:
            if name != "format":
                raise Problem(
                    "unknown_parameter", f"{name[:80]!r} is unknown. Known: format.", parameter=name[:80]
                )
        form = request.GET.get("format", "json")
        if form not in ("json", "yaml"):
            raise Problem("invalid_parameter", "format: expected json or yaml.", parameter="format")
        kind = "application/yaml" if form == "yaml" else "application/json"
        response = HttpResponse(_written(form), content_type=kind)
        response["Cache-Control"] = "public, max-age=300"
        return response


describe(
    Schema,
    get=Operation("This document", ANY, query={"format": TEXT | {"enum": ["json", "yaml"]}}),
)


def docs(request: HttpRequest) -> HttpResponse:
    """`GET /api/docs`: Swagger UI, from our own files."""
    return _page("api/docs.html", {})


def errors(request: HttpRequest) -> HttpResponse:
    """`GET /api/errors`: every reason code; a problem's `type` points into it."""
    return _page("api/errors.html", {"codes": CODES.items()})


def _page(template: str, context: dict) -> HttpResponse:
    response = HttpResponse(render_to_string(template, context))
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "same-origin"
    return response
