"""Cards: a title, a text, a picture and buttons, sent by programs and agents; checked to the last member."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from api.errors import field_error

LONGEST = {"title": 200, "text": 2000, "imageUrl": 2000, "url": 2000, "label": 60, "reply": 500}
BUTTONS = 4
ADDRESS = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x20\x7f]+", re.IGNORECASE)


def checked_card(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card as it is stored and shown: every member, "" where it has none.

    Raises Problem `validation_failed`: no title, too long, more than four buttons, a button that does not do
    exactly one thing, an address that is not http(s).
    """
    made = {name: _text(card, name, f"card.{name}") for name in ("title", "text", "imageUrl", "url")}
    if not made["title"]:
        raise field_error("card.title", "required", "A card has a title.")
    for name in ("imageUrl", "url"):
        _check_address(made[name], f"card.{name}")
    buttons = card.get("buttons") or []
    if len(buttons) > BUTTONS:
        raise field_error("card.buttons", "too_long", f"Expected at most {BUTTONS} buttons.")
    return made | {"buttons": [_button(each, f"card.buttons[{at}]") for at, each in enumerate(buttons)]}


def in_words(card: Mapping[str, Any]) -> str:
    """Return what is shown of a card where none can be: its title and text."""
    return "\n".join(filter(None, (card["title"], card["text"])))


def _button(button: Mapping[str, Any], field: str) -> dict[str, str]:
    label, url, reply = (_text(button, name, f"{field}.{name}") for name in ("label", "url", "reply"))
    if not label:
        raise field_error(f"{field}.label", "required", "A button has a label.")
    if bool(url) == bool(reply):
        raise field_error(field, "invalid", "A button has either a url or a reply.")
    _check_address(url, f"{field}.url")
    return {"label": label, "url": url} if url else {"label": label, "reply": reply}


def _text(given: Mapping[str, Any], name: str, field: str) -> str:
    text: str = (given.get(name) or "").strip()
    if len(text) > LONGEST[name]:
        raise field_error(field, "too_long", f"Expected at most {LONGEST[name]} characters.")
    return text


def _check_address(address: str, field: str) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # asking for a port that is none, or beyond 65535, raises
    except ValueError:
        host = None
    if not host or not ADDRESS.fullmatch(address):
        raise field_error(field, "invalid", "Expected an http(s) address.")
