"""The allowed domains of a token: the whole table of domain-cases.json, and properties over random text."""

import json
import re
import socket
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokens import domains
from tokens.domains import EntryError, Origin, matches, normalise, origin_of_url, parse_entry, parse_origin

CASES = json.loads((Path(__file__).parent.parent / "domain-cases.json").read_text(encoding="utf-8"))
CSP_SOURCE = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:([0-9]{1,5}|\*))?")

label = st.from_regex(r"[a-z]([a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
host = st.lists(label, min_size=2, max_size=4).map(".".join).filter(lambda name: name != "null")
scheme = st.sampled_from(["", "http://", "https://"])
port = st.one_of(st.sampled_from(["", ":*", ":80", ":443"]), st.integers(1, 65535).map(lambda n: f":{n}"))
entry_text = st.builds(lambda s, w, h, p: s + w + h + p, scheme, st.sampled_from(["", "*."]), host, port)
desk = st.sampled_from(["http", "https"])
# Text near the grammar finds more than plain random text does.
odd_text = st.one_of(
    st.text(), st.text(alphabet="htps:/*.[]@\\,;'\" \r\n\t#?%_-0x19aß。／＊\u200d\u00ad", max_size=40)
)


@pytest.mark.parametrize("case", CASES["matches"], ids=lambda case: f"{case['entry']} {case['origin']}")
def test_the_table_decides_each_origin(case: dict) -> None:
    desk_scheme = case.get("desk", CASES["desk_default"])
    assert matches(normalise([case["entry"]]), case["origin"], desk_scheme) is case["allowed"]


@pytest.mark.parametrize("text", CASES["refused_entries"], ids=repr)
def test_the_table_refuses_each_entry_with_a_reason(text: str) -> None:
    with pytest.raises(EntryError) as caught:
        normalise([text])
    assert caught.value.code.startswith("entry_")
    assert caught.value.entry == text
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "entry_empty"),
        ("a" * 301, "entry_too_long"),
        ("*", "entry_wildcard_alone"),
        ("https://*:8443", "entry_wildcard_alone"),
        ("*.com", "entry_wildcard_tld"),
        ("a.*.com", "entry_wildcard_inner"),
        ("*.*.example.com", "entry_wildcard_inner"),
        ("example.com/path", "entry_path"),
        ("example.com//", "entry_path"),
        ("example.com?x", "entry_query"),
        ("example.com#x", "entry_fragment"),
        ("https://user:pw@example.com", "entry_userinfo"),
        ("example.com.", "entry_trailing_dot"),
        ("example.com。", "entry_trailing_dot"),
        ("a_b.example.com", "entry_underscore"),
        ("NULL", "entry_null"),
        ("example.com:0", "entry_port"),
        ("example.com:", "entry_port"),
        ("example.com:٤٤٣", "entry_port"),
        ("https:", "entry_scheme"),
        ("ftp://example.com", "entry_scheme"),
        ("https://", "entry_host"),
        ("https:///", "entry_host"),
        ("a..example.com", "entry_host"),
        ("example.com\n", "entry_control_character"),
        ("exam\x00ple.com", "entry_control_character"),
        ("exa mple.com", "entry_space"),
        ("\\example.com", "entry_backslash"),
        ("a.com,b.com", "entry_comma"),
        ("a.com;b.com", "entry_semicolon"),
        ("'self'", "entry_quote"),
        ("127.1", "entry_ipv4"),
        ("192.168.01.1", "entry_ipv4"),
        ("example.0x", "entry_ipv4"),
        ("*.10.0.0.1", "entry_ipv4"),
        ("2001:db8::1", "entry_ipv6"),
        ("[::1", "entry_ipv6"),
        ("[fe80::1%eth0]", "entry_ipv6"),
        ("[::1]x", "entry_ipv6"),
    ],
)
def test_each_refusal_has_its_stable_code(text: str, code: str) -> None:
    with pytest.raises(EntryError) as caught:
        parse_entry(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTPS://Example.COM:443/", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://example.com:443", "http://example.com:443"),
        ("example.com:443", "https://example.com"),
        ("example.com:08443", "example.com:8443"),
        ("*.straße.de", "*.xn--strae-oqa.de"),
        ("example。com", "example.com"),
        ("localhost:*", "localhost:*"),
        ("192.168.1.10:8443", "192.168.1.10:8443"),
        ("[2001:DB8:0::1]:8443", "[2001:db8::1]:8443"),
        ("[::ffff:192.168.1.10]", "[::ffff:c0a8:10a]"),
    ],
)
def test_an_entry_is_stored_in_one_normal_form(text: str, normal: str) -> None:
    assert normalise([text]) == [normal]


def test_a_list_keeps_its_order_and_drops_duplicates() -> None:
    assert normalise(["b.com", "A.com", "B.com/", "a.com"]) == ["b.com", "a.com"]


def test_a_list_holds_at_most_a_hundred_entries() -> None:
    full = [f"site{number}.example" for number in range(domains.MAX_ENTRIES)]
    assert normalise(full + full) == full
    with pytest.raises(EntryError) as caught:
        normalise([*full, "one.more"])
    assert (caught.value.code, caught.value.entry) == ("entry_too_many", "one.more")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("*.co.uk", ["public_suffix_wildcard"]),
        ("*.github.io", ["public_suffix_wildcard"]),
        ("*.kawasaki.jp", ["public_suffix_wildcard"]),
        ("*.foo.kawasaki.jp", ["public_suffix_wildcard"]),
        ("*.city.kawasaki.jp", []),
        ("*.amazonaws.com", []),
        ("*.example.co.uk", []),
        ("github.io", []),
        ("[::1]", ["ipv6_no_frame"]),
    ],
)
def test_an_admin_is_warned_without_any_network(
    text: str, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: object) -> None:
        raise AssertionError("the public suffix list must never be downloaded")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    domains._public_suffix_rules.cache_clear()
    assert parse_entry(text).warnings() == codes


def test_an_entry_explains_itself_in_one_sentence() -> None:
    assert parse_entry("*.example.com:*").explain("https") == (
        "Matches every subdomain of example.com at any depth, but not example.com itself; "
        "over https, not http; on any port."
    )
    assert parse_entry("example.com").explain("http") == (
        "Matches example.com, but not its subdomains; over http and https; on the default port only."
    )
    assert "not in frames" in parse_entry("[::1]").explain("https")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://example.com/a/b?c=d&e=\\f", "https://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://a_b.example.com/", "https://a_b.example.com"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("https://example.com", "https://example.com"),
        ("https://evil.com\\@example.com/", None),
        ("https://evil.com@example.com/", None),
        ("https://example.com:pw@evil.com/", None),
        ("https:/example.com/", None),
        ("https:example.com/", None),
        ("//example.com/", None),
        ("HTTPS://example.com/", None),
        ("https://example.com./", None),
        ("https://example.com:0/", None),
        ("https://example.com:99999/", None),
        ("https://exam\tple.com/", None),
        ("https://example.com/\n", None),
        ("https://127.1/", None),
        ("https://[2001:DB8::1]/", None),
        ("https://[2001:db8:0::1]/", None),
        ("https://bücher.example/", None),
        ("about:blank", None),
        ("null", None),
        ("", None),
    ],
)
def test_the_origin_of_a_referer_is_the_browsers_or_none(url: str, origin: str | None) -> None:
    assert origin_of_url(url) == origin


def test_an_underscore_below_a_wildcard_matches_as_in_browsers() -> None:
    assert matches(["*.example.com"], "https://a_b.example.com", "https")


def test_http_admits_https_on_the_same_explicit_port() -> None:
    assert matches(["http://example.com:8080"], "https://example.com:8080", "https")
    assert domains.frame_ancestors(["http://example.com:8080"], "https") == [
        "https://example.com:8080",
        "http://example.com:8080",
    ]


def test_an_entry_without_scheme_follows_the_desk() -> None:
    assert domains.frame_ancestors(["example.com", "[::1]"], "https") == ["https://example.com"]
    assert domains.frame_ancestors(["example.com"], "http") == ["https://example.com", "http://example.com"]


def test_an_empty_list_and_broken_stored_text_match_nothing() -> None:
    assert not matches([], "https://example.com", "https")
    broken = ["example.com; script-src *", "*", "'self'", "example.com\r\nX: y", ""]
    assert not matches(broken, "https://example.com", "https")
    assert domains.frame_ancestors(broken, "https") == []


@given(st.one_of(entry_text, odd_text))
@example("ß.example")
@example("\u1e9e.example")
def test_normalising_is_idempotent_or_refuses(text: str) -> None:
    try:
        normal = normalise([text])
    except EntryError as error:
        assert error.entry == text
        return
    assert normalise(normal) == normal


@given(st.lists(st.one_of(entry_text, odd_text)), desk)
def test_nothing_can_inject_into_the_policy(entries: list[str], desk_scheme: str) -> None:
    for source in domains.frame_ancestors(entries, desk_scheme):
        assert CSP_SOURCE.fullmatch(source)


@given(entry_text, desk)
def test_every_entry_explains_itself(text: str, desk_scheme: str) -> None:
    sentence = parse_entry(text).explain(desk_scheme)
    assert sentence.startswith("Matches ") and sentence.count(". ") == 0 and sentence.endswith(".")


@given(host, label)
def test_a_wildcard_takes_every_subdomain_and_never_the_apex(name: str, sub: str) -> None:
    assert matches([f"*.{name}"], f"https://{sub}.{name}", "https")
    assert matches([f"*.{name}"], f"https://{sub}.{sub}.{name}", "https")
    assert not matches([f"*.{name}"], f"https://{name}", "https")
    assert not matches([name], f"https://{sub}.{name}", "https")


@given(entry_text, label, desk)
def test_a_look_alike_never_matches(text: str, evil: str, desk_scheme: str) -> None:
    entry = parse_entry(text)
    port_text = f":{entry.port}" if entry.port and entry.port != "*" else ""
    stored = [str(entry)]
    for name in (
        f"{evil}{entry.host}",
        f"{evil}-{entry.host}",
        f"{entry.host}.{evil}",
        f"{entry.host}{evil}",
    ):
        if name.endswith(f".{entry.host}"):
            continue  # a.a.a is below a.a, a subdomain and no look-alike
        for scheme_name in ("http", "https"):
            assert not matches(stored, f"{scheme_name}://{name}{port_text}", desk_scheme)


@given(st.one_of(odd_text, entry_text))
def test_reading_an_origin_or_a_referer_never_raises(text: str) -> None:
    origin = parse_origin(text)
    assert origin is None or parse_origin(str(origin)) == origin
    referred = origin_of_url(text)
    assert referred is None or str(parse_origin(referred)) == referred


@given(st.sampled_from(["http", "https"]), host, st.integers(1, 65535))
def test_an_origin_survives_its_own_serialisation(scheme_name: str, name: str, number: int) -> None:
    origin = Origin(scheme_name, name, number)
    assert parse_origin(str(origin)) == origin
    assert origin_of_url(f"{scheme_name}://{name}:{number}/p?q") == str(origin)
