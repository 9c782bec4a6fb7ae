"""`manage.py check --deploy`: what an operator can get wrong about tokens, embedding and sessions
(tokens.md section 6).
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_KEY = 48  # bytes, the length of HS384's output
OLDEST_PYJWT = (2, 15)  # before it, altered encodings of a signature passed
XFO = "django.middleware.clickjacking.XFrameOptionsMiddleware"


@register(Tags.security, deploy=True)
def check_tokens(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what makes tokens, frames or sessions weaker than tokens.md says."""
    return [*_keys(), *_transport(), *_pages(), *_cors()]


def _keys() -> Iterable[CheckMessage]:
    keys = settings.ACCESS_TOKEN_KEYS
    if any(len(key) < SHORTEST_KEY for key in keys.values()):
        yield Error(
            f"A key in ACCESS_TOKEN_KEYS is shorter than {SHORTEST_KEY} bytes.",
            hint="Put a new key of random bytes first; keep the old one until its tokens are rotated.",
            id="tokens.E001",
        )
    secret = settings.SECRET_KEY.encode()
    if any(key == secret for key in keys.values()) or len(set(keys.values())) != len(keys):
        yield Error(
            "A key in ACCESS_TOKEN_KEYS is SECRET_KEY, or stands there twice.",
            hint="Each key is for one purpose and one key id.",
            id="tokens.E002",
        )
    if tuple(int(part) for part in version("PyJWT").split(".")[:2]) < OLDEST_PYJWT:
        yield Error("PyJWT is older than 2.15.", hint="Install requirements.txt.", id="tokens.E003")


def _transport() -> Iterable[CheckMessage]:
    if not settings.TRUSTED_PROXIES:
        yield Warning(
            "No proxy is trusted, so the desk takes itself to be on plain http, unless it serves TLS itself.",
            hint="Put a proxy that speaks https in front and name its address in TRUSTED_PROXIES.",
            id="tokens.W004",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS admits every name, and the desk's own origin is read from the Host header.",
            hint="Name the hosts under which browsers reach the desk.",
            id="tokens.W005",
        )


def _pages() -> Iterable[CheckMessage]:
    if XFO in settings.MIDDLEWARE:
        yield Error(
            "XFrameOptionsMiddleware forbids the frames that frame-ancestors allows.",
            hint="Take it out of MIDDLEWARE: pages that are not for frames say so themselves.",
            id="tokens.E006",
        )
    policy = settings.SECURE_REFERRER_POLICY or ""
    if "no-referrer" in (policy if isinstance(policy, list | tuple) else policy.replace(" ", "").split(",")):
        yield Error(
            "Pages with Referrer-Policy: no-referrer send `Origin: null`, and every form of theirs fails.",
            hint="Use same-origin.",
            id="tokens.E007",
        )
    if not settings.CSRF_USE_SESSIONS:
        yield Error(
            "CSRF tokens are in a cookie, which a frame of another site does not get.",
            hint="Set CSRF_USE_SESSIONS.",
            id="tokens.E008",
        )


def _cors() -> Iterable[CheckMessage]:
    names = (
        "CORS_ALLOW_ALL_ORIGINS",
        "CORS_ORIGIN_ALLOW_ALL",
        "CORS_ALLOWED_ORIGINS",
        "CORS_ORIGIN_WHITELIST",
    )
    opened = [name for name in (*names, "CORS_ALLOWED_ORIGIN_REGEXES") if getattr(settings, name, None)]
    if opened:
        yield Error(
            f"{', '.join(opened)} opens the API to pages that no token names.",
            hint="Leave it out: each token's domain list decides.",
            id="tokens.E009",
        )
    if getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        yield Error(
            "CORS_ALLOW_CREDENTIALS lets other sites call with the desk's cookies.",
            hint="Leave it out: pages of other sites send their token.",
            id="tokens.E010",
        )
