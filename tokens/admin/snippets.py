"""Ready snippets with a token in them, as the token page of the documentation writes them."""

import json
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Snippet:
    """One way to use a token; `text` holds the token and is shown once."""

    title: str
    about: str
    text: str


def snippets(desk: str, token: str, scopes: list[str]) -> list[Snippet]:
    """Return what a new token can be used for at once; `desk` is the origin of this installation."""
    surfaces = [each for each in ("agent", "admin") if f"login:{each}" in scopes]
    found = [
        Snippet(
            f"{each.capitalize()} link",
            "Signs in whoever opens it: send it to one person only.",
            f"{desk}/{each}/auth/login?accessToken={token}",
        )
        for each in surfaces
    ]
    if surfaces:
        found += _embeddings(f"{desk}/{surfaces[0]}/auth/login", token)
    if any(not scope.startswith("login:") for scope in scopes):
        found += _calls(desk, token, "tickets/list" if "tickets:read" in scopes else "user/profile")
    return found


def _embeddings(login: str, token: str) -> list[Snippet]:
    address = f"{login}?accessToken={token}"
    return [
        Snippet(
            "iframe",
            "The page must be on an allowed domain.",
            f'<iframe\n    src="{escape(address)}"\n    width="100%"\n    height="600"\n    '
            'allow="clipboard-write"\n    title="Customer service"></iframe>',
        ),
        Snippet(
            "window.open",
            "Opens the desk in a tab of its own.",
            f"const url = `{login}?accessToken=${{accessToken}}`;\nwindow.open(url, '_blank');".replace(
                "${accessToken}", token
            ),
        ),
        Snippet(
            "Form",
            "Works without scripts.",
            f'<form action="{escape(login)}" method="GET">\n    '
            f'<input type="hidden" name="accessToken" value="{escape(token)}">\n    '
            '<button type="submit">Log in</button>\n</form>',
        ),
    ]


def _calls(desk: str, token: str, path: str) -> list[Snippet]:
    url = f"{desk}/api/{path}"
    return [
        Snippet(
            "curl",
            "Needs “Servers may use it too” where the token has a domain list.",
            f'curl "{url}" \\\n  -H "Authorization: Bearer {token}"',
        ),
        Snippet(
            "Python",
            "With the package requests, from a server.",
            "import requests\n\nresponse = requests.get(\n"
            f"    {json.dumps(url)},\n"
            f'    headers={{"Authorization": "Bearer {token}"}},\n    timeout=10,\n)\n'
            "response.raise_for_status()\nprint(response.json())",
        ),
        Snippet(
            "fetch",
            "From a page on an allowed domain.",
            f"const response = await fetch({json.dumps(url)}, {{\n"
            f'    headers: {{ Authorization: "Bearer {token}" }},\n}});\n'
            "const tickets = await response.json();",
        ),
    ]
