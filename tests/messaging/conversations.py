"""What the tests of conversations are made of."""

from typing import Any

from django.test import Client

from accounts.models import User
from messaging import services
from messaging.chat import credentials
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


class Browser:
    """A visitor's browser: keeps its credential."""

    def __init__(self, **opening) -> None:
        self.client, self.opening, self.credential = Client(), opening, ""

    def open(self, **more):
        body = self.opening | ({"visitor": self.credential} if self.credential else {}) | more
        answer = self._call("post", "open", body)
        if answer.status_code == 200:
            self.credential = answer.json()["credential"]
        return answer

    def post(self, path: str, body: dict | None = None):
        return self._call("post", path, body or {})

    def say(self, content: str, client_id: str = "", **more):
        body = {"content": content, "clientId": client_id or content} | self.opening | more
        return self.post(
            "send", {name: body[name] for name in ("content", "clientId", "t", "sid") if name in body}
        )

    def get(self, path: str):
        return self._call("get", path, None)

    def _call(self, method: str, path: str, body: dict | None):
        headers = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/chat/{path}", headers=headers, **more)

    @property
    def visitor(self) -> Visitor:
        return Visitor.objects.get(pk=credentials.read(self.credential))
