"""Every address of the desk."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from api import health
from api.views import nothing_here
from messaging import chat_page
from messaging.files.views import file

urlpatterns = [
    path("", include("tokens.handoff_urls")),  # before admin/, whose catch-all owns /admin/auth/…
    path("api/tickets/", include("tickets.urls")),
    path("api/events/", include("events.urls")),
    path("api/statistics/", include("reporting.urls")),
    path("api/settings/", include("settings_app.urls")),
    path("api/tokens/", include("tokens.urls")),
    path("api/chat/", include("messaging.chat.urls")),
    path("api/", include("accounts.urls")),
    path("api/", include("messaging.urls")),
    path("api/", include("api.urls")),
    re_path(r"^api/", nothing_here),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("chat/", chat_page.chat),
    path("files/<uuid:id>/<str:ticket>/<str:name>", file),
    path("", include("workstation.urls")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/agent/icon.svg", permanent=True)),
    path("", RedirectView.as_view(url="/agent/")),
]

handler400 = "api.errors.bad_request"
handler403 = "api.errors.permission_denied"
handler404 = "api.errors.not_found"
handler500 = "api.errors.server_error"
