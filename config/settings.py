"""Every setting of an installation, from the environment; docs/operations.md lists them for operators."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import database, files, keys, logs

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent


def _list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


# The installation
INLAY_DATA = Path(os.environ.get("INLAY_DATA") or BASE_DIR / "var").resolve()
os.environ["INLAY_DATA"] = str(INLAY_DATA)
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
WORKERS = int(os.environ.get("WORKERS") or max(1, (os.cpu_count() or 2) // 2))
REDIS_URL = os.environ.get("REDIS_URL", "")
TRUSTED_PROXIES = _list("TRUSTED_PROXIES")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "*")
DEBUG = _flag("DEBUG")
SECRET_KEY = keys.secret_key(INLAY_DATA)
ACCESS_TOKEN_KEYS = keys.access_token_keys(INLAY_DATA)

# The database
PGBOUNCER = _flag("PGBOUNCER")
DATABASES = {"default": database.configuration(os.environ.get("DATABASE_URL", ""), pgbouncer=PGBOUNCER)}
# LISTEN needs a session of its own, which a pooler in transaction mode does not give.
DATABASE_DIRECT_URL = os.environ.get("DATABASE_DIRECT_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "api",
    "events",
    "settings_app",
    "accounts",
    "tokens",
    "messaging",
    "tickets",
    "reporting",
    "workstation",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "procrastinate.contrib.django",
]

# What only pages need is in tokens.pages.PagesMiddleware, which the API passes by.
MIDDLEWARE = [
    "api.middleware.RequestMiddleware",
    "tokens.pages.PagePolicyMiddleware",
    "tokens.cors.OriginCorsMiddleware",
    "tokens.pages.PagesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False  # a redirect would carry the token of a login URL, and drop the body of an API call

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tokens.pages.page_context",
            ]
        },
    }
]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.UsernameOrEmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/agent/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "accounts.backends.counted_as"
AXES_CLIENT_IP_CALLABLE = "api.requests.client_ip"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "accessToken"]

# Sessions: the names and attributes of the two jars are chosen in tokens/cookies.py (tokens.md section 4).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "desk_session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_USE_SESSIONS = True
CSRF_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "tokens.pages.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000  # sent over https only
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
# https is decided by the proxy in front; tokens.checks says what a plain http installation loses. Framing is
# decided by frame-ancestors, and a sub-domain of the host is not ours to put under HSTS.
# admin.E408 to E410, axes.W002, security.W001 and W003 look for names in MIDDLEWARE and do not see that
# PagesMiddleware holds them.
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",
    "admin.E409",
    "admin.E410",
    "axes.W002",
    "security.W001",
    "security.W003",
    "security.W002",
    "security.W005",
    "security.W008",
    "security.W021",
]

# CORS is per token: corsheaders asks tokens.cors through its signal, and no list here opens anything.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "x-request-id",
    "x-requested-with",
]
CORS_EXPOSE_HEADERS = [
    "WWW-Authenticate",
    "Retry-After",
    "X-Request-Id",
    "X-Access-Token-Status",
    "Link",
    "X-Total-Count",
    "ETag",
]
CORS_PREFLIGHT_MAX_AGE = 600

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tokens.authentication.DeskAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsing.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.rendering.OnlyJSON",
    "DEFAULT_SCHEMA_CLASS": "api.schema.FamilySchema",
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Inlay",
    "DESCRIPTION": "Tickets, live chat, statistics and an agent workstation that live inside other products.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/",
    "POSTPROCESSING_HOOKS": [],  # what they mend, api.schema writes right
    "COMPONENT_SPLIT_REQUEST": True,
}
API_BODY_LIMIT = int(os.environ.get("API_BODY_LIMIT") or 1024 * 1024)  # bytes
# Where the settings tokens.apiFailuresPerMinute and handoffFailuresPerMinute start from.
API_FAILURES_PER_MINUTE = int(os.environ.get("API_FAILURES_PER_MINUTE") or 60)
HANDOFF_FAILURES_PER_MINUTE = int(os.environ.get("HANDOFF_FAILURES_PER_MINUTE") or 30)
API_JSON_DEPTH = int(os.environ.get("API_JSON_DEPTH") or 32)
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT
# Files have limits of their own, at these addresses alone (config.asgi).
UPLOAD_PATHS = frozenset({"/api/attachments/create", "/api/chat/upload"})
UPLOAD_LIMIT = int(os.environ.get("UPLOAD_LIMIT") or 25 * 1024 * 1024)  # bytes of a file
UPLOADS_AT_ONCE = int(os.environ.get("UPLOADS_AT_ONCE") or 32)  # of one process

# Another origin of this very desk, under which the embed studio shows its foreign page (tokens.preview).
PREVIEW_ORIGIN = os.environ.get("INLAY_PREVIEW_ORIGIN", "").strip().rstrip("/")

# Mail: without EMAIL_URL (smtp://user:password@host:port, or smtps:// for TLS) it goes to the log.
EMAIL = urlsplit(os.environ.get("EMAIL_URL", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL.hostname else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = EMAIL.hostname or "", EMAIL.port or (465 if EMAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(EMAIL.username or ""), unquote(EMAIL.password or "")
EMAIL_USE_SSL = EMAIL.scheme == "smtps"
EMAIL_USE_TLS = EMAIL.scheme == "smtp" and bool(EMAIL.username)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "desk@localhost")

# Robots: a service that speaks OpenAI's chat completions (none: off), and responders of one's own,
# "name=package.module.Class" separated by commas.
ROBOT_OPENAI_URL = os.environ.get("ROBOT_OPENAI_URL", "")
ROBOT_OPENAI_KEY = os.environ.get("ROBOT_OPENAI_KEY", "")
ROBOT_OPENAI_MODEL = os.environ.get("ROBOT_OPENAI_MODEL", "gpt-4o-mini")
ROBOT_OPENAI_TIMEOUT = int(os.environ.get("ROBOT_OPENAI_TIMEOUT") or 20)  # seconds
ROBOT_ANSWERS_AT_ONCE = int(os.environ.get("ROBOT_ANSWERS_AT_ONCE") or 8)  # in one worker
ROBOT_RESPONDERS = dict(each.split("=", 1) for each in _list("ROBOT_RESPONDERS") if "=" in each)

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = INLAY_DATA / "static"  # for a proxy that serves static files itself: manage.py collectstatic
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = INLAY_DATA / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": files.storage(os.environ, INLAY_DATA),
}
ATTACHMENT_ORIGINS = files.origins(os.environ)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = INLAY_DATA / "uploads"  # beside the attachments, so that a file is moved, not copied
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 300

LOGGING = logs.configuration(os.environ.get("LOG_LEVEL", "INFO").upper())

UNFOLD = {
    "SITE_TITLE": "Inlay",
    "SITE_HEADER": "Inlay",
    "SITE_SUBHEADER": "Customer-service desk",
    "SITE_SYMBOL": "support_agent",
    "SITE_URL": "/agent/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "reporting.admin.dashboard",
    "STYLES": ["/static/admin_inlay/desk.css"],
    "SCRIPTS": ["/static/admin_inlay/desk.js"],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
    "SIDEBAR": {"navigation": "reporting.admin.navigation"},
}
