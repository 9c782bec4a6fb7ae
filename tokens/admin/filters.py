"""Filters of the token list: states as a person names them, where a token may be used, and when it ends."""

from datetime import timedelta

from django.contrib.admin import SimpleListFilter
from django.db.models import Q
from django.utils import timezone

from tokens.models import State


class StateFilter(SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        return [(name, name.capitalize()) for name in ("active", "disabled", "rotated", "expired", "revoked")]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "active":
                return queryset.filter(state=State.ACTIVE, expires_at__gt=now, used_at=None)
            case "expired":
                return queryset.filter(state=State.ACTIVE, expires_at__lte=now)
            case "disabled" | "rotated" | "revoked" as state:
                return queryset.filter(state=state)
        return queryset


class PlaceFilter(SimpleListFilter):
    title, parameter_name = "where it may be used", "place"

    def lookups(self, request, model_admin):
        return [("any", "Any site"), ("listed", "Listed domains"), ("servers", "Servers too")]

    def queryset(self, request, queryset):
        match self.value():
            case "any":
                return queryset.filter(domains=[])
            case "listed":
                return queryset.exclude(domains=[])
            case "servers":
                return queryset.filter(Q(allow_no_origin=True) | Q(domains=[]))
        return queryset


class EndFilter(SimpleListFilter):
    title, parameter_name = "end", "ends"

    def lookups(self, request, model_admin):
        return [("1", "Within a day"), ("7", "Within 7 days"), ("30", "Within 30 days")]

    def queryset(self, request, queryset):
        if self.value() not in ("1", "7", "30"):
            return queryset
        now = timezone.now()
        return queryset.filter(
            state=State.ACTIVE, expires_at__gt=now, expires_at__lte=now + timedelta(days=int(self.value()))
        )


class UseFilter(SimpleListFilter):
    title, parameter_name = "last use", "used"

    def lookups(self, request, model_admin):
        return [("week", "In the last 7 days"), ("idle", "Not in the last 30 days"), ("never", "Never")]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "week":
                return queryset.filter(last_used_at__gte=now - timedelta(days=7))
            case "idle":
                return queryset.filter(
                    Q(last_used_at__lt=now - timedelta(days=30)) | Q(last_used_at__isnull=True)
                )
            case "never":
                return queryset.filter(last_used_at__isnull=True)
        return queryset


class KindFilter(SimpleListFilter):
    """One-time tokens live for minutes and would bury the others: they are hidden unless asked for."""

    title, parameter_name = "kind", "kind"

    def lookups(self, request, model_admin):
        return [("one-time", "One-time tokens"), ("all", "All")]

    def choices(self, changelist):
        first, *rest = super().choices(changelist)
        return [first | {"display": "Long-lived tokens"}, *rest]

    def queryset(self, request, queryset):
        match self.value():
            case "one-time":
                return queryset.exclude(surface="")
            case "all":
                return queryset
        return queryset.filter(surface="")
