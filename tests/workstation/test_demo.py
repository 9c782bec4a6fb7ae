"""The demonstration, and what `make run` prints."""

import re
import socket

import pytest
from django.test import Client

from accounts.models import Team, User
from messaging.models import Message, Thread, Visitor
from tests.conftest import Api
from tests.desk import manage
from tests.tickets.test_visibility import kept_counts, real_counts
from tickets.models import Ticket
from tokens.models import AccessToken
from workstation import demo
from workstation.management.commands.run import lines

pytestmark = pytest.mark.django_db
COUNTED = (User, Team, Visitor, Ticket, Thread, Message, AccessToken)


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


def test_the_demonstration_is_built_once():
    assert demo.build()
    built = counts()
    assert built[:4] == [8, 3, 30, 200]
    assert Thread.objects.exclude(type="TICKET").count() == 40
    assert not demo.build()
    assert counts() == built


def test_the_demonstration_is_believable_to_every_list():
    demo.build()
    _, _, admin_link, _ = lines("http://testserver")
    api = Api(admin_link.split("accessToken=")[1])
    tickets = api.get("tickets/list", {"limit": 200})
    assert tickets["X-Total-Count"] == "200"
    shown = tickets.json()
    assert {each["status"] for each in shown} == {"open", "pending", "on_hold", "resolved", "closed"}
    assert {each["priority"] for each in shown} == {"low", "medium", "high", "urgent"}
    assert all(each["createdAt"] <= each["updatedAt"] for each in shown)
    assert api.get("tickets/list", {"q": "退款"}).json()
    assert api.get(f"tickets/{shown[0]['id']}/history").json()
    assert kept_counts() == real_counts()
    states = {row.state_at() for row in AccessToken.objects.all()}
    assert {"active", "disabled", "revoked"} <= states


def test_messages_of_the_demonstration_are_numbered_without_gaps():
    demo.build()
    for thread in Thread.objects.prefetch_related("messages"):
        seqs = sorted(message.seq for message in thread.messages.all())
        assert seqs == list(range(1, thread.last_seq + 1))


def test_the_demonstration_keeps_people_who_are_there():
    User.objects.create_user("Admin", "admin@email.com", "my own password")
    demo.build()
    assert User.objects.get(email="admin@email.com").check_password("my own password")


def test_what_is_printed_gets_one_in():
    demo.build()
    desk, login, admin_link, agent_link = lines("http://testserver")
    assert desk == "Inlay:        http://testserver/"
    found = re.fullmatch(r"Admin login:  http://testserver/admin/  admin / (\S+)", login)
    assert User.objects.get(username="admin").check_password(found[1])
    for line, page in ((admin_link, "admin"), (agent_link, "agent")):
        url = re.fullmatch(
            rf"{page.capitalize()} link:   (http://testserver/{page}/auth/login\?accessToken=\S+)", line
        )
        # As clicked in a terminal: a page of its own, from nowhere.
        clicked = Client().get(url[1], headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})
        assert clicked.status_code == 302, clicked.content
        assert clicked["Location"].startswith(f"/{page}/")


def test_a_busy_port_is_said_clearly():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = manage("run", "--host", "127.0.0.1", "--port", str(port))
    assert done.returncode != 0
    assert f"Cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "Traceback" not in done.stderr
