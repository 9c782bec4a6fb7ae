"""What a simulated visitor does: looks around, asks, waits (or not), answers, thanks, rates."""

from collections.abc import Callable

from messaging import services
from messaging.models import MessageType, Thread, ThreadState, ThreadType, Visibility
from messaging.services import chat, typing
from workstation.simulation import texts
from workstation.simulation.schedule import Actor
from workstation.simulation.talks import BROWSING, IMPATIENT, Talk

LETTERS_PER_SECOND = 9
Tell = Callable[[str, str], None]


def visit(talk: Talk, begins: Callable[[Talk], None], tell: Tell) -> Actor:
    """Come, and stay until the conversation is over or patience is; `begins` is called with the first
    message, `tell` with what happens."""
    chance = talk.chance
    talk.visitor = chat.identify(
        known=None,
        uid="",
        signature="",
        facts={
            "nickname": talk.name,
            "email": f"visitor{talk.order}@example.org",
            "language": {"zh": "zh-CN"}.get(talk.language, talk.language),
            "device": chance.choice(texts.DEVICES),
        },
    )
    pages = chance.sample(texts.PAGES, chance.randrange(1, 4))
    tell("arrived", f"{talk.name} looks at “{pages[0][1]}”")
    for url, title in pages:
        chat.see_page(visitor=talk.visitor, url=url, title=title)
        yield chance.uniform(1, 5)
    if talk.temper == BROWSING:
        tell("browsed", f"{talk.name} goes on without a word")
        return
    yield len(talk.lines[0]) / LETTERS_PER_SECOND
    begins(talk)
    yield from _converse(talk, tell)


def say(talk: Talk, content: str, tell: Tell) -> None:
    sent = chat.say(
        visitor=talk.visitor,  # type: ignore[arg-type]
        type=ThreadType.WORKGROUP,
        sid=str(talk.team.pk),
        content=content,
        client_id=f"{talk.chance.getrandbits(96):x}",
        page_url=texts.PAGES[0][0],
    )
    talk.thread_id = sent["thread"]
    tell("message", f"{talk.name} → {talk.team.name}: {content}")


def _converse(talk: Talk, tell: Tell) -> Actor:
    lines = iter(talk.lines[2::2])
    heard = waited = 0.0
    is_thankful = False
    while True:
        pause = talk.chance.uniform(1.2, 2.4)
        yield pause
        thread = talk.thread()
        if thread.state == ThreadState.CLOSED:
            yield from _rate(talk, thread, tell)
            return
        last = talk.last_message()
        if last is not None and last.user_id and last.seq > heard:
            heard, waited = last.seq, 0.0
            chat.mark_read(thread=thread, seq=None)
            reply = next(lines, None)
            if reply is None and is_thankful:
                continue  # the agent says goodbye
            is_thankful = reply is None
            reply = reply or talk.one_of(texts.THANKS)
            typing.visitor_types(thread=thread, content=reply[: len(reply) // 2])
            yield len(reply) / LETTERS_PER_SECOND
            if talk.thread().state != ThreadState.CLOSED:
                say(talk, reply, tell)
            continue
        waited += pause
        if waited > _patience(talk) and not heard:
            if talk.is_nudged:
                _give_up(talk, tell)
                return
            talk.is_nudged, waited = True, 0.0
            say(talk, talk.one_of(texts.NUDGES), tell)
        elif is_thankful and waited > 25:
            services.close_thread(thread_id=thread.pk, actor=None)
            tell("closed", f"{talk.name} closes the conversation")


def _patience(talk: Talk) -> float:
    return 9.0 if talk.temper == IMPATIENT else 30.0


def _give_up(talk: Talk, tell: Tell) -> None:
    """Leave: with a message for later where nobody has the conversation, else without a word."""
    thread = talk.thread()
    if thread.state == ThreadState.QUEUED and talk.chance.random() < 0.5:
        services.leave_message(
            visitor=talk.visitor,  # type: ignore[arg-type]
            type=ThreadType.WORKGROUP,
            sid="",
            content=f"{talk.request.title.format(n=talk.order)}\n{talk.request.content}",
            client_id=f"{talk.chance.getrandbits(96):x}",
            nickname=talk.name,
            email=f"visitor{talk.order}@example.org",
        )
        tell("left", f"{talk.name} waits no longer and leaves a message")
    else:
        services.close_thread(thread_id=thread.pk, actor=None)
        tell("left", f"{talk.name} gives up waiting")


def _rate(talk: Talk, thread: Thread, tell: Tell) -> Actor:
    yield talk.chance.uniform(1, 4)
    if talk.chance.random() > 0.7 or talk.thread().state != ThreadState.CLOSED:
        return
    is_content = not talk.is_nudged
    score = talk.chance.choices((5, 4, 3), (6, 3, 1))[0] if is_content else talk.chance.choice((1, 2, 3))
    comment = talk.one_of(texts.PRAISE if is_content else texts.BLAME) if score != 3 else ""
    chat.rate(thread=thread, score=score, comment=comment)
    tell("rating", f"{talk.name} rates {'★' * score}{'☆' * (5 - score)} {comment}".rstrip())


def note(thread: Thread, content: str, **sender: object) -> None:
    """Leave an internal note in a conversation."""
    services.send_message(
        thread=thread, content=content, type=MessageType.TEXT, visibility=Visibility.INTERNAL, **sender
    )  # type: ignore[arg-type]
