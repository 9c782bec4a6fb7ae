"""Reading settings."""

import time
from collections.abc import Mapping
from typing import Any

from settings_app.hours import Hours, hours_of
from settings_app.models import StoredGroup
from settings_app.registry import GROUPS

_kept: dict[str, tuple[float, dict[str, Any]]] = {}
KEPT_SECONDS = 2.0  # settings are read on hot paths, and a change may take this long to be everywhere


def group_values(name: str) -> dict[str, Any]:
    """Return all values of a group, stored or default, from the database."""
    stored = StoredGroup.objects.filter(pk=name).values_list("values", flat=True).first() or {}
    known = GROUPS[name].defaults
    return known | {key: value for key, value in stored.items() if key in known}


def setting(group: str, key: str) -> Any:
    """Return one value, at most two seconds old."""
    now = time.monotonic()
    fresh_until, values = _kept.get(group, (0.0, {}))
    if now >= fresh_until:
        values = group_values(group)
        _kept[group] = (now + KEPT_SECONDS, values)
    return values[key]


def hours_kept(own: Mapping[str, Any] | None = None) -> Hours:
    """Return the hours of a team that keeps its `own`, else the desk's; at most two seconds old."""
    values = own or {name: setting("hours", name) for name in GROUPS["hours"].keys}
    return hours_of(values, zone=setting("general", "timezone"))


def forget_kept() -> None:
    """Drop what this process remembers, after it changed a setting itself."""
    _kept.clear()


def shown(name: str) -> dict[str, Any]:
    """Return a group as the API shows it: values, and what each key means and takes."""
    return _shown(name, StoredGroup.objects.filter(pk=name).first())


def groups(*, everything: bool) -> list[dict[str, Any]]:
    """Return the groups that somebody may read, in the order of their declaration; one statement."""
    rows = {row.name: row for row in StoredGroup.objects.all()}
    return [_shown(name, rows.get(name)) for name in GROUPS if may_read(name, everything=everything)]


def may_read(name: str, *, everything: bool) -> bool:
    """Whether a group exists for somebody who reads everything, or only what is public."""
    return name in GROUPS and (everything or GROUPS[name].public)


def etag(shown: Mapping[str, Any]) -> str:
    """Return the ETag of a group as it is shown: its version, which each change moves."""
    return f'"{shown["version"]}"'


def _shown(name: str, row: StoredGroup | None) -> dict[str, Any]:
    group = GROUPS[name]
    stored = {key: value for key, value in (row.values if row else {}).items() if key in group.keys}
    return {
        "id": name,
        "title": group.title,
        "values": group.defaults | stored,
        "keys": {
            key: {
                "type": {str: "string", int: "integer", bool: "boolean", list: "array"}[spec.type],
                "default": spec.default,
                "help": spec.help,
                **({"choices": list(spec.choices)} if spec.choices else {}),
                **({"minimum": spec.lowest} if spec.lowest is not None else {}),
                **({"maximum": spec.highest} if spec.highest is not None else {}),
                **({"members": list(spec.members)} if spec.members else {}),
            }
            for key, spec in group.keys.items()
        },
        "version": row.version if row else 0,
    }


def remembered(group: str, key: str) -> Any:
    """Return one value as this process last read it, else its default; never touches the database."""
    return _kept.get(group, (0.0, GROUPS[group].defaults))[1][key]
