"""The token page's snippets, unchanged but for the domain and the token they leave open."""

import ast
import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import factories
from tests.contract.snippets import documents, one, run, snippets
from tickets.models import Ticket
from tokens.services import disable_token

HERE = Path(__file__).parent
PAGE = HERE / "token-page.md"
AXIOS = (HERE / "vendor/axios@1.21.1/axios.min.js").read_text()
TYPES = re.compile(r"(?<=\w): (?:AxiosRequestConfig|any|string)\b|, \{ AxiosRequestConfig \}")


def filled(code: str, url: str, token: str) -> str:
    return code.replace("http://your-domain.com", url).replace("YOUR_ACCESS_TOKEN", token)


@pytest.fixture
def token(transactional_db) -> str:
    """A token of the page's own example user, for any page."""
    return factories.token(factories.admin(username="admin@email.com", email="admin@email.com"))


def test_the_curl_examples_print_the_tickets_the_new_ticket_and_the_user(desk, token):
    listed, created, user = documents(run("bash", filled(one(PAGE, "bash", "curl"), desk.url, token)))
    assert listed == []
    assert (created["title"], created["content"]) == ("New Ticket Title", "Ticket content description")
    assert (created["priority"], created["status"]) == ("medium", "open")
    assert user["username"] == "admin@email.com"


def test_the_python_client_lists_and_creates(desk, token):
    first, second = run("python", filled(one(PAGE, "python", "requests"), desk.url, token)).splitlines()
    assert ast.literal_eval(first.removeprefix("Ticket list: ")) == []
    created = ast.literal_eval(second.removeprefix("Creation result: "))
    assert Ticket.objects.get(pk=created["id"]).title == "New Ticket Title"


def test_the_python_client_updates_deletes_and_says_what_went_wrong(desk, token):
    calls = """
changed = call_bytedesk_api(access_token, f"tickets/{result['id']}", method="PUT", data={"status": "pending"})
assert changed["status"] == "pending" and changed["title"] == "New Ticket Title", changed
assert call_bytedesk_api(access_token, f"tickets/{result['id']}", method="DELETE")["deleted"] is True
try:
    call_bytedesk_api("not-a-token", "tickets/list")
except Exception as error:
    assert "API call failed: 401 - " in str(error) and "token_malformed" in str(error), error
else:
    raise AssertionError("a call without a token went through")
"""
    run("python", filled(one(PAGE, "python", "requests"), desk.url, token) + calls)


@pytest.mark.browser
def test_the_fetch_example_works_on_a_foreign_page(http_site, chromium, token):
    Ticket.objects.create(title="Parcel has not arrived")
    said = []
    page = chromium.page()
    page.on("console", lambda message: said.append(message.text))
    code = filled(one(PAGE, "javascript", "callBytedeskAPI"), http_site.origin, token)
    page.goto(http_site.partner.page(""))
    with page.expect_console_message(lambda message: "Ticket list:" in message.text):
        page.add_script_tag(content=code)
    assert not [text for text in said if "Error" in text]
    (ticket,) = page.evaluate("token => callBytedeskAPI(token, 'tickets/list')", token)
    assert ticket["title"] == "Parcel has not arrived"


@pytest.mark.browser
def test_the_fetch_example_works_for_a_token_of_that_page_and_is_refused_on_another(http_site, chromium):
    own = factories.token(factories.agent(), entries=["http://partner.example:*"])
    code = filled(one(PAGE, "javascript", "callBytedeskAPI"), http_site.origin, own)
    page = chromium.page()
    page.goto(http_site.partner.page(""))
    page.add_script_tag(content=code)
    assert page.evaluate("token => callBytedeskAPI(token, 'tickets/list')", own) == []
    page.goto(http_site.partner.page("", host="evil.example"))
    page.add_script_tag(content=code)
    told = page.evaluate("token => callBytedeskAPI(token, 'tickets/list').catch(error => error.message)", own)
    assert told == "API call failed: 403"


@pytest.fixture
def axios_page(http_site, chromium):
    """A foreign page with the page's axios client as `window.ticketAPI`; types and React left out."""
    client, _ = one(PAGE, "typescript", "axios").split("// Use in components")
    code = TYPES.sub("", filled(client, http_site.origin, "")).replace("import axios from 'axios';", "")
    assert ": any" not in code
    module = AXIOS + code.replace("export const ticketAPI =", "window.ticketAPI =")
    exported = re.search(r"export\s*\{[^}]*?(\w+) as default[^}]*\};?", AXIOS)
    assert exported
    module = module.replace(exported[0], f";const axios = {exported[1]};")
    page = chromium.page()

    def opened(token: str):
        page.goto(http_site.partner.page(""))
        page.evaluate("token => localStorage.setItem('accessToken', token)", token)
        page.add_script_tag(content=module, type="module")
        page.wait_for_function("window.ticketAPI")
        return page

    return opened


@pytest.mark.browser
def test_the_axios_client_does_all_four_calls_from_a_foreign_page(axios_page, token):
    page = axios_page(token)
    told = page.evaluate("""async () => {
        const made = (await ticketAPI.createTicket({title: "From a page", priority: "high"})).data;
        const changed = (await ticketAPI.updateTicket(made.id, {status: "pending"})).data;
        const listed = (await ticketAPI.getTickets()).data.map(ticket => [ticket.id, ticket.title]);
        const gone = (await ticketAPI.deleteTicket(made.id)).data;
        return {made, changed, listed, gone, left: (await ticketAPI.getTickets()).data};
    }""")
    made = told["made"]
    assert (made["title"], told["changed"]["status"]) == ("From a page", "pending")
    assert told["listed"] == [[made["id"], "From a page"]]
    assert told["gone"] == {"id": made["id"], "deleted": True}
    assert told["left"] == []


@pytest.mark.browser
def test_the_axios_interceptor_sees_a_dead_token_drops_it_and_goes_to_the_login(axios_page, token):
    page = axios_page(token)
    page.route("**/login", lambda route: route.fulfill(body="<title>the integrator's login</title>"))
    disable_token(row=factories.token_row(token), actor=None)
    page.evaluate("ticketAPI.getTickets().catch(() => null)")
    page.wait_for_url("**/login")
    assert page.evaluate("localStorage.getItem('accessToken')") is None


@pytest.mark.browser
def test_the_axios_interceptor_keeps_a_living_token_that_may_not_do_something(axios_page, transactional_db):
    reading = factories.token(factories.agent(), scope_names=["tickets:read"])
    page = axios_page(reading)
    told = page.evaluate("ticketAPI.createTicket({title: 'T'}).catch(error => error.response.status)")
    assert told == 403
    assert page.evaluate("localStorage.getItem('accessToken')") == reading


def login_urls() -> list[str]:
    """Return the login URL of every link, form, iframe and script of the page, with its placeholders."""
    found = []
    for each in snippets(PAGE):
        found += re.findall(r'(?:href|src)="(http[^"]+)"', each.code)
        found += [
            action + "?accessToken=YOUR_ACCESS_TOKEN" for action in re.findall(r'action="([^"]+)"', each.code)
        ]
        found += [
            url.replace("${accessToken}", "YOUR_ACCESS_TOKEN")
            for url in re.findall(r"`(http\S+/auth/\S+)`", each.code)
        ]
    return [url for url in found if "/auth/login" in url]


def test_the_page_shows_eight_ways_to_a_login_url():
    assert len(login_urls()) == 8


@pytest.mark.parametrize("url", login_urls())
def test_every_login_url_signs_in_and_leaves_the_token_behind(desk, token, url):
    address = urlsplit(filled(url, desk.url, token))
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    headers = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
    connection.request("GET", f"{address.path}?{address.query}", headers=headers)
    response = connection.getresponse()
    assert response.status == 302, response.read()
    assert token not in (response.headers["Location"] or "")
    assert response.headers["Location"].startswith(("/agent/", "/admin/"))
    assert "desk_session=" in response.headers["Set-Cookie"]


def test_the_pages_own_sample_token_is_refused(desk):
    sample = re.search(r"accessToken=(eyJ[\w.-]+)", PAGE.read_text())[1]
    code = filled(one(PAGE, "bash", "curl"), desk.url, sample)
    assert {answer["code"] for answer in documents(run("bash", code))} == {"token_invalid"}
