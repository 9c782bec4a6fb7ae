"""What may be set: groups of typed keys, declared once; the API, the admin and the docs all read them from
here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings as django

from settings_app.hours import WEEKDAYS, check_days, check_spans, check_zone

Check = Callable[[Any], str]  # returns what is wrong with a value, or ""


@dataclass(frozen=True)
class Key:
    """One setting: its type, default, meaning, and what its values must satisfy."""

    type: type
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    check: Check | None = None
    members: Mapping[str, Check] | None = None  # of a list of objects: the texts that each of them has

    def problem(self, value: Any) -> str:
        """Return what is wrong with a value as a sentence, or "" when it may be stored."""
        if type(value) is not self.type:
            names = {str: "a text", int: "a whole number", bool: "true or false", list: "a list of texts"}
            return f"Expected {names[self.type]}."
        if self.choices and value not in self.choices:
            return f"Expected one of {', '.join(self.choices)}."
        if self.lowest is not None and value < self.lowest:
            return f"Expected at least {self.lowest}."
        if self.highest is not None and value > self.highest:
            return f"Expected at most {self.highest}."
        if self.type is str and (len(value) > 2000 or "\x00" in value):
            return "Expected at most 2000 characters."
        if self.type is list and (problem := self._items_problem(value)):
            return problem
        return self.check(value) if self.check else ""

    def _items_problem(self, items: list[Any]) -> str:
        if self.members is None:
            fit = all(isinstance(item, str) and len(item) <= 253 for item in items)
            return "" if fit else "Expected a list of texts."
        for place, item in enumerate(items, 1):
            if not isinstance(item, dict) or set(item) != set(self.members):
                return f"Expected a list of objects with {' and '.join(self.members)}."
            for name, check in self.members.items():
                if not isinstance(item[name], str):
                    return f"Entry {place}, {name}: expected a text."
                if problem := check(item[name]):
                    return f"Entry {place}, {name}: {problem}"
        return ""


@dataclass(frozen=True)
class Group:
    """A group of settings; agents may read the ones that are `public`, the rest needs an admin or
    supervisor."""

    name: str
    title: str
    keys: Mapping[str, Key]
    public: bool = False
    defaults: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defaults", {name: key.default for name, key in self.keys.items()})


def _colour(value: str) -> str:
    return "" if re.fullmatch(r"#[0-9a-fA-F]{6}", value) else "Expected a colour such as #2563eb."


def _address(value: str) -> str:
    return "" if not value or re.fullmatch(r"https?://[^\s<>\"']+", value) else "Expected an http(s) address."


# A panel's origin goes into a policy: only what a browser would write itself; no user, odd host or escape.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PANEL_URL = re.compile(
    rf"https://(?:{_LABEL}\.)*(?=[a-z]){_LABEL}(?::(?P<port>[1-9][0-9]{{0,4}}))?(?:/[!$%&()*+./0-9:=?@A-Z_a-z~-]*)?"
)
MOST_PANELS = 8


def _panel_title(value: str) -> str:
    if not 1 <= len(value.strip()) <= 60 or value != value.strip() or not value.isprintable() or "|" in value:
        return "expected 1 to 60 characters, without |."
    return ""


def _panel_url(value: str) -> str:
    found = _PANEL_URL.fullmatch(value) if len(value) <= 1000 else None
    if found is None or int(found["port"] or 443) > 65_535:
        return "expected an https address in lower case, without a user, a fragment or quotes."
    return ""


def _panels(value: list[Any]) -> str:
    if len(value) > MOST_PANELS:
        return f"Expected at most {MOST_PANELS} panels."
    titles = [panel["title"] for panel in value]
    return "" if len(set(titles)) == len(titles) else "Expected a title of its own for each panel."


def _never_or_at_least_30(value: int) -> str:
    return "" if value == 0 or value >= 30 else "Expected 0, or at least 30."


def _types(value: list[str]) -> str:
    wrong = next((each for each in value if not re.fullmatch(r"(\*|[a-z]+)/[\w.+*-]+", each)), None)
    return "" if wrong is None else f"{wrong!r} is no content type such as image/png or image/*."


DAY = 86_400
MEBIBYTE = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument.*"
TYPES = (
    "image/*", "audio/*", "video/*", "text/plain", "text/csv", "text/markdown", "text/calendar",
    "text/vcard", "application/json", "application/pdf", "application/zip", "application/gzip",
    "application/x-7z-compressed", "application/vnd.rar", "application/rtf", "application/msword",
    "application/vnd.ms-excel", "application/vnd.ms-powerpoint", OFFICE,
    "application/vnd.oasis.opendocument.*",
)  # fmt: skip
WORKDAY = ["09:00-17:00"]
GROUPS: dict[str, Group] = {
    group.name: group
    for group in (
        Group(
            "general",
            "General",
            {
                "deskName": Key(str, "Inlay", "What the desk is called in titles and mails."),
                "language": Key(str, "en", "Language of people who chose none.", choices=("en", "zh-hans")),
                "timezone": Key(
                    str,
                    "UTC",
                    "Time zone of figures and business hours where none is given.",
                    check=check_zone,
                ),
                "supportAddress": Key(
                    str, "", "Where agents find help (an address of a page).", check=_address
                ),
                "eventRetentionDays": Key(int, 400, "Days that events are kept.", lowest=30, highest=3650),
            },
            public=True,
        ),
        Group(
            "branding",
            "Branding",
            {
                "accentColor": Key(str, "#2563eb", "Colour of buttons and links.", check=_colour),
                "logoUrl": Key(str, "", "Logo in the workstation's corner.", check=_address),
                "welcomeText": Key(str, "", "Shown to agents on an empty desk."),
            },
            public=True,
        ),
        Group(
            "tokens",
            "Access tokens",
            {
                "platform": Key(str, "bytedesk", "The platform name in a token's `sub` (informational)."),
                "lifetimeDefault": Key(
                    int, 30 * DAY, "Seconds a token lives by default.", lowest=60, highest=365 * DAY
                ),
                "lifetimeLongest": Key(
                    int, 365 * DAY, "Seconds a token may live at most.", lowest=60, highest=3650 * DAY
                ),
                "rotationGrace": Key(
                    int, DAY, "Seconds a rotated token still works.", lowest=0, highest=7 * DAY
                ),
                "idleDays": Key(
                    int, 90, "Days without use after which a token is disabled.", lowest=1, highest=3650
                ),
                "requireDomains": Key(bool, False, "Refuse to issue tokens that any site may use."),
                "apiFailuresPerMinute": Key(
                    int,
                    django.API_FAILURES_PER_MINUTE,
                    "Failed API calls per address and minute.",
                    lowest=1,
                    highest=10_000,
                ),
                "handoffFailuresPerMinute": Key(
                    int,
                    django.HANDOFF_FAILURES_PER_MINUTE,
                    "Failed logins per address and minute.",
                    lowest=1,
                    highest=10_000,
                ),
            },
        ),
        Group(
            "embedding",
            "Embedding",
            {
                "sessionLongest": Key(
                    int,
                    12 * 3600,
                    "Seconds a session opened by a token lasts at most.",
                    lowest=300,
                    highest=7 * DAY,
                ),
                "sessionIdle": Key(
                    int,
                    8 * 3600,
                    "Seconds without activity after which it ends.",
                    lowest=300,
                    highest=7 * DAY,
                ),
                "theme": Key(
                    str,
                    "auto",
                    "Theme where the embedding page names none.",
                    choices=("auto", "light", "dark"),
                ),
                "crossOriginIsolation": Key(
                    bool, False, "Send COEP, for embedding pages that use it themselves."
                ),
            },
        ),
        Group(
            "hours",
            "Business hours",
            {
                "enabled": Key(bool, False, "Keep these hours; without them the desk is always open."),
                "timezone": Key(
                    str, "", "Time zone of these hours; empty: that of the desk.", check=check_zone
                ),
                **{
                    day: Key(
                        list,
                        WORKDAY if number < 5 else [],
                        "Spans such as 09:00-17:30; one may end after midnight, as 22:00-02:00.",
                        check=check_spans,
                    )
                    for number, day in enumerate(WEEKDAYS)
                },
                "holidays": Key(list, [], "Days that are closed, such as 2026-12-25.", check=check_days),
                "closedText": Key(str, "", "What visitors read while the desk is closed."),
            },
            public=True,
        ),
        Group(
            "chat",
            "Chat",
            {
                "welcomeText": Key(str, "", "Shown to visitors above an empty conversation."),
                "defaultTeam": Key(str, "", "Team (its name or id) of chats whose address names none."),
                "opensPerMinute": Key(
                    int, 120, "Chats that one address may open in a minute.", lowest=10, highest=100_000
                ),
                "messagesPerMinute": Key(
                    int, 60, "Messages that one visitor may send in a minute.", lowest=5, highest=100_000
                ),
                "requireIdentity": Key(
                    bool, False, "Refuse a visitor's uid that the embedding site has not signed."
                ),
                "agentCapacity": Key(
                    int,
                    5,
                    "Chats at once of people who are added from now on.",
                    lowest=0,
                    highest=1000,
                ),
                "dropSeconds": Key(
                    int,
                    60,
                    "Seconds without a stream after which an available agent counts as gone (0: never).",
                    highest=86_400,
                    check=_never_or_at_least_30,
                ),
                "autoCloseMinutes": Key(
                    int,
                    0,
                    "Minutes of the visitor's silence after which a conversation is closed (0: never).",
                    lowest=0,
                    highest=43_200,
                ),
                "autoCloseText": Key(
                    str,
                    "We have not heard from you for a while, so this conversation is closed now. "
                    "Write again and we go on.",
                    "What the visitor reads then.",
                ),
                "onlineNeedsAgents": Key(
                    bool, False, "Count the desk as closed to visitors while nobody is available for them."
                ),
                "editSeconds": Key(
                    int,
                    900,
                    "Seconds in which a sender may edit or recall a message.",
                    lowest=0,
                    highest=7 * DAY,
                ),
                "attachmentTypes": Key(
                    list,
                    list(TYPES),
                    "Content types that may be sent; a star stands for no page and no program.",
                    check=_types,
                ),
                "attachmentMegabytes": Key(
                    int,
                    max(1, django.UPLOAD_LIMIT // MEBIBYTE),
                    "How large a file may be, in MiB; the installation's UPLOAD_LIMIT is the most.",
                    lowest=1,
                    highest=max(1, django.UPLOAD_LIMIT // MEBIBYTE),
                ),
                "robotAnswersPerMinute": Key(
                    int,
                    10,
                    "Answers of language models that one visitor gets in a minute.",
                    lowest=1,
                    highest=1000,
                ),
                "robotAddressAnswersPerMinute": Key(
                    int,
                    30,
                    "Answers of language models that all visitors of one address get in a minute.",
                    lowest=1,
                    highest=10_000,
                ),
                "robotDeskAnswersPerMinute": Key(
                    int,
                    120,
                    "Answers of language models that all visitors together get in a minute.",
                    lowest=1,
                    highest=100_000,
                ),
                "robotDeskAnswersPerDay": Key(
                    int,
                    5000,
                    "Answers of language models in a day (UTC); people have what is asked beyond it.",
                    lowest=0,
                    highest=10_000_000,
                ),
                "unsentMegabytes": Key(
                    int,
                    4096,
                    "Room for the files that visitors have uploaded and not sent, all together, in MiB.",
                    lowest=1,
                    highest=MEBIBYTE,
                ),
            },
        ),
        Group(
            "panels",
            "Panels",
            {
                "pages": Key(
                    list,
                    [],
                    "Your pages beside each conversation, framed with `visitorUid` added to their address.",
                    check=_panels,
                    members={"title": _panel_title, "url": _panel_url},
                ),
            },
            public=True,
        ),
    )
}
