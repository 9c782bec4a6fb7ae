"""The commands that operators script: issue_token, disable_token, check_token."""

import pytest

from accounts.models import User
from tests import factories
from tests.desk import manage
from tokens import jwt
from tokens.models import AccessToken


def test_issue_token_prints_the_token_alone_on_its_last_line(transactional_db):
    done = manage(
        "issue_token", "kim", "--create-agent", "--name", "Shop", "--domain", "Shop.Example",
        "--domain", "*.b.example", "--scope", "tickets:read", "--expires-in", "600", "--server-calls",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = done.stdout.splitlines()[-1]
    row = factories.token_row(text)
    assert (row.user.username, row.user.role, row.name) == ("kim", "agent", "Shop")
    assert (row.domains, row.scopes) == (["shop.example", "*.b.example"], ["tickets:read"])
    assert row.allow_no_origin and jwt.verify(text).jti == str(row.pk)
    assert text not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody",),
        ("known", "--domain", "*.com"),
        ("known", "--scope", "all"),
        ("known", "--expires-in", "0"),
    ],
)
def test_issue_token_refuses_with_a_reason(transactional_db, arguments):
    factories.agent(username="known")
    done = manage("issue_token", *arguments)
    assert done.returncode == 1 and done.stderr.strip() and not done.stdout
    assert not AccessToken.objects.exists() and User.objects.count() == 1


def test_disable_token_says_when_it_holds_everywhere(desk):
    text = factories.token(factories.agent())
    done = manage("disable_token", given=text)
    assert (done.returncode, "holds everywhere" in done.stdout) == (0, True), done.stderr
    assert factories.token_row(text).state == "disabled"
    again = manage("disable_token", given=f"  {text}\n")
    assert again.returncode == 0 and text not in done.stdout + again.stdout


@pytest.mark.parametrize("given", ["", "\n", "x.y.z\n"])
def test_disable_token_does_not_know_other_tokens(transactional_db, given):
    done = manage("disable_token", given=given)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no such token" in done.stderr


def test_check_token_says_what_will_happen_and_why(transactional_db):
    text = factories.token(factories.agent(), entries=["https://shop.example"])
    good = manage(
        "check_token", "--origin", "https://shop.example", "--desk", "https://desk.example", given=text
    )
    assert good.returncode == 0, good.stdout + good.stderr
    assert "frame-ancestors 'self' https://shop.example" in good.stdout
    assert "__Host-desk_frame" in good.stdout and good.stdout.splitlines()[-1] == "It will work."
    bad = manage("check_token", "--origin", "https://evil.example", "--path", "/api/tokens/list", given=text)
    assert bad.returncode == 1 and "domain_not_allowed" in bad.stdout
    assert text not in good.stdout + bad.stdout


@pytest.mark.parametrize(("given", "code"), [("", "token_malformed"), ("x.y.z", "token_malformed")])
def test_check_token_of_what_is_no_token(transactional_db, given, code):
    done = manage("check_token", given=given)
    assert done.returncode == 1 and code in done.stdout
