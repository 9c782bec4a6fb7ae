"""Who gets a place among the uploads."""

import pytest

from api.errors import Problem
from api.requests import site_of
from config.uploads import Places
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tokens import throttle


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no:address", "no:address"),
    ],
)
def test_an_address_of_ipv6_counts_with_its_network(address, site):
    assert site_of(address) == site


def test_who_has_a_network_of_ipv6_gets_no_more_places_than_one_address():
    places = Places(8)
    taken = [f"2001:db8::{number}" for number in range(8) if places.take(f"2001:db8::{number}")]
    assert len(taken) == 2
    assert places.take("2001:db8:0:1::1") and places.take("203.0.113.9")
    for address in taken:
        places.give_back(address)
    assert places.take("2001:db8::9") and places.taken.total() == 3


def test_failures_from_a_network_of_ipv6_are_throttled_together(db):
    throttle.forget_failures()
    refused = Problem("token_malformed")
    with pytest.raises(Problem) as raised:
        for number in range(1000):
            throttle.count_failure("handoff", f"2001:db8::{number:x}", refused)
    assert raised.value.code == "throttled"
    with pytest.raises(Problem):
        throttle.check("handoff", "2001:db8::ffff")
    throttle.check("handoff", "2001:db8:0:1::1")
    throttle.forget_failures()


def test_a_network_of_ipv6_opens_only_so_many_chats_a_minute(client, db):
    factories.team()
    throttle.forget_failures()
    change_settings(group="chat", values={"opensPerMinute": 10})
    forget_kept()
    for number in range(11):
        answer = client.post(
            "/api/chat/open", b"{}", content_type="application/json", REMOTE_ADDR=f"2001:db8::{number:x}"
        )
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    throttle.forget_failures()
