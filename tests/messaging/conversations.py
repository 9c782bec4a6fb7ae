"""What the tests of conversations are made of."""

from typing import Any

from accounts.models import User
from messaging import services
from messaging.models import Thread, Visitor
from tests import factories
from tests.conftest import Api


def visitor(nickname: str = "小王 🙂", **fields: Any) -> Visitor:
    return services.get_or_create_visitor(nickname=nickname, **fields)


def thread(**fields: Any) -> Thread:
    """Return a new thread with a visitor: in the queue of a team where no agent is given."""
    fields.setdefault("visitor", visitor())
    if "type" not in fields:
        fields["type"] = "AGENT" if fields.get("agent") else "WORKGROUP"
    if fields["type"] == "WORKGROUP":
        fields.setdefault("team", factories.team())
    return services.create_thread(**fields)


def as_user(user: User, **options: Any) -> Api:
    return Api(factories.token(user, **options))


def ids(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {each["id"] for each in response.json()}
