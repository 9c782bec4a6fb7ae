"""Idempotency-Key: what is stored, and to whom the first answer is given again."""

import hashlib

import pytest

from accounts.roles import SUPERVISOR
from api.models import IdempotentAnswer
from tests import factories
from tests.conftest import Api

pytestmark = pytest.mark.django_db

BODY = {"title": "x"}
KEY = {"Idempotency-Key": "k-1"}


@pytest.mark.parametrize("lost", ["scope", "role", "team"])
def test_a_caller_who_lost_rights_is_told_so_and_gets_no_answer(lost):
    team = factories.team()
    user = factories.user(SUPERVISOR, teams=[team])
    token = factories.token(user)
    assert Api(token).post("tickets/create", BODY, headers=KEY).status_code == 200
    assert Api(token).post("tickets/create", BODY, headers=KEY)["Idempotent-Replayed"] == "true"
    if lost == "scope":
        row = factories.token_row(token)
        row.scopes = [scope for scope in row.scopes if scope != "tickets:read"]
        row.save()
    elif lost == "role":
        user.role = "agent"
        user.save()
    else:
        user.teams.clear()
    refused = Api(token).post("tickets/create", BODY, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_state")
    assert "rights" in refused.json()["detail"]
    other = Api(token).post("tickets/create", {"title": "y"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_no_plain_hash_of_a_body_is_stored(api):
    api.post("tickets/create", BODY, headers=KEY)
    stored = bytes(IdempotentAnswer.objects.get().request_hash)
    plain = hashlib.sha256(b'POST /api/tickets/create\n{"title": "x"}').digest()
    assert len(stored) == 32 and plain[:16] not in stored
