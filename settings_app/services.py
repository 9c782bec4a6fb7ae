"""Every write of settings."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from api.errors import Problem
from events.services import record
from settings_app import queries
from settings_app.models import StoredGroup
from settings_app.registry import GROUPS


def change_settings(
    *,
    group: str,
    values: Mapping[str, Any],
    actor: Any = None,
    match: Callable[[str, Any], None] | None = None,
) -> dict[str, Any]:
    """Change the values that are given and return the group as the API shows it.

    Only what differs from a default is stored. `match` judges If-Match. Raises Problem `not_found` for a
    group that does not exist, `validation_failed` naming each unknown key and each value that does not fit,
    or `conflict`.
    """
    declared = GROUPS.get(group)
    if declared is None:
        raise Problem("not_found")
    _check(group, values)
    with transaction.atomic():
        StoredGroup.objects.bulk_create([StoredGroup(name=group)], ignore_conflicts=True)
        row = StoredGroup.objects.select_for_update().get(pk=group)
        if match:
            shown = queries.shown(group)
            match(queries.etag(shown), shown)
        before = declared.defaults | {key: row.values[key] for key in row.values if key in declared.keys}
        new = {key: value for key, value in values.items() if before[key] != value}
        if new:
            after = before | new
            row.values = {key: value for key, value in after.items() if value != declared.defaults[key]}
            row.version += 1
            row.updated_at = timezone.now()
            row.save(update_fields=["values", "version", "updated_at"])
            record(
                "setting.changed",
                object_id=group,
                audience=["settings/staff"] if declared.public else ["settings/all"],
                actor=actor,
                data={"group": group, "old": {key: before[key] for key in new}, "new": new},
            )
        shown = queries.shown(group)
    transaction.on_commit(queries.forget_kept)
    return shown


def checked_hours(values: Mapping[str, Any] | None, *, field: str) -> dict[str, Any] | None:
    """Return hours that somebody else than the desk keeps, whole: in the shape of the group `hours`.

    What is not given is as the group has it by default; None stays None. Raises Problem
    `validation_failed` with each mistake, below the name of the `field`.
    """
    if values is None:
        return None
    _check("hours", values, f"{field}.")
    return GROUPS["hours"].defaults | dict(values)


def _check(group: str, values: Mapping[str, Any], place: str = "") -> None:
    """Raise Problem `validation_failed` with every key that is unknown or whose value does not fit."""
    keys = GROUPS[group].keys
    errors = []
    for name, value in values.items():
        if name not in keys:
            detail = f"Known keys: {', '.join(sorted(keys))}."
            errors.append({"field": f"{place}{name[:80]}", "code": "unknown_field", "detail": detail})
        elif problem := keys[name].problem(value):
            errors.append({"field": f"{place}{name}", "code": "invalid", "detail": problem})
    if errors:
        raise Problem("validation_failed", errors[0]["detail"], errors=errors)
