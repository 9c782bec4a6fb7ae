"""What was acknowledged survives `kill -9`."""

import threading
import time

import httpx
import pytest

from tests import factories
from tests.desk import Desk
from tickets.models import Ticket


@pytest.mark.django_db(transaction=True)
def test_kill_9_during_creates_loses_no_acknowledged_ticket(tmp_path):
    token = factories.token(allow_no_origin=True)
    desk = Desk(tmp_path)
    acknowledged: set[str] = set()
    enough = threading.Event()

    def create(worker: int) -> None:
        with httpx.Client(base_url=desk.url, headers={"Authorization": f"Bearer {token}"}) as client:
            for number in range(10_000):
                try:
                    response = client.post("/api/tickets/create", json={"title": f"{worker}-{number}"})
                except httpx.HTTPError:
                    return  # the desk is gone
                assert response.status_code == 200, response.text
                acknowledged.add(response.json()["id"])
                if len(acknowledged) >= 200:
                    enough.set()

    workers = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    try:
        for worker in workers:
            worker.start()
        assert enough.wait(60)
        desk.kill()
        for worker in workers:
            worker.join(30)
        kept = {str(each) for each in Ticket.objects.values_list("pk", flat=True)}
        assert acknowledged <= kept
        desk.start()
        with httpx.Client(base_url=desk.url, headers={"Authorization": f"Bearer {token}"}) as client:
            for each in acknowledged:
                assert client.get(f"/api/tickets/{each}").status_code == 200
    finally:
        desk.stop()
        time.sleep(0.2)  # its connections close before the database is emptied
