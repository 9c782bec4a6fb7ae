"""`manage.py simulate`: a busy desk, in seconds."""

import io
import os
import re
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from messaging.models import Message, PageSeen, Thread, ThreadType
from tests.desk import ROOT, environment
from tickets.models import Ticket
from workstation import demo
from workstation.simulation import Schedule


def simulate(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_a_short_run_leaves_conversations_in_order_tickets_and_ratings():
    demo.build()
    before = set(Thread.objects.values_list("pk", flat=True))
    tickets, statuses = (
        Ticket.objects.count(),
        list(User.objects.order_by("pk").values_list("status", flat=True)),
    )
    lines = simulate("--visitors", "20", "--minutes", "0.08", "--seed", "7")
    talks = Thread.objects.exclude(pk__in=before).exclude(type=ThreadType.TICKET)
    assert len(talks) >= 12
    for thread in talks.prefetch_related("messages"):
        messages = sorted(thread.messages.all(), key=lambda message: message.seq)
        assert [message.seq for message in messages] == list(range(1, thread.last_seq + 1))
        assert [message.created_at for message in messages] == sorted(each.created_at for each in messages)
        assert messages[0].visitor_id == thread.visitor_id
    answered = Message.objects.filter(thread__in=talks, user__isnull=False, visibility="public")
    assert answered.count() > 12
    assert set(talks.values_list("state", flat=True)) >= {"closed"}
    assert talks.filter(rating__isnull=False).exists()
    made = Ticket.objects.filter(origin_thread__in=talks)
    assert made.exists() and Ticket.objects.count() >= tickets + made.count()
    assert PageSeen.objects.count() >= 20
    assert any(re.search("[\u0600-\u06ff]", each.last_content) for each in talks)
    assert any(re.search("[\u4e00-\u9fff]", each.last_content) for each in talks)
    assert list(User.objects.order_by("pk").values_list("status", flat=True)) == statuses
    counted = int(re.match(r"20 visitors, (\d+) conversations", lines[-1])[1])
    assert counted == len(talks)
    assert all(re.match(r"\d\d:\d\d  ", line) for line in lines[1:-1])


@pytest.mark.django_db
def test_the_same_seed_brings_the_same_visitors_at_the_same_times():
    runs = [
        simulate("--visitors", "9", "--minutes", "0.03", "--agents", "0", "--seed", seed) for seed in "112"
    ]
    came = [[line for line in run if "looks at" in line] for run in runs]
    assert came[0] == came[1] != came[2]
    assert len(came[0]) == 9


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--visitors", "0"], ["--minutes", "0"], ["--agents", "-1"]])
def test_what_cannot_be_is_said(arguments):
    with pytest.raises(CommandError):
        simulate(*arguments)


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_cleanly():
    command = [sys.executable, str(ROOT / "manage.py"), "simulate", "--visitors", "60", "--minutes", "1"]
    run = subprocess.Popen(
        command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in run.stdout:
        if " → " in line:
            break
    assert User.objects.filter(status="AVAILABLE").count() >= 5
    os.kill(run.pid, signal.SIGINT)
    rest, errors = run.communicate(timeout=120)
    assert run.returncode == 0, errors
    assert "Stopped." in rest and "Traceback" not in errors
    assert rest.splitlines()[-1].endswith("waited in vain.")
    statuses = dict(User.objects.values_list("username", "status"))
    assert statuses["wangfang"] == "BUSY"


def test_the_clock_decides_the_order_and_the_end():
    said = []

    def actor(name: str, pause: float):
        while True:
            said.append(name)
            yield pause

    schedule = Schedule(10, sleep=lambda _: None)
    schedule.add(actor("fast", 2))
    schedule.add(actor("slow", 4), at=1)
    schedule.add(iter(()), at=3)
    schedule.run()
    assert said == ["fast", "slow", "fast", "fast", "slow", "fast", "fast", "slow", "fast"]
    assert schedule.now == 10
