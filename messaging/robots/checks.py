"""`manage.py check`: what an operator can get wrong about robots."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from messaging.robots.openai import check_address

NEAR = frozenset({"localhost", "127.0.0.1", "::1"})


@register
def check_robots(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the environment's words about robots."""
    return [*_places(), *_service(), *_plugged_in()]


def _places() -> Iterable[CheckMessage]:
    if settings.ROBOT_ANSWERS_AT_ONCE < 1:
        yield Error(
            "ROBOT_ANSWERS_AT_ONCE leaves language models no place.", hint="Give 8.", id="robots.E005"
        )


def _service() -> Iterable[CheckMessage]:
    address = settings.ROBOT_OPENAI_URL
    if not address:
        return
    if problem := check_address(address):
        hint = "Give a base address such as https://api.openai.com/v1."
        yield Error(f"ROBOT_OPENAI_URL cannot be called: {problem}.", hint=hint, id="robots.E001")
    elif settings.ROBOT_OPENAI_KEY and address.startswith("http:") and urlsplit(address).hostname not in NEAR:
        yield Warning(
            "ROBOT_OPENAI_KEY and what visitors write travel unencrypted.",
            hint="Let ROBOT_OPENAI_URL begin with https://.",
            id="robots.W002",
        )


def _plugged_in() -> Iterable[CheckMessage]:
    for name, path in settings.ROBOT_RESPONDERS.items():
        try:
            found = import_string(path)
        except ImportError as error:
            yield Error(f"ROBOT_RESPONDERS: {name} cannot be imported: {error}.", id="robots.E003")
            continue
        if not callable(getattr(found, "respond", None)):
            yield Error(f"ROBOT_RESPONDERS: {path} has no method respond.", id="robots.E004")
