"""The WSGI application: Django behind the judgement of forwarded headers. For streams, serve config.asgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()

from django.core.cache import close_caches  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402 - needs the settings
from django.db import close_old_connections, reset_queries  # noqa: E402

from config.proxies import ForwardedHeaders  # noqa: E402

# Django tidies its connections before and after each request; after is enough, and before costs a list 4 %.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_caches)  # the desk's only cache is in memory: nothing to close

application = ForwardedHeaders(django)
