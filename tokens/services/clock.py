"""What time does to tokens: expiring, idling off, notices before the end, and sweeping up.

Run by the worker.
"""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils import timezone, translation

from settings_app.queries import setting
from tokens.audit import record_token
from tokens.models import AccessToken, DailyUse, HandoffSession, State
from tokens.services.changing import disable_token

log = logging.getLogger("inlay.tokens")

NOTICE_DAYS = (1, 7)  # the nearest first
EXPIRED = 0  # `notified_days` of a token whose end has been recorded
KEPT = timedelta(days=8)  # one-time tokens and ended sessions; longer than any session lasts
USE_KEPT = timedelta(days=400)


def expire_due() -> int:
    """Record the end of each token whose time is over, once; return how many.

    Expiry itself is computed, not set.
    """
    due = AccessToken.objects.filter(state=State.ACTIVE, surface="", expires_at__lte=timezone.now())
    due = due.filter(Q(notified_days=None) | Q(notified_days__gt=EXPIRED))
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, no_key=True)[:1000])
        for row in rows:
            record_token("token.expired", row)
        AccessToken.objects.filter(pk__in=[row.pk for row in rows]).update(notified_days=EXPIRED)
    return len(rows)


def disable_idle() -> int:
    """Disable the tokens that nobody used for so many days (setting tokens.idleDays); return how many."""
    since = timezone.now() - timedelta(days=setting("tokens", "idleDays"))
    # `updated_at` too: an idle token that an admin enabled again gets its days anew.
    idle = AccessToken.objects.filter(state=State.ACTIVE, surface="", updated_at__lt=since)
    idle = idle.annotate(seen=Coalesce("last_used_at", "created_at")).filter(
        seen__lt=since, expires_at__gt=timezone.now()
    )
    rows = list(idle[:1000])
    for row in rows:
        disable_token(row=row, reason="idle")
    return len(rows)


def send_expiry_notices() -> int:
    """Write to the users of tokens that end within 7 days, and again within 1; return how many mails went
    out.

    A token that was issued for a shorter time than the notice's is not announced. A mail that cannot be
    sent is tried again at the next run.
    """
    sent = 0
    for days in NOTICE_DAYS:
        now, ahead = timezone.now(), timedelta(days=days)
        ending = AccessToken.objects.filter(
            Q(notified_days=None) | Q(notified_days__gt=days),
            Q(expires_at__gt=F("created_at") + ahead),
            state=State.ACTIVE,
            surface="",
            user__is_active=True,
            expires_at__gt=now,
            expires_at__lte=now + ahead,
        )
        sent += sum(_notify(row.pk, days) for row in ending.only("pk")[:1000])
    return sent


def clean_up() -> dict[str, int]:
    """Delete used one-time tokens, ended sessions and old counts; return how many of each.

    Long tokens stay.
    """
    before = timezone.now() - KEPT
    swept = {
        "sessions": HandoffSession.objects.filter(Q(expires_at__lt=before) | Q(ended_at__lt=before)),
        "oneTime": AccessToken.objects.exclude(surface="").filter(expires_at__lt=before),
        "uses": DailyUse.objects.filter(day__lt=(timezone.now() - USE_KEPT).date()),
        "browserSessions": Session.objects.filter(expire_date__lt=timezone.now()),
    }
    return {name: rows.delete()[0] for name, rows in swept.items()}


def _notify(token_id, days: int) -> bool:
    """Send one notice and mark the token, both or neither; False when nothing was sent."""
    rows = AccessToken.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    try:
        with transaction.atomic():
            row = rows.select_related("user", "created_by").filter(pk=token_id).first()
            if row is None or (row.notified_days is not None and row.notified_days <= days):
                return False
            row.notified_days = days
            row.save(update_fields=["notified_days"])
            record_token("token.expiring", row, days=days, expiresAt=row.expires_at)
            addresses = dict.fromkeys(
                person.email for person in (row.user, row.created_by) if person and person.email
            )
            for address in addresses:
                _mail(row, address)
            return bool(addresses)
    except (SMTPException, OSError) as error:
        log.warning("could not send the notice of token %s: %s", token_id, error)
        return False


def _mail(row: AccessToken, address: str) -> None:
    desk = setting("general", "deskName")
    with translation.override(row.user.language or setting("general", "language")):
        text = render_to_string("mail/token_expiring.txt", {"token": row, "desk": desk})
    subject, _, body = text.strip().partition("\n")
    EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[address]).send()
