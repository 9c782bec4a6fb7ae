"""The embed studio: the desk in a foreign page, seen from the admin, and the snippet that does the same."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.pages import listen
from tests.browser.test_admin import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def studio(chromium, desk):
    """Open the studio of a new token under localhost, to which 127.0.0.1 is a foreign site."""

    def open_it(**options):
        page = chromium.page()
        origin = f"http://localhost:{desk.port}"
        sign_in(page, origin)
        row = factories.token_row(factories.token(factories.agent(nickname="Mia"), **options))
        page.goto(f"{origin}/admin/tokens/accesstoken/embed/")
        page.locator(".dk-choices a").first.click()
        assert page.url == f"{origin}/admin/tokens/accesstoken/{row.pk}/studio/"
        return page

    return open_it


def test_the_studio_shows_the_desk_in_a_foreign_page(studio, desk):
    page = studio()
    wrong = listen(page)
    page.reload()
    preview = page.frame_locator("#preview")
    workstation = preview.frame_locator("iframe[title='Customer service']")
    expect(workstation.get_by_role("radio", name="Available")).to_be_visible()
    expect(page.locator("[data-events]")).to_contain_text("ready")
    origins = [frame.evaluate("location.origin") for frame in page.frames]
    assert origins == [
        f"http://localhost:{desk.port}",
        f"http://127.0.0.1:{desk.port}",
        f"http://localhost:{desk.port}",
    ]
    assert wrong == []


def test_what_is_chosen_is_in_the_preview_and_in_the_snippet(studio):
    page = studio()
    page.select_option("#id_theme", "dark")
    page.select_option("#id_lang", "zh-hans")
    page.fill("#id_height", "500")
    page.fill("#id_origin", "https://portal.example.com")
    page.get_by_role("button", name="Show").click()
    desk = page.frame_locator("#preview").frame_locator("iframe[title='Customer service']")
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")
    expect(desk.locator("html")).to_have_attribute("lang", "zh-hans")
    snippet = page.locator("#snippet-sdk").text_content()
    assert 'theme: "dark"' in snippet and 'lang: "zh-hans"' in snippet and "height: 500" in snippet
    expect(page.locator(".dk-findings")).to_be_visible()


def test_a_token_for_other_pages_is_refused_in_the_preview_and_the_studio_says_why(studio):
    page = studio(entries=["portal.example.com"])
    expect(page.get_by_text("The token does not admit the preview's address")).to_be_visible()
    expect(page.frame_locator("#preview").locator("#said")).to_contain_text("domain_not_allowed")
