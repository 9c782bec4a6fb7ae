"""The setting of panels: pages of others beside a conversation, and whom the workstation's policy lets in."""

import re

import pytest
from django.test import Client

from settings_app.queries import forget_kept, group_values
from settings_app.services import change_settings
from tests import factories
from tests.admin_pages import AdminPages

pytestmark = pytest.mark.django_db
FORM = "settings_app/storedgroup/panels/change/"
CRM = {"title": "Orders", "url": "https://crm.example.com/panel?team=a&b=1"}


@pytest.fixture(autouse=True)
def forget():
    forget_kept()
    yield
    forget_kept()


def put(api, *pages):
    return api.put("settings/panels", {"values": {"pages": list(pages)}})


def test_an_admin_sets_panels_and_agents_read_them(admin_api, api):
    assert put(admin_api, CRM).status_code == 200
    shown = api.get("settings/panels").json()
    assert shown["values"] == {"pages": [CRM]}
    assert shown["keys"]["pages"]["members"] == ["title", "url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/", "javascript:alert(1)", "//crm.example.com", "https://", "https:///x", "",
        "https://user@crm.example.com/", "https://crm.example.com@evil.example/", "https://CRM.example.com/",
        "https://crm.example.com/#x", "https://crm.example.com/ x", "https://crm.example.com;script-src *",
        "https://crm.example.com/;x", "https://crm.example.com/,x", "https://crm.example.com/'x",
        'https://crm.example.com/"x', "https://crm.example.com\\@evil.example/", "https://*.example.com/",
        "https://crm.example.com:0/", "https://crm.example.com:65536/", "https://crm.example.com:/",
        "https://crm..example.com/", "https://-crm.example.com/", "https://127.0.0.1/", "https://0x7f.1/",
        "https://[::1]/", "https://bücher.example/", "https://crm.example.com./", "https://crm.example.com?x",
        "https://crm.example.com/\n", "https://crm.example.com/" + "x" * 1000, f"https://{'a' * 64}.example/",
    ],
)  # fmt: skip
def test_an_address_that_is_no_plain_https_one_is_refused(admin_api, url):
    answer = put(admin_api, CRM | {"url": url})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "pages"


@pytest.mark.parametrize(
    "pages",
    [
        [{"title": "Orders"}],
        [CRM | {"width": "3"}],
        [CRM | {"title": 5}],
        [CRM | {"title": ""}],
        [CRM | {"title": "x" * 61}],
        [CRM | {"title": "a|b"}],
        [CRM, CRM],
        ["https://crm.example.com/"],
        [None],
        [[]],
        [CRM | {"title": f"Panel {number}"} for number in range(9)],
    ],
)
def test_a_list_that_does_not_fit_is_refused_and_nothing_is_stored(admin_api, pages):
    assert put(admin_api, *pages).status_code == 400
    assert group_values("panels") == {"pages": []}


def test_panels_are_set_in_the_admin_one_a_line():
    pages = AdminPages()
    lines = "Orders | https://crm.example.com/panel\r\n\r\n退款|https://pay.example.com/"
    assert pages.post(FORM, {"pages": lines}).status_code == 302
    assert group_values("panels")["pages"] == [
        {"title": "Orders", "url": "https://crm.example.com/panel"},
        {"title": "退款", "url": "https://pay.example.com/"},
    ]
    assert "退款 | https://pay.example.com/" in pages.get(FORM).content.decode()
    for wrong in ("Orders", "Orders | http://crm.example.com/"):
        assert "xpected" in pages.post(FORM, {"pages": wrong}).content.decode()
    assert len(group_values("panels")["pages"]) == 2


def frame_sources(path: str) -> str | None:
    browser = Client(headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})
    person = factories.admin(password=factories.PASSWORD)
    browser.post("/agent/login", {"username": person.username, "password": factories.PASSWORD})
    policy = browser.get(path)["Content-Security-Policy"]
    found = re.search(r"frame-src ([^;]*)", policy)
    return found and found[1]


def test_the_workstation_may_frame_exactly_the_panels_origins():
    assert frame_sources("/agent/") is None  # 'self' alone, by default-src
    more = {"title": "Shop", "url": "https://shop.example.com:8443"}
    again = {"title": "Bills", "url": "https://crm.example.com/bills"}
    change_settings(group="panels", values={"pages": [CRM, more, again]})
    forget_kept()
    assert frame_sources("/agent/") == "'self' https://crm.example.com https://shop.example.com:8443"
    assert frame_sources("/desktop") == "'self' https://crm.example.com https://shop.example.com:8443"
    assert frame_sources("/agent/login") is None and frame_sources("/admin/") is None


def test_stored_text_that_is_no_address_admits_nobody():
    from settings_app.models import StoredGroup

    bad = {"title": "x", "url": "https://evil.example;script-src *"}
    StoredGroup.objects.create(name="panels", values={"pages": [bad]})
    assert frame_sources("/agent/") is None
