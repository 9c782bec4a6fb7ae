"""Who a visitor is: by its credential, by what its site has signed, and by what its page merely claims."""

import pytest

from messaging.chat import credentials
from messaging.models import Visitor
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import Browser


@pytest.fixture
def team(db):
    return factories.team()


@pytest.fixture
def browser(team):
    browser = Browser(t="1", sid=str(team.pk))
    assert browser.open().status_code == 200
    return browser


class TestWhoIsIt:
    def test_a_new_visitor_gets_a_name_and_stays_itself_by_its_credential(self, browser):
        first = browser.visitor
        assert first.nickname.startswith("Visitor ")
        assert browser.open(nickname="Zoë", language="zh-hans").json()["visitor"]["nickname"] == "Zoë"
        assert browser.visitor == first and Visitor.objects.count() == 1

    @pytest.mark.parametrize("forged", ["vst_x", "vst_" + "0" * 32 + "_abc", "dts_abc", "", "x" * 500])
    def test_a_forged_credential_is_nobodys(self, browser, forged):
        browser.credential = forged
        assert browser.get("messages").json()["code"] in ("session_ended", "not_authenticated")
        assert Browser(t="1").open(visitor=forged).status_code == 200

    def test_an_unsigned_uid_opens_nobodys_history(self, browser):
        browser.open(visitorUid="customer-7")
        browser.say("My secret")
        stranger = Browser(**browser.opening, visitorUid="customer-7")
        assert stranger.open().json()["thread"] is None
        assert stranger.get("messages").json() == []
        assert stranger.visitor != browser.visitor

    def test_a_signed_uid_is_the_same_visitor_in_every_browser(self, browser):
        mine = {"visitorUid": "customer-7", "signature": credentials.signature("customer-7")}
        browser.open(**mine)
        browser.say("Hello")
        elsewhere = Browser(**browser.opening, **mine)
        assert elsewhere.open().json()["thread"]["lastSeq"] == 1
        assert elsewhere.visitor == browser.visitor and elsewhere.visitor.verified_at

    def test_who_took_the_uid_before_it_was_signed_gets_none_of_its_messages(self, browser):
        squatter = Browser(**browser.opening, visitorUid="customer-7")
        squatter.open()
        owner = Browser(
            **browser.opening, visitorUid="customer-7", signature=credentials.signature("customer-7")
        )
        owner.open()
        owner.say("Mine")
        assert squatter.open().status_code == 200
        assert squatter.get("messages").json() == [] and squatter.visitor != owner.visitor

    def test_what_a_visitor_claims_leads_nobody_to_it(self, browser, api, team):
        browser.open(visitorUid="customer-7", email="ann@example.com", device={"os": "Linux"})
        assert browser.visitor.device == {"os": "Linux", "visitorUid": "customer-7"}
        for who in ({"externalId": "customer-7"}, {"email": "ann@example.com"}):
            begun = api.post("threads/create", {"type": "AGENT", "visitor": who}).json()
            assert begun["user"]["id"] != str(browser.visitor.pk)
        assert browser.open(t="0", sid=factories.agent().username).json()["thread"] is None

    def test_the_visitor_that_the_desk_knows_is_found_by_its_signed_uid(self, browser, api):
        who = {"externalId": "customer-7", "nickname": "Ann"}
        begun = api.post("threads/create", {"type": "AGENT", "visitor": who}).json()
        browser.open(visitorUid="customer-7", signature=credentials.signature("customer-7"))
        assert str(browser.visitor.pk) == begun["user"]["id"] and browser.visitor.verified_at

    def test_two_users_of_a_site_in_one_browser_are_two_visitors(self, browser):
        browser.open(visitorUid="a")
        browser.say("Mine")
        browser.open(visitorUid="b")
        assert browser.get("messages").json() == []

    @pytest.mark.parametrize("given", ["", "0" * 64, "ünïcode", "A" * 64])
    def test_a_wrong_signature_is_refused_and_none_where_one_is_asked_for(self, browser, given, admin):
        change_settings(group="chat", values={"requireIdentity": True}, actor=admin)
        forget_kept()
        refused = Browser(**browser.opening).open(visitorUid="customer-7", signature=given)
        assert (refused.status_code, refused.json()["code"]) == (403, "identity_invalid")
        assert Browser(**browser.opening).open().status_code == 200

    def test_who_signed_out_of_the_site_is_somebody_new(self, browser):
        browser.open(visitorUid="customer-7", signature=credentials.signature("customer-7"))
        browser.say("Private")
        browser.open()
        assert browser.get("messages").json() == []

    def test_an_agents_token_is_no_visitors_and_the_other_way_round(self, browser, api):
        assert api.get("chat/messages").json()["code"] == "session_ended"
        assert (
            browser.client.get(
                "/api/threads/list", headers={"Authorization": f"Bearer {browser.credential}"}
            ).status_code
            == 401
        )
