"""What a visitor does: opens a chat, writes, reads, rates."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audiences import work_audience
from accounts.models import Team, User
from api.errors import Problem, field_error
from events.services import record, whisper
from messaging.chat import credentials, queries
from messaging.models import Message, PageSeen, Robot, Thread, ThreadState, ThreadType, Visitor
from messaging.robots.queries import robot_named
from messaging.services import routing
from messaging.services.audience import heard_by_visitor
from messaging.services.messages import send_message
from messaging.services.threads import create_thread, heard_by, locked_thread, record_thread
from messaging.services.visitors import check_visitor, make_visitor, teams_of
from settings_app.queries import setting

PAGES_KEPT = 50
MINUTE = timedelta(minutes=1)
# What is read has arrived. No index has this column, so the row changes in its place.
DELIVERED = """
    UPDATE messaging_thread SET visitor_delivered_seq = least(%s, last_seq)
    WHERE id = %s AND greatest(visitor_delivered_seq, visitor_read_seq) < least(%s, last_seq)
    RETURNING visitor_delivered_seq"""
# The uid that a page says its visitor has, unsigned: shown to agents, believed by nobody. Not `external_id`,
# by which the desk's own people and programs name a visitor.
CLAIM = "visitorUid"
FACTS = ("nickname", "avatar", "email", "phone", "language")


@transaction.atomic
def identify(*, known: UUID | None, uid: str, signature: str, facts: Mapping[str, Any]) -> Visitor:
    """Return the visitor who opens a chat, made where new, with what its page says of it.

    `known` is the visitor whose credential came along. A `uid` that the site has signed is the visitor of
    that external id; an unsigned one opens nobody's history: it is a claim of who holds the credential, or of
    somebody new. Raises Problem `identity_invalid` for a signature that is not the site's, and for a
    uid without one where the setting chat.requireIdentity asks for it.
    """
    if uid:  # two tabs at once: the second finds what the first made; of those without one nobody waits
        with connection.cursor() as cursor:
            key = f"visitor:external:{uid}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    holder = Visitor.objects.filter(pk=known).first() if known else None
    if signature or (uid and setting("chat", "requireIdentity")):
        if not credentials.signed(uid, signature):
            raise Problem("identity_invalid")
        visitor = _verified(uid, holder)
    else:
        visitor = _unverified(uid, holder)
    return visitor if visitor.blocked_at else _with_facts(visitor, facts)


def _verified(uid: str, holder: Visitor | None) -> Visitor:
    """Return the visitor of a signed uid: whom the desk knows by it, else who holds the credential."""
    found = Visitor.objects.filter(external_id=uid).first()
    if found is None:
        mine = holder is not None and not holder.external_id and holder.device.get(CLAIM, uid) == uid
        found = holder if holder is not None and mine else make_visitor(Visitor())
    if found.verified_at is None:
        found.external_id, found.verified_at = uid, timezone.now()
        found.save(update_fields=["external_id", "verified_at"])
    return found


def _unverified(uid: str, holder: Visitor | None) -> Visitor:
    """Return who holds the credential, or somebody new: in one browser a site may have several users."""
    if holder is None or holder.verified_at or (uid and holder.device.get(CLAIM, uid) != uid):
        holder = make_visitor(Visitor())
    if uid and CLAIM not in holder.device:
        holder.device = {**holder.device, CLAIM: uid}
        holder.save(update_fields=["device"])
    return holder


def _with_facts(visitor: Visitor, facts: Mapping[str, Any]) -> Visitor:
    """Store what a page says of its visitor, where it says something new that can be stored."""
    claim = {CLAIM: visitor.device[CLAIM]} if CLAIM in visitor.device else {}
    facts = {**facts, "device": {**facts.get("device", {}), **claim}}
    changed = [
        name
        for name in (*FACTS, "custom_fields", "device")
        if facts.get(name) and facts[name] != getattr(visitor, name) and _fits(name, facts[name])
    ]
    for name in changed:
        setattr(visitor, name, facts[name])
    visitor.seen_at = timezone.now()
    if not visitor.nickname:
        visitor.nickname = f"Visitor {visitor.pk.hex[-4:].upper()}"
        changed.append("nickname")
    visitor.save(update_fields=[*changed, "seen_at"])
    return visitor


def _fits(name: str, value: Any) -> bool:
    """Whether a fact can be stored: a page's mistake costs that fact, not the conversation.

    A path is no avatar here: agents' browsers would fetch whatever place of this desk a visitor chose.
    """
    if name == "avatar" and not value.startswith(("https://", "http://")):
        return False
    try:
        check_visitor(Visitor(**{name: value}), (name,))
    except Problem:
        return False
    return True


def see_page(*, visitor: Visitor, url: str, title: str) -> None:
    """Note the page a visitor looks at, and tell who looks at the visitor now.

    The same one twice in a row counts once, the newest 50 are kept.
    """
    newest = visitor.pages.order_by("-at").first()
    if newest and newest.url == url:
        return
    PageSeen.objects.create(visitor=visitor, url=url, title=title)
    whisper(
        "page",
        audience=work_audience("messages", teams=[None, *teams_of(visitor)]),
        data={"visitor": str(visitor.pk), "url": url, "title": title},
    )
    old = visitor.pages.order_by("-at").values_list("pk", flat=True)[PAGES_KEPT:]
    PageSeen.objects.filter(pk__in=list(old)).delete()


def target_of(type: str, sid: str) -> tuple[User | None, Team | None]:
    """Return the agent (AGENT) or team (WORKGROUP; ROBOT: the one that takes over, if any) that a chat's
    address names; without `sid` the desk's own choice.

    Raises Problem `validation_failed` where there is nobody of that name.
    """
    named = Q(pk=sid) if _is_id(sid) else Q(username__iexact=sid)
    if type == ThreadType.AGENT:
        agent = User.objects.filter(named, is_active=True).first() if sid else None
        if agent is None:
            raise field_error("sid", "not_found", "There is no such agent.")
        return agent, None
    if type == ThreadType.ROBOT:
        return None, robot_of(sid).team or _team_named("")
    team = _team_named(sid)
    if team is None:
        raise field_error("sid", "not_found", "There is no such team.")
    return None, team


def _team_named(sid: str) -> Team | None:
    wanted = sid or setting("chat", "defaultTeam")
    by_name = Q(pk=wanted) if _is_id(wanted) else Q(name__iexact=wanted)
    teams = Team.objects.order_by("created_at")
    return (teams.filter(by_name) if wanted else teams).first()


def robot_of(sid: str) -> Robot:
    """Return the robot that a chat's address names. Raises Problem `validation_failed`."""
    robot = robot_named(sid)
    if robot is None:
        raise field_error("sid", "not_found", "There is no such robot.")
    return robot


def begin(*, visitor: Visitor, type: str, sid: str, page_url: str = "") -> Thread:
    """Begin the conversation that a chat's address names; where its robot does not work, with people.

    Raises Problem `validation_failed`.
    """
    agent, team = target_of(type, sid)
    robot = robot_of(sid) if type == ThreadType.ROBOT else None
    if robot and not robot.active:
        type = ThreadType.WORKGROUP
    thread = create_thread(type=type, visitor=visitor, agent=agent, team=team, robot=robot)
    Thread.objects.filter(pk=thread.pk).update(page_url=page_url)
    return thread


def say(
    *,
    visitor: Visitor,
    type: str,
    sid: str,
    content: str,
    client_id: str,
    page_url: str = "",
    message_type: str = "",
    attachment: UUID | None = None,
) -> dict[str, Any]:
    """Send a visitor's message; its first one begins the conversation. The same `client_id` stores one.

    `type` is that of the conversation; an `attachment` is an upload of the visitor.

    Raises Problem `visitor_blocked`, `throttled`, `validation_failed`.
    """
    with transaction.atomic():
        # The visitor's row orders its own first messages: two tabs at once begin one conversation.
        locked = Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        if locked.blocked_at:
            raise Problem("visitor_blocked")
        _check_pace(visitor)
        thread = queries.current_thread(visitor.pk, type)
        is_new = thread is None
        if thread is None:
            thread = begin(visitor=visitor, type=type, sid=sid, page_url=page_url)
        sent = send_message(
            thread=thread,
            visitor=visitor,
            content=content,
            client_id=client_id,
            type=message_type,
            attachment=attachment,
        )
        if is_new:
            routing.route(thread)
        return sent


def _check_pace(visitor: Visitor) -> None:
    """Raise Problem `throttled` for a visitor who writes faster than a person does."""
    most, since = setting("chat", "messagesPerMinute"), timezone.now() - MINUTE
    if Message.objects.filter(visitor=visitor, created_at__gt=since)[:most].count() >= most:
        raise Problem("throttled", "You write too fast: wait a moment.", headers={"Retry-After": "30"})


def mark_read(*, thread: Thread, seq: int | None) -> int:
    """Note how far the visitor has read, never back and no further than there is; return the seq."""
    with transaction.atomic():
        locked = locked_thread(thread.pk)
        seq = min(locked.last_seq if seq is None else seq, locked.last_seq)
        if seq <= locked.visitor_read_seq:
            return locked.visitor_read_seq
        Thread.objects.filter(pk=locked.pk).update(visitor_read_seq=seq)
        record(
            "thread.read_by_visitor",
            object_id=locked.pk,
            audience=[*heard_by(locked), *heard_by_visitor(locked.type, locked.visitor_id)],
            data={"thread": str(locked.pk), "seq": seq},
        )
    return seq


def mark_delivered(*, thread: Thread, seq: int) -> int:
    """Note how many messages the visitor's page has, never back and no further than there are; return the
    seq.

    Who follows the thread hears of it at once, by a whisper: an event for every message that arrives
    would double the feed, and whoever comes later sees it on the thread.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DELIVERED, [seq, thread.pk, seq])
        row = cursor.fetchone()
        if row is None:
            return max(thread.visitor_delivered_seq, thread.visitor_read_seq)
        whisper(
            "thread.delivered",
            audience=heard_by(thread),
            data={"thread": str(thread.pk), "seq": row[0]},
        )
    return row[0]


def rate(*, thread: Thread, score: int, comment: str) -> Thread:
    """Store how satisfied the visitor was, 1 to 5; the same again changes nothing.

    Raises Problem `validation_failed`, `invalid_state` for a conversation that is not over.
    """
    if not 1 <= score <= 5:
        raise field_error("score", "invalid", "Expected 1 to 5.")
    if len(comment) > 1000:
        raise field_error("comment", "too_long", "Expected at most 1000 characters.")
    with transaction.atomic():
        locked = locked_thread(thread.pk)
        if locked.state != ThreadState.CLOSED:
            raise Problem("invalid_state", "The conversation goes on: it is rated when it is over.")
        if (locked.rating, locked.rating_comment) == (score, comment):
            return locked
        locked.rating, locked.rating_comment, locked.rated_at = score, comment, timezone.now()
        locked.save(update_fields=["rating", "rating_comment", "rated_at"])
        record_thread("thread.rated", locked, actor=None, action="rated")
    return locked


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
