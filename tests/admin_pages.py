"""The admin as somebody who is signed in sees it: opens its pages and sends its forms."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests import factories

BACKEND = "accounts.backends.UsernameOrEmailBackend"
FORM_ID = re.compile(r'name="form_id" value="(\w+)"')


class AdminPages:
    """Calls pages under /admin/ in the test's process, by a password session of `user`."""

    def __init__(self, user: User | None = None) -> None:
        self.user = user or factories.admin(password=factories.PASSWORD)
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.user, backend=BACKEND)

    def get(self, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        response = self.client.get(f"/admin/{path}", data)
        assert response.status_code != 500, response.content
        return response

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> HttpResponse:
        response = self.client.post(f"/admin/{path}", data or {}, **options)
        assert response.status_code != 500, response.content
        return response

    def form_id(self, path: str) -> str:
        """Return the id of a form that shows a secret once."""
        found = FORM_ID.search(self.get(path).content.decode())
        assert found
        return found[1]

    def said(self, path: str = "") -> str:
        return self.get(path).content.decode()
