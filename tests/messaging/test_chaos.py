"""Whatever the network and the server do: what was acknowledged is there once, in order, on both sides."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from messaging.models import Message
from tests import factories
from tests.desk import Desk

VISITORS, EACH = 6, 40
TRIES = 400


class Talker:
    """One side of one conversation: sends numbered messages in order, each until it is acknowledged."""

    def __init__(self, desk: Desk, path: str, headers: dict[str, str], body: dict, name: str) -> None:
        self.url, self.headers, self.body, self.name = f"{desk.url}/api/{path}", headers, body, name
        self.chance = random.Random(name)
        self.acknowledged: dict[str, tuple[str, int]] = {}

    def talk(self) -> None:
        for number in range(EACH):
            self.send(f"{self.name}-{number}")

    def send(self, client_id: str) -> None:
        message = self.body | {"content": client_id, "clientId": client_id}
        for _ in range(TRIES):
            # A third is cut off before its answer, a third goes out twice: the sender cannot tell.
            patience = self.chance.choice((0.004, 5, 5))
            try:
                for _ in range(self.chance.choice((1, 1, 2))):
                    answer = requests.post(self.url, json=message, headers=self.headers, timeout=patience)
                if answer.status_code == 200:
                    stored = answer.json()
                    self.acknowledged[client_id] = (stored["id"], stored["seq"])
                    return
                assert answer.status_code in (429, 503), answer.text
            except requests.RequestException:
                pass
            time.sleep(self.chance.uniform(0, 0.05))
        raise AssertionError(f"{client_id} was never acknowledged")


def opened(desk: Desk, team) -> dict[str, str]:
    answer = requests.post(f"{desk.url}/api/chat/open", json={"t": "1", "sid": str(team.pk)}, timeout=30)
    return {"Authorization": f"Bearer {answer.json()['credential']}"}


def test_every_acknowledged_message_is_there_once_and_in_order(transactional_db, tmp_path):
    team = factories.team()
    token = {"Authorization": f"Bearer {factories.token(factories.supervisor())}"}
    desk = Desk(tmp_path)
    try:
        talkers, visitors = [], []
        for number in range(VISITORS):
            headers = opened(desk, team)
            first = {"t": "1", "sid": str(team.pk), "content": "begin", "clientId": "begin"}
            begun = requests.post(f"{desk.url}/api/chat/send", json=first, headers=headers, timeout=30).json()
            visitors.append((headers, begun["thread"]))
            talkers.append(Talker(desk, "chat/send", headers, {"t": "1"}, f"visitor{number}"))
            talkers.append(
                Talker(desk, "messages/send", token, {"thread": begun["thread"]}, f"agent{number}")
            )
        killer = threading.Thread(target=power_cuts, args=(desk, 2))
        killer.start()
        with ThreadPoolExecutor(len(talkers)) as pool:
            list(pool.map(Talker.talk, talkers))
        killer.join()
        for (headers, thread), pair in zip(visitors, zip(*[iter(talkers)] * 2, strict=True), strict=True):
            check(desk, thread, headers, token, pair)
    finally:
        desk.stop()


def power_cuts(desk: Desk, number: int) -> None:
    for _ in range(number):
        time.sleep(1.5)
        desk.kill()
        desk.start()


def check(desk: Desk, thread: str, headers: dict, token: dict, pair: tuple[Talker, Talker]) -> None:
    """Assert that both sides read the same: all that was acknowledged, once, without a gap, in order."""
    stored = list(Message.objects.filter(thread_id=thread).order_by("seq").values_list("seq", "client_id"))
    assert [seq for seq, _ in stored] == list(range(1, len(stored) + 1))
    by_visitor = everything(f"{desk.url}/api/chat/messages", headers, {"after": 0})
    by_agent = everything(f"{desk.url}/api/messages/list", token, {"thread": thread, "after": 0})
    assert by_visitor == by_agent == [(seq, client_id) for seq, client_id in stored]
    for talker in pair:
        own = [client_id for _, client_id in stored if client_id.startswith(f"{talker.name}-")]
        assert own == [f"{talker.name}-{number}" for number in range(EACH)]
        seqs = {client_id: seq for seq, client_id in stored}
        assert all(seqs[client_id] == seq for client_id, (_, seq) in talker.acknowledged.items())


def everything(url: str, headers: dict, given: dict) -> list[tuple[int, str]]:
    """Read a conversation to its end, page by page, as a client that catches up does."""
    found: list[tuple[int, str]] = []
    while page := requests.get(url, params=given, headers=headers, timeout=30).json():
        found += [(each["seq"], each["clientId"]) for each in page]
        given = given | {"after": found[-1][0]}
    return found
