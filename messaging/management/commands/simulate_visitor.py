"""`manage.py simulate_visitor AGENT [--nickname N] [--message TEXT] [--thread UID] [--close]`."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from api.errors import Problem
from api.ids import new_id
from messaging import services
from messaging.models import Thread, ThreadType, Visitor
from messaging.services import chat
from messaging.services.visitors import make_visitor


class Command(BaseCommand):
    help = "Act as a visitor of an agent: write to it, or end the conversation; prints the thread's uid."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("agent", help="the agent's username or id")
        parser.add_argument("--nickname", default="Simulated visitor")
        parser.add_argument("--message", default="Hello, is anybody there?")
        parser.add_argument("--thread", metavar="UID", help="go on with this conversation")
        parser.add_argument("--close", action="store_true", help="end the conversation")

    def handle(self, *args: Any, agent: str, **options: Any) -> None:
        try:
            thread = self._known(options["thread"], agent) if options["thread"] else None
            if thread is None:
                visitor = make_visitor(Visitor(nickname=options["nickname"]))
                sent = chat.say(
                    visitor=visitor,
                    type=ThreadType.AGENT,
                    sid=agent,
                    content=options["message"],
                    client_id=str(new_id()),
                )
                thread = Thread.objects.get(pk=sent["thread"])
            elif not options["close"]:
                services.send_message(
                    thread=thread, visitor=thread.visitor, content=options["message"], client_id=str(new_id())
                )
            if options["close"]:
                services.close_thread(thread_id=thread.pk, actor=None)
        except Problem as problem:
            raise CommandError(f"{problem.code}: {problem.body('')['detail']}") from None
        self.stdout.write(str(thread.pk))

    def _known(self, uid: str, agent: str) -> Thread:
        """Return a conversation that the agent has. Raises CommandError when there is none of that uid."""
        try:
            thread = Thread.objects.select_related("visitor", "agent").filter(pk=UUID(uid)).first()
        except ValueError:
            thread = None
        if thread is None or thread.visitor is None or thread.agent is None:
            raise CommandError(f"{uid} is no conversation of a visitor with an agent.")
        if agent not in (str(thread.agent.pk), thread.agent.username):
            raise CommandError(f"{uid} is not a conversation of {agent}.")
        return thread
