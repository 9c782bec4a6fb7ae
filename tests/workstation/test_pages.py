"""What the workstation's pages say before any script runs."""

import gzip
import re

import pytest
from django.test import Client
from django.utils.translation.trans_real import DjangoTranslation

from config.settings import BASE_DIR
from tests import factories
from workstation.languages import supported


@pytest.fixture
def browser(db):
    return Client(headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})


@pytest.fixture
def signed_in(browser):
    person = factories.agent(password=factories.PASSWORD, nickname="Very Private Name")
    browser.post("/agent/login", {"username": person.username, "password": factories.PASSWORD})
    return browser


def test_who_is_not_signed_in_reads_how_to_get_in(browser):
    page = browser.get("/agent/")
    assert page.status_code == 200
    assert 'href="/agent/login?lang=en"' in page.content.decode()
    assert "importmap" not in page.content.decode()


def test_a_handoff_lands_on_the_page_even_where_cookies_are_blocked(browser):
    token = factories.token(factories.agent())
    landing = browser.get(f"/agent/auth/login?accessToken={token}")["Location"].split("#")[0]
    assert "agent/main.js" in Client().get(landing).content.decode()


@pytest.mark.parametrize("address", ["/agent/", "/desktop", "/desktop/"])
def test_the_workstation_holds_no_data_of_the_desk(signed_in, address):
    page = signed_in.get(address)
    text = page.content.decode()
    assert page.status_code == 200 and "agent/main.js" in text
    assert "Very Private Name" not in text and "accessToken" not in text
    assert "no-store" in page["Cache-Control"]


def test_the_page_has_no_inline_script_but_the_import_map_with_its_nonce(signed_in):
    page = signed_in.get("/agent/")
    inline = re.findall(r"<script(?![^>]*src=)([^>]*)>", page.content.decode())
    nonce = re.search(r"'nonce-([^']+)'", page["Content-Security-Policy"])[1]
    assert inline == [f' type="importmap" nonce="{nonce}"']
    assert " style=" not in page.content.decode() and "onclick" not in page.content.decode()


def test_every_module_that_the_page_names_exists(signed_in):
    text = signed_in.get("/agent/").content.decode()
    addresses = set(re.findall(r'"(/static/[^"]+)"', text))
    assert any(address.endswith("view/status.js") for address in addresses)
    missing = [each for each in addresses if not (BASE_DIR / each.replace("%40", "@").lstrip("/")).is_file()]
    assert missing == []


def test_agent_without_a_slash_leads_to_the_page_and_drops_what_it_does_not_know(browser):
    answer = browser.get("/agent?lang=zh&theme=dark&view=badge&chrome=0&next=//evil.example&accessToken=x")
    assert answer["Location"] == "/agent/?lang=zh&theme=dark&view=badge&chrome=0"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("zh", "zh-hans"), ("zh-CN", "zh-hans"), ("zh_Hans", "zh-hans"), ("en-GB", "en"), ("xx", ""), ("", "")],
)
def test_languages_are_known_by_their_usual_tags(wanted, language):
    assert supported(wanted) == language


def test_language_and_theme_follow_the_address(browser):
    text = browser.get("/agent/?lang=zh-CN&theme=dark").content.decode()
    assert '<html lang="zh-hans" dir="ltr" data-theme="dark">' in text
    assert "您尚未登录" in text


def test_an_unknown_theme_or_language_falls_back(browser):
    text = browser.get('/agent/?lang="><script>&theme="><script>').content.decode()
    assert '<html lang="en" dir="ltr" data-theme="auto">' in text


def test_the_language_of_the_user_wins_over_the_browsers(browser):
    person = factories.agent(password=factories.PASSWORD, language="zh-hans")
    browser.post("/agent/login", {"username": person.username, "password": factories.PASSWORD})
    assert (
        '<html lang="zh-hans"' in browser.get("/agent/", headers={"Accept-Language": "en"}).content.decode()
    )


def test_the_texts_for_the_browser_come_in_the_language_asked_for(browser):
    assert '"Tickets": "\\u5de5\\u5355"' in browser.get("/agent/i18n.js?lang=zh-hans").content.decode()
    assert "\\u5de5\\u5355" not in browser.get("/agent/i18n.js?lang=en").content.decode()


def test_every_text_of_the_page_is_translated():
    source = "\n".join(path.read_text() for path in (BASE_DIR / "static" / "agent").rglob("*.js"))
    used = set(re.findall(r'gettext\(\s*"([^"]+)"', source))
    catalogue = DjangoTranslation(
        "zh-hans", domain="djangojs", localedirs=[BASE_DIR / "workstation" / "locale"]
    )
    keys = catalogue._catalog.keys()
    translated = {key[0] if isinstance(key, tuple) else key for key in keys}
    assert len(used) > 40
    assert used - translated == set()


def test_a_password_signs_in_by_username_or_email(browser):
    person = factories.agent(password=factories.PASSWORD)
    answer = browser.post("/agent/login", {"username": person.email, "password": factories.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/agent/")
    assert browser.get("/agent/login").status_code == 302


def test_a_wrong_password_is_told_on_the_page(browser):
    person = factories.agent(password=factories.PASSWORD)
    answer = browser.post("/agent/login", {"username": person.username, "password": "wrong"})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode() and "wrong" not in answer.content.decode()


def test_repeated_failures_lock_the_sign_in_for_a_while(browser, settings):
    person = factories.agent(password=factories.PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        browser.post("/agent/login", {"username": person.username, "password": "wrong"})
    answer = browser.post("/agent/login", {"username": person.username, "password": factories.PASSWORD})
    assert answer.status_code == 429
    assert "Too many failed attempts" in answer.content.decode()


def test_a_sign_in_never_leads_to_another_site(browser):
    person = factories.agent(password=factories.PASSWORD)
    data = {"username": person.username, "password": factories.PASSWORD, "next": "https://evil.example/"}
    assert browser.post("/agent/login?next=https://evil.example/", data)["Location"] == "/agent/"


@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("view=badge", 'data-part="badge" data-part-of=""'),
        ("view=thread:01a2-x_9", 'data-part="thread" data-part-of="01a2-x_9"'),
        ("view=inbox&chrome=0", 'data-part="inbox" data-part-of="" data-chrome="0"'),
        ("chrome=0", 'data-chrome="0"'),
        ('view="><script>', ""),
        ("view=thread:<b>", ""),
        ("view=nothing&chrome=2", ""),
    ],
)
def test_a_part_alone_is_named_in_the_page(signed_in, query, attributes):
    page = signed_in.get(f"/agent/?lang=en&{query}").content.decode()
    start = f'<html lang="en" dir="ltr" data-theme="auto" {attributes}'.rstrip()
    assert f"{start}>" in page


def test_a_login_url_may_ask_for_a_part(browser):
    token = factories.token(factories.agent())
    landing = browser.get(f"/agent/auth/login?accessToken={token}&view=thread:01a2&chrome=0")["Location"]
    assert (
        'data-part="thread" data-part-of="01a2" data-chrome="0"'
        in Client().get(landing.split("#")[0]).content.decode()
    )


class TestCompressed:
    GZIP = {"Accept-Encoding": "gzip, br"}
    SCRIPT = "/static/agent/desk.js"

    def test_static_texts_come_compressed_with_their_length(self, browser):
        plain = b"".join(browser.get(self.SCRIPT).streaming_content)
        for _ in range(2):
            packed = browser.get(self.SCRIPT, headers=self.GZIP)
            assert gzip.decompress(packed.content) == plain
            assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
            assert int(packed["Content-Length"]) == len(packed.content) < len(plain)
            assert packed["Content-Type"].startswith("text/javascript") and packed["ETag"].startswith("W/")

    def test_who_has_it_already_gets_no_body(self, browser):
        tag = browser.get(self.SCRIPT, headers=self.GZIP)["ETag"]
        assert browser.get(self.SCRIPT, headers=self.GZIP | {"If-None-Match": tag}).status_code == 304

    @pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
    def test_who_takes_no_gzip_gets_none(self, browser, accepted):
        given = browser.get(self.SCRIPT, headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in given and given["Vary"] == "Accept-Encoding"

    def test_the_page_and_its_texts_too(self, signed_in):
        for address in ("/agent/", "/agent/i18n.js?lang=zh-hans"):
            assert signed_in.get(address, headers=self.GZIP)["Content-Encoding"] == "gzip", address
