"""The snippets of our own documents: each runs as an integrator would run it, on a desk with work in it."""

import os
import re
import subprocess

import pytest

from api.schema import EXAMPLES
from events.models import Event
from messaging.chat import credentials
from tests import factories
from tests.api import world
from tests.contract import errors_table
from tests.contract.snippets import COMMANDS, documents, one, run, snippets
from tests.desk import ROOT
from tickets.models import Ticket

DOCS = ROOT / "docs"
OURS = ("api.md", "embedding.md", "security.md", "errors.md")
IN_A_PAGE = "// In the page that holds the iframe."


def filled(code: str, url: str, token: str) -> str:
    for name in ("TICKET", "THREAD", "TOKEN", "USER"):
        code = code.replace(f"{name}_ID", EXAMPLES[name.lower()])
    return code.replace("https://desk.example.com", url).replace("YOUR_ACCESS_TOKEN", token)


@pytest.fixture
def caller(transactional_db):
    admin = factories.admin()
    world.build(admin)
    return admin


def programs() -> list:
    return [
        pytest.param(each.language, each.code, id=f"{name}: {each.heading}: {each.language}")
        for name in OURS[:2]
        for each in snippets(DOCS / name)
        if each.language in COMMANDS and IN_A_PAGE not in each.code
    ]


@pytest.mark.parametrize(("language", "code"), programs())
def test_every_program_in_the_docs_runs(desk, caller, language, code):
    run(language, filled(code, desk.url, factories.token(caller)))


def test_a_post_with_an_idempotency_key_happens_once(desk, caller):
    code = one(DOCS / "api.md", "bash", "Idempotency-Key")
    first, second = documents(run("bash", filled(code, desk.url, factories.token(caller))))
    assert first == second
    assert Ticket.objects.filter(title="Order 4711 is late").count() == 1


def test_the_feed_example_hears_of_what_it_does_itself(desk, caller):
    code = one(DOCS / "api.md", "javascript", "after=now")
    assert "ticket.created" in run("javascript", filled(code, desk.url, factories.token(caller)))


def test_the_one_time_url_of_the_docs_opens_the_desk_once(desk, caller):
    code = one(DOCS / "embedding.md", "python", "one-time")
    url = run("python", filled(code, desk.url, factories.token(caller))).strip()
    head = ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}", url]
    assert [subprocess.run(head, capture_output=True, text=True, check=True).stdout for _ in "ab"] == [
        "302",
        "401",
    ]


def test_the_signature_of_the_docs_is_the_one_that_the_desk_asks_for():
    code = one(DOCS / "chat.md", "python", "signature").replace("SECRET", credentials.identity_secret())
    assert run("python", code + "\nprint(signature)").strip() == credentials.signature("customer-17")


@pytest.mark.browser
def test_the_iframe_and_the_script_of_the_docs_work_together_on_a_foreign_page(http_site, chromium, caller):
    token = factories.token(caller, entries=[http_site.partner.origin()])
    frame = one(DOCS / "embedding.md", "html", "<iframe")
    script = one(DOCS / "embedding.md", "javascript", IN_A_PAGE)
    # http pages have no crypto.randomUUID(); integrators' pages are on https.
    script = script.replace("crypto.randomUUID()", "String(Math.random())")
    html = f"{frame}<script>{script}</script>"
    page = chromium.page()
    page.goto(http_site.partner.page(filled(html, http_site.origin, token)))
    page.wait_for_function("document.title === 'Desk: AVAILABLE'", timeout=30_000)
    assert Event.objects.filter(object_id=str(caller.pk)).exists()


@pytest.mark.browser
@pytest.mark.parametrize("what", ["link", "form"])
def test_the_link_and_the_form_of_the_docs_open_the_desk(http_site, chromium, caller, what):
    token = factories.token(caller, entries=[http_site.partner.origin()])
    html = filled(one(DOCS / "embedding.md", "html", "<form"), http_site.origin, token)
    page = chromium.page()
    page.goto(http_site.partner.page(html))
    with page.context.expect_page() as opened:
        page.click("a" if what == "link" else "button")
    opened.value.wait_for_url("**/agent/**")
    assert token not in opened.value.url


def test_errors_md_is_the_table_of_reason_codes():
    assert errors_table.DOCUMENT.read_text() == errors_table.written(), (
        "python -m tests.contract.errors_table"
    )


@pytest.mark.parametrize("name", OURS)
def test_links_between_documents_lead_somewhere(name):
    for target in re.findall(r"\]\(([\w./-]+\.md)\)", (DOCS / name).read_text()):
        assert (DOCS / target).exists(), target
