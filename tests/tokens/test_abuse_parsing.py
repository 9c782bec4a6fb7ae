"""Abuse cases of tokens.md section 7, Parsing (P1 to P18): what is not our token never touches the
database.
"""

import base64
import hashlib
import hmac
import json
import time
import uuid

import jwt as pyjwt
import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.conftest import Api
from tokens import jwt
from tokens.models import AccessToken

pytestmark = pytest.mark.django_db

SAMPLE = (  # the token page's own, signed by nobody we know
    "eyJhbGciOiJIUzM4NCJ9.eyJzdWIiOiJ7XCJwbGF0Zm9ybVwiOlwiYnl0ZWRlc2tcIixcInVzZXJuYW1lXCI6XCJhZG1pbkBlbWFpbC5jb21c"
    "In0iLCJpYXQiOjE3NTI3MjQ4MzIsImV4cCI6MTc1NTMxNjgzMn0.3Q5ZXyNHImEGCErPkRXWG6rnFK1F_z77kTE6iRlpKmzUAtRpJZinjM_O0J0GebtM"
)
KID, KEY = next(iter(settings.ACCESS_TOKEN_KEYS.items()))


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: bytes, claims: bytes, key: bytes = KEY, digest: str = "sha384") -> str:
    """Return a token of any header and claims, however odd, under a genuine signature."""
    body = f"{packed(header)}.{packed(claims)}"
    return f"{body}.{packed(hmac.digest(key, body.encode(), digest))}"


def claims(**changes) -> bytes:
    now = int(time.time())
    whole = {
        "sub": "{}",
        "iat": now,
        "exp": now + 600,
        "jti": str(uuid.uuid4()),
        "token_type": "access",
        "iss": "",
    }
    return json.dumps({name: value for name, value in (whole | changes).items() if value is not ...}).encode()


def header() -> bytes:
    first = jwt.signing_backend().encode({}).split(".")[0]
    return base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))


def refusal(credential: str, queries, number: int = 0) -> tuple[int, str]:
    with queries(number):
        response = Api(Authorization=credential).get("tickets/list")
    assert ("WWW-Authenticate" in response) == (response.status_code == 401)
    return response.status_code, response.json()["code"]


@pytest.fixture
def refused(django_assert_num_queries):
    return lambda text, number=0: refusal(f"Bearer {text}", django_assert_num_queries, number)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"alg":"none","kid":"%s"}',
        b'{"alg":"None"}',
        b'{"alg":"HS256","kid":"%s"}',
        b'{"alg":"HS512","kid":"%s"}',
        b'{"alg":"RS256","kid":"%s"}',
        b'{"alg":"HS384"}',
        b'{"alg":"HS384","kid":"other"}',
        b'{"alg":"HS384","kid":""}',
        b'{"alg":"HS384","kid":null}',
        b'{"alg":"HS384","kid":["%s"]}',
        b'{"alg":"HS384","kid":"../../etc/passwd"}',
        b'{"alg":"HS384","kid":"%s","jku":"https://evil.example"}',
        b'{"kid":"%s","alg":"HS384","alg":"none"}',
        b"[]",
        b"null",
    ],
    ids=repr,
)
@pytest.mark.parametrize("digest", ["sha384", "sha256"])
def test_p1_to_p3_every_header_but_ours_is_refused_though_its_signature_is_genuine(refused, odd, digest):
    odd = odd.replace(b"%s", KID.encode())
    text = signed(odd, claims(), digest=digest)
    assert refused(text) in {(401, "token_invalid"), (401, "token_malformed")}


def test_p1_an_unsigned_token_is_refused(refused):
    for signature in ("", "A", "A" * 64):
        unsigned = f"{packed(json.dumps({'alg': 'none'}).encode())}.{packed(claims())}.{signature}"
        assert refused(unsigned) in {(401, "token_invalid"), (401, "token_malformed")}


@pytest.mark.parametrize("sub", [{"username": "admin"}, 7, None, True, ["admin"], ...], ids=repr)
def test_p4_a_subject_that_is_no_string_is_refused(refused, sub):
    assert refused(signed(header(), claims(sub=sub))) == (401, "token_invalid")


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": "1"},
        {"exp": "9999999999"},
        {"exp": None},
        {"exp": True},
        {"exp": ...},
        {"iat": ...},
        {"jti": 7},
        {"token_type": "refresh"},
        {"token_type": ...},
        {"iat": 1e300},
        {"exp": float("nan")},
    ],
    ids=repr,
)
def test_p4_claims_of_other_types_are_refused(refused, changes):
    assert refused(signed(header(), claims(**changes))) == (401, "token_invalid")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 300, b'{"sub":"\\ud800"}'], ids=repr
)
def test_p4_a_payload_that_is_no_object_of_claims_is_refused(refused, body):
    assert refused(signed(header(), body))[0] == 401


def test_p5_altered_encodings_of_a_genuine_signature_are_refused(agent, refused):
    text = factories.token(agent)
    last = text[-1]
    for altered in (
        text + "=",
        text + "==",
        text[:-1] + chr(ord(last) ^ 1),
        text + "A",
        text[:-1],
        text + ".",
        "." + text,
    ):
        assert refused(altered)[0] == 401
    head, payload, signature = text.split(".")
    standard = signature.replace("-", "+").replace("_", "/")
    if standard != signature:
        assert refused(f"{head}.{payload}.{standard}")[0] == 401


def test_p6_bytes_that_are_no_text_are_refused_and_never_a_fault(refused, agent):
    text = factories.token(agent)
    for odd in ("\xff\xfe", text + "\x00", "\x00", text[:-1] + "é", "é" * 20):
        assert refused(odd) == (401, "token_malformed")


def test_p7_a_megabyte_is_refused_by_its_length(refused):
    assert refused("A" * 1_000_000) == (401, "token_malformed")
    assert refused(f"{'A' * 100}.{'A' * 1000}.{'A' * 64}") == (401, "token_malformed")


@pytest.mark.parametrize(
    "form",
    [
        "Bearer",
        "Bearer ",
        "Bearer {0} {0}",
        "Bearer {0},Bearer {0}",
        "Bearer\t{0}",
        "Bearer  {0}",
        "Bearer {0} ",
        "Bearer {0}\t",
        "Bearer{0}",
    ],
)
def test_p8_a_header_of_another_form_is_400_and_names_no_dead_credential(
    agent, form, django_assert_num_queries
):
    credential = form.format(factories.token(agent))
    assert refusal(credential, django_assert_num_queries) == (400, "header_malformed")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_p9_the_scheme_is_accepted_in_any_case(agent, scheme):
    assert Api(Authorization=f"{scheme} {factories.token(agent)}").get("tickets/list").status_code == 200


@pytest.mark.parametrize("credential", ["Basic YTpi", "Token abc", "Digest x", "", "dts_x"])
def test_p9_other_schemes_are_no_credentials(credential, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Api(Authorization=credential).get("tickets/list")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="desk"'


def test_p10_a_token_in_the_query_or_the_body_is_not_read(agent, django_assert_num_queries):
    text = factories.token(agent)
    with django_assert_num_queries(0):
        for name in ("accessToken", "access_token", "token"):
            assert Api().get(f"tickets/list?{name}={text}").status_code == 401
        assert Api().post("tokens/create", {"accessToken": text}).status_code == 401


def test_p11_keys_that_stand_twice_in_a_body_are_refused(api):
    answer = api.post("tokens/create", b'{"name": "a", "name": "b"}')
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_p11_keys_that_stand_twice_in_claims_cannot_be_made_by_anybody_but_us_and_still_need_a_row(refused):
    doubled = claims()[:-1] + b', "sub": "{}"}'
    assert refused(signed(header(), doubled), 1) == (401, "token_invalid")


def test_p12_the_token_pages_sample_is_a_dead_credential(refused):
    assert refused(SAMPLE) == (401, "token_invalid")


def test_p13_a_genuine_signature_without_a_row_is_refused_after_one_statement(refused):
    assert refused(signed(header(), claims()), 1) == (401, "token_invalid")


def test_p14_a_row_without_a_genuine_signature_is_refused(agent, refused):
    text = signed(header(), claims(), key=b"k" * 64)
    row = factories.token_row(factories.token(agent))
    AccessToken.objects.filter(pk=row.pk).update(token_hash=hashlib.sha256(text.encode()).digest())
    assert refused(text) == (401, "token_invalid")


def test_p15_a_token_from_the_future_is_refused(refused):
    now = int(time.time())
    assert refused(signed(header(), claims(iat=now + 3600, exp=now + 7200))) == (401, "token_invalid")


def test_p16_a_token_ends_at_its_second(monkeypatch):
    now = int(time.time())
    text = signed(header(), claims(iat=now - 100, exp=now + 100))
    monkeypatch.setattr(jwt.time, "time", lambda: now + 99.999)
    assert jwt.verify(text).expires == now + 100
    monkeypatch.setattr(jwt.time, "time", lambda: float(now + 100))
    with pytest.raises(jwt.Problem) as caught:
        jwt.verify(text)
    assert caught.value.code == "token_expired"


def test_p17_a_token_is_one_word_that_any_jwt_library_verifies(agent):
    text = factories.token(agent)
    assert jwt.SHAPE.fullmatch(text) and len(text) <= jwt.LONGEST
    verified = pyjwt.decode(text, KEY, algorithms=["HS384"])
    assert pyjwt.get_unverified_header(text) == {"alg": "HS384", "kid": KID}
    assert json.loads(verified["sub"]) == {"platform": "bytedesk", "username": agent.username}
    assert set(verified) == {"sub", "iat", "exp", "jti", "token_type", "iss"}


def test_p17_a_name_of_any_length_and_script_still_fits_a_token(db):
    long = factories.agent(username="客" * 150)
    assert len(json.dumps(jwt._subject("\U0001f600" * 2000, "\U0001f600" * 150))) <= 320
    text = factories.token(long, issuer="https://" + "x" * 250)
    assert Api(text).get("tickets/list").status_code == 200


@pytest.mark.parametrize(
    "body", [b"[" * 20_000, b'{"a":' * 20_000, b"\xff", b'"\\ud800"', b'{"name":"\\u0000"}', b"NaN"]
)
def test_p18_hostile_bodies_are_400(api, body):
    assert api.post("tokens/create", body).status_code == 400


@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_p19_any_byte_flipped_is_401_and_costs_no_statement(api, django_assert_num_queries, data):
    text = api.token
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.integers(33, 255).filter(lambda code: chr(code) not in (text[place], ",")))
    flipped = text[:place] + chr(other) + text[place + 1 :]
    from tokens import throttle

    throttle.forget_failures()
    with django_assert_num_queries(0):
        response = Api(Authorization=f"Bearer {flipped}").get("tickets/list")
    assert response.status_code == 401, (place, other)


@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.one_of(
        st.text(), st.from_regex(jwt.SHAPE, fullmatch=True), st.binary().map(lambda b: b.decode("latin1"))
    )
)
def test_p20_no_text_at_all_is_a_fault(db, text):
    try:
        jwt.verify(text)
    except jwt.Problem as problem:
        assert problem.status == 401
    else:
        raise AssertionError("nobody signed this")
