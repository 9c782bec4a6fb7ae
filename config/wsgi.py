"""The WSGI application: Django behind the judgement of forwarded headers. For streams, serve config.asgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()

from config.proxies import ForwardedHeaders  # noqa: E402 - needs the settings

application = ForwardedHeaders(django)
