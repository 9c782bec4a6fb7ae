"""What is done to tokens, and what the audit says of it."""

from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.utils import timezone

from api.errors import Problem
from events.models import Event
from tests import factories
from tokens import rows, services
from tokens.models import AccessToken, DailyUse, HandoffSession, State
from tokens.services.limits import covered

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def row(agent) -> AccessToken:
    return factories.token_row(factories.token(agent, name="Shop"))


def types(row: AccessToken) -> list[str]:
    return list(Event.objects.filter(object_id=str(row.pk)).order_by("id").values_list("type", flat=True))


def move(row: AccessToken, **days: float) -> AccessToken:
    """Set times of a row, in days from now."""
    moments = {name: timezone.now() + timedelta(days=number) for name, number in days.items()}
    AccessToken.objects.filter(pk=row.pk).update(**moments)
    row.refresh_from_db()
    return row


def refused(code: str, work, **arguments) -> Problem:
    with pytest.raises(Problem) as caught:
        work(**arguments)
    assert caught.value.code == code
    return caught.value


def test_an_edit_is_recorded_with_what_was_and_what_is(row, admin):
    services.edit_token(row=row, actor=admin, name="Kiosk", domains=["B.example", "a.example"])
    event = Event.objects.get(object_id=str(row.pk), type="token.edited")
    assert event.actor_id == admin.pk
    assert event.data["changes"] == {
        "name": {"from": "Shop", "to": "Kiosk"},
        "domains": {"from": [], "to": ["b.example", "a.example"]},
    }


def test_an_edit_that_changes_nothing_records_nothing(row, admin):
    services.edit_token(row=row, actor=admin, name="Shop", expires_at=row.expires_at)
    assert types(row) == ["token.created"]


def test_an_edit_is_refused_with_the_reason_of_the_field(row, admin):
    problem = refused("validation_failed", services.edit_token, row=row, actor=admin, domains=["*.com"])
    assert problem.errors[0]["code"] == "entry_wildcard_tld"
    problem = refused(
        "validation_failed", services.edit_token, row=row, actor=admin, allowed_ips=["1.2.3.400"]
    )
    assert problem.errors[0]["field"] == "allowedIps"
    with pytest.raises(TypeError):
        services.edit_token(row=row, actor=admin, state="active")


def test_disabling_twice_is_disabling_once(row):
    services.disable_token(row=row)
    services.disable_token(row=row)
    services.enable_token(row=row)
    services.enable_token(row=row)
    assert types(row) == ["token.created", "token.disabled", "token.enabled"]


def test_revoking_is_final_and_the_first_reason_stands(row, admin):
    services.revoke_token(row=row, actor=admin, reason="lost")
    again = services.revoke_token(row=row, actor=None, reason="other")
    assert (again.revoked_reason, again.revoked_by) == ("lost", admin)
    for work in (services.enable_token, services.disable_token):
        refused("invalid_state", work, row=row)
    refused("invalid_state", services.edit_token, row=row, actor=admin, name="x")
    refused("invalid_state", services.rotate_token, row=row, actor=admin)
    refused("invalid_state", services.issue_one_time, parent=row, surface="agent")


def test_rotating_keeps_the_family_the_rights_and_the_length_of_life(agent, admin):
    old = factories.token_row(factories.token(agent, entries=["a.example"], expires_in=7200))
    issued = services.rotate_token(row=old, actor=admin, grace=600)
    new, old = issued.row, AccessToken.objects.get(pk=old.pk)
    assert (new.family, new.domains, new.scopes, new.user_id) == (
        old.family,
        old.domains,
        old.scopes,
        agent.pk,
    )
    assert timedelta(seconds=7199) < new.expires_at - timezone.now() <= timedelta(seconds=7200)
    assert timedelta(seconds=590) < old.grace_until - timezone.now() <= timedelta(seconds=600)
    assert "token.rotated" in types(old) and issued.text not in repr(issued)


def test_grace_never_outlives_the_old_token(agent, admin):
    old = factories.token_row(factories.token(agent, expires_in=60))
    services.rotate_token(row=old, actor=admin)
    old.refresh_from_db()
    assert old.grace_until == old.expires_at


@pytest.mark.parametrize("grace", [-1, 7 * 86_400 + 1])
def test_grace_is_from_nothing_to_seven_days(row, admin, grace):
    refused("validation_failed", services.rotate_token, row=row, actor=admin, grace=grace)


def test_rotating_a_rotated_token_is_refused_and_alerts(row, admin):
    services.rotate_token(row=row, actor=admin)
    refused("token_rotated", services.rotate_token, row=row, actor=admin)
    alert = Event.objects.get(object_id=str(row.pk), type="token.rotate_reuse")
    assert alert.data["alert"] is True
    assert AccessToken.objects.filter(family=row.family).count() == 2


def test_disabling_a_rotated_token_ends_its_grace(row, admin):
    services.rotate_token(row=row, actor=admin)
    after = services.disable_token(row=row)
    assert after.state == State.ROTATED and after.grace_until <= timezone.now()
    refused("invalid_state", services.enable_token, row=row)


def test_a_one_time_token_lives_no_longer_than_its_parent(agent):
    parent = factories.token_row(factories.token(agent, expires_in=10))
    child = services.issue_one_time(parent=parent, surface="agent", ttl=300).row
    assert child.expires_at == parent.expires_at
    refused("invalid_state", services.issue_one_time, parent=child, surface="agent")
    refused("validation_failed", services.issue_one_time, parent=parent, surface="agent", ttl=301)
    refused("validation_failed", services.issue_one_time, parent=parent, surface="root")


def test_a_one_time_token_follows_the_limits_of_its_parent(row, admin):
    child = services.issue_one_time(parent=row, surface="agent").row
    services.edit_token(row=row, actor=admin, domains=["a.example"], allowed_ips=["10.0.0.1"])
    found = rows.by_id(child.pk)
    assert (found.domains, found.allowed_ips) == (["a.example"], ["10.0.0.1/32"])


def test_a_one_time_token_is_used_once(row):
    child = services.issue_one_time(parent=row, surface="agent").row
    assert services.consume_one_time(token_id=child.pk)
    assert not services.consume_one_time(token_id=child.pk)
    assert not services.consume_one_time(token_id=row.pk)


def test_the_end_of_a_token_is_recorded_once(row):
    assert services.expire_due() == 0
    move(row, created_at=-2, expires_at=-1)
    assert (services.expire_due(), services.expire_due()) == (1, 0)
    assert types(row)[-1] == "token.expired"


def test_a_token_that_nobody_uses_is_disabled_and_may_be_enabled_again(row, agent):
    used = factories.token_row(factories.token(agent))
    for each in (row, used):
        move(each, created_at=-91, updated_at=-91, expires_at=100)
    move(used, last_used_at=-1)
    assert services.disable_idle() == 1
    row.refresh_from_db()
    assert row.state == State.DISABLED
    services.enable_token(row=row)
    assert services.disable_idle() == 0


def test_a_user_is_written_to_seven_days_and_one_day_before_the_end(row, agent):
    move(row, created_at=-30, expires_at=8)
    assert services.send_expiry_notices() == 0
    for days, sent in ((6.5, 1), (5, 0), (0.9, 1), (0.5, 0)):
        move(row, expires_at=days)
        assert services.send_expiry_notices() == sent, days
    assert [message.to for message in mail.outbox] == [[agent.email]] * 2
    assert "Shop" in mail.outbox[0].subject and row.hint in mail.outbox[0].body
    assert types(row).count("token.expiring") == 2


def test_a_token_issued_for_less_than_a_week_is_announced_only_a_day_before(agent):
    row = factories.token_row(factories.token(agent, expires_in=3 * 86_400))
    assert services.send_expiry_notices() == 0
    move(row, created_at=-2.5, expires_at=0.5)
    assert services.send_expiry_notices() == 1


def test_a_notice_that_could_not_be_sent_is_sent_at_the_next_run(row, monkeypatch):
    move(row, created_at=-30, expires_at=5)

    def fail(self, fail_silently=False):
        raise SMTPException("no server")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", fail)
        assert services.send_expiry_notices() == 0
    assert services.send_expiry_notices() == 1


def test_sweeping_up_keeps_long_tokens_and_live_sessions(row, agent):
    child = services.issue_one_time(parent=row, surface="agent").row
    common = {"token": row, "user": agent, "surface": "agent", "kind": "top"}
    live = HandoffSession.objects.create(handle="live", expires_at=timezone.now() + DAY, **common)
    HandoffSession.objects.create(handle="dead", expires_at=timezone.now() - 9 * DAY, **common)
    DailyUse.objects.create(token=row, day=timezone.now().date() - 401 * DAY, result="ok", count=1)
    move(child, created_at=-10, expires_at=-9)
    swept = services.clean_up()
    assert (swept["sessions"], swept["oneTime"], swept["uses"]) == (1, 1, 1)
    assert list(HandoffSession.objects.all()) == [live] and AccessToken.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("inner", "outer", "fits"),
    [
        ("a.example", "a.example", True),
        ("https://a.example", "a.example", True),
        ("a.example", "https://a.example", False),
        ("http://a.example", "a.example", False),
        ("a.example", "http://a.example", True),
        ("b.a.example", "*.a.example", True),
        ("*.b.a.example", "*.a.example", True),
        ("*.a.example", "*.a.example", True),
        ("a.example", "*.a.example", False),
        ("*.a.example", "b.a.example", False),
        ("a.example:8443", "a.example", False),
        ("a.example:8443", "a.example:*", True),
        ("a.example:*", "a.example:8443", False),
        ("evila.example", "*.a.example", False),
    ],
)
def test_an_entry_is_covered_by_those_that_admit_all_it_admits(inner, outer, fits):
    assert covered(inner, [outer]) is fits
