"""A browser as the handoff sees one: a cookie jar, and the headers that a link, form or frame sends."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client

PARTNER = "https://partner.example"


class Visitor:
    """Opens login URLs as a browser on `scheme` would; `own` is the desk's origin there."""

    def __init__(self, scheme: str = "https") -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.secure = scheme == "https"
        self.own = f"{scheme}://testserver"

    def open(
        self,
        token: str | dict[str, Any],
        surface: str = "agent",
        *,
        method: str = "get",
        origin: str | None = None,
        referer: str | None = f"{PARTNER}/",
        dest: str | None = "document",
        site: str = "cross-site",
        mode: str = "navigate",
        path: str = "",
        **headers: str,
    ) -> HttpResponse:
        """Open a login URL; `dest=None` is a browser (or plain http) that sends no Sec-Fetch headers."""
        given = {"Origin": origin, "Referer": referer}
        if dest is not None:
            given |= {"Sec-Fetch-Dest": dest, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value is not None}
        data = {"accessToken": token} if isinstance(token, str) else token
        call = getattr(self.client, method)
        return call(path or f"/{surface}/auth/login", data, headers=sent, secure=self.secure)

    def frame(self, token: str, surface: str = "agent", **options: Any) -> HttpResponse:
        return self.open(token, surface, dest="iframe", **options)

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Open one of the desk's own addresses, from one of its own pages."""
        given = {"Sec-Fetch-Site": "same-origin"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(path, headers=given, secure=self.secure)

    def post(self, path: str, data: Any = None, **headers: str) -> HttpResponse:
        given = {"Origin": self.own} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.post(
            path, data, content_type="application/json", headers=given, secure=self.secure
        )

    def session(self, response: HttpResponse) -> HttpResponse:
        """Ask who is signed in, as the landing page of a login's answer does."""
        return self.get("/auth/handoff/session", X_Desk_Session=handle_of(response))

    def claim(self, response: HttpResponse, **headers: str) -> HttpResponse:
        """Exchange the one-time code of a login's answer, as its landing page does without a cookie."""
        body = {"handle": handle_of(response), "code": code_of(response)}
        return self.post("/auth/handoff/claim", body, **headers)


def handle_of(response: HttpResponse) -> str:
    return parse_qs(urlsplit(response["Location"]).query)["h"][0]


def code_of(response: HttpResponse) -> str:
    return parse_qs(urlsplit(response["Location"]).fragment)["hs"][0]


def reason(response: HttpResponse) -> str:
    """Return `ok` for a login that went through, else the reason code of the refusal's page."""
    if response.status_code == 302:
        return "ok" if "#hs=" in response["Location"] else response["Location"]
    if response["Content-Type"].startswith("text/html"):
        return response.content.decode().split('data-code="')[1].split('"')[0]
    return response.json()["code"]
