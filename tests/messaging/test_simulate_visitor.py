"""`manage.py simulate_visitor`: a visitor for whoever tries the desk out."""

import io

import pytest
from django.core.management import CommandError, call_command

from messaging.models import Message, Thread
from tests import factories

pytestmark = pytest.mark.django_db


def simulate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate_visitor", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_visitor_writes_goes_on_and_leaves():
    agent = factories.agent(username="ann")
    uid = simulate("ann", "--nickname", "张三", "--message", "你好")
    thread = Thread.objects.get(pk=uid)
    assert (thread.agent, thread.visitor.nickname, thread.last_content) == (agent, "张三", "你好")
    assert simulate("ann", "--thread", uid, "--message", "Still there?") == uid
    assert simulate(str(agent.pk), "--thread", uid, "--close") == uid
    thread.refresh_from_db()
    assert (thread.state, Message.objects.count()) == ("closed", 2)


@pytest.mark.parametrize(
    "arguments",
    [["nobody"], ["ann", "--thread", "x"], ["bob", "--thread", "{uid}"], ["ann", "--message", " "]],
)
def test_what_cannot_be_is_said(arguments):
    factories.agent(username="ann")
    factories.agent(username="bob")
    uid = simulate("ann")
    with pytest.raises(CommandError):
        simulate(*(each.format(uid=uid) for each in arguments))
    assert Thread.objects.count() == 1
