"""The WSGI application: Django behind the judgement of forwarded headers. For streams, serve config.asgi."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.core.cache import close_caches  # noqa: E402 - what follows needs the settings
from django.core.handlers.base import reset_urlconf  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import close_old_connections, connections, reset_queries  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import ResolverMatch  # noqa: E402

from config.proxies import ForwardedHeaders  # noqa: E402


class Handler(WSGIHandler):
    """Django's handler, without what costs a list a twentieth: the walk through all addresses for one that is
    fixed, and signals for what is done in one call.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        self.fixed: dict[str, ResolverMatch] = {}
        super().load_middleware(is_async)

    def get_response(self, request: HttpRequest) -> HttpResponse:
        connections["default"].close_if_unusable_or_obsolete()
        return super().get_response(request)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        known = self.fixed.get(request.path_info)
        if known is None:
            known = super().resolve_request(request)
            if f"/{known.route}" == request.path_info:  # no part of it is the client's choice
                self.fixed[request.path_info] = known
        request.resolver_match = known
        return known


# Django tidies its connections before and after each request, by signals: once is enough (see Handler). The
# desk's only cache is in memory, and no request has addresses of its own: nothing to close or reset.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)

application = ForwardedHeaders(Handler())
