"""The admin in a real browser: a token is issued through the form, and the strict policy is kept."""

import re

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests import factories

pytestmark = pytest.mark.browser


def counts(message: ConsoleMessage) -> bool:
    """Whether a console message is an error of ours; on plain http Chromium says that it leaves out COOP."""
    return (
        message.type == "error" and "Cross-Origin-Opener-Policy header has been ignored" not in message.text
    )


def watched(page: Page) -> list[str]:
    """Return what goes wrong on the page from now on: errors, and what the policy refuses."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if counts(message) else None)
    return wrong


def sign_in(page: Page, origin: str) -> None:
    factories.admin(username="root", password=factories.PASSWORD)
    factories.agent(username="lena", nickname="Lena Fischer")
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"{origin}/admin/login/")
    page.fill("#id_username", "root")
    page.fill("#id_password", factories.PASSWORD)
    page.click("button[type=submit]")
    expect(page).to_have_url(f"{origin}/admin/")


def test_an_admin_issues_a_token_through_the_form(chromium, site):
    page = chromium.page()
    wrong = watched(page)
    sign_in(page, site.origin)
    page.goto(f"{site.origin}/admin/tokens/accesstoken/add/")
    expect(page.get_by_text("Any site.")).to_be_visible()
    page.click(".select2-selection")
    page.keyboard.type("fischer")
    page.locator(".select2-results__option", has_text="Lena Fischer").click()
    page.get_by_role("button", name="API client").click()
    expect(page.locator("input[value='login:agent']")).not_to_be_checked()
    page.get_by_role("button", name="Workstation").click()
    page.get_by_role("button", name="Add a domain").click()
    page.keyboard.type("*.Example.com")
    page.keyboard.press("Enter")
    page.keyboard.type("no such place")
    first, second = page.locator(".dk-entries li").all()
    expect(first).to_contain_text("Stored as *.example.com")
    expect(first).to_contain_text("but not example.com itself")
    expect(second).to_contain_text("The entry holds a space.")
    expect(page.get_by_text("Any site.")).not_to_be_visible()
    second.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Issue token").click()
    secret = page.locator("#secret").inner_text()
    row = factories.token_row(secret)
    assert (row.user.username, row.domains) == ("lena", ["*.example.com"])
    page.get_by_role("button", name="Copy token").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_text("Done, I have copied it").click()
    expect(page.get_by_role("heading", name=re.compile("Unnamed token"))).to_be_visible()
    assert secret not in page.content()
    assert wrong == []


def test_the_pages_of_the_admin_break_no_policy_and_fit_a_phone(chromium, http_site):
    page = chromium.page()
    wrong = watched(page)
    sign_in(page, http_site.origin)
    row = factories.token_row(factories.token(entries=["portal.example.com"]))
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (
        "",
        "tokens/accesstoken/",
        f"tokens/accesstoken/{row.pk}/change/",
        "tokens/accesstoken/add/",
        "accounts/user/",
        "settings_app/storedgroup/tokens/change/",
        "events/event/",
        "tickets/ticket/",
    ):
        page.goto(f"{http_site.origin}/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert wrong == []
