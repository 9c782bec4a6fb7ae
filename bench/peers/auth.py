"""The authentication steps of the peers, as a child process: DRF's tokens, knox, simplejwt."""

import os
import sys

import django

from bench.calls import measure
from bench.child import answer

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.settings"
NAME = "bench"


def make_user() -> str:
    """Make the peers' user where there is none and return its DRF token."""
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    user = User.objects.get_or_create(username=NAME)[0]
    return Token.objects.get_or_create(user=user)[0].key


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from knox.auth import TokenAuthentication as KnoxAuthentication
    from knox.models import AuthToken
    from rest_framework.authentication import TokenAuthentication
    from rest_framework_simplejwt.authentication import JWTAuthentication
    from rest_framework_simplejwt.tokens import AccessToken

    key = make_user()
    if sys.argv[1:] == ["token"]:
        print(key)
        return
    user = User.objects.get(username=NAME)
    kinds = {
        "drf_token": (TokenAuthentication(), f"Token {key}"),
        "knox": (KnoxAuthentication(), f"Token {AuthToken.objects.create(user)[1]}"),
        "simplejwt": (JWTAuthentication(), f"Bearer {AccessToken.for_user(user)}"),
    }

    def handle(order: dict) -> dict:
        step, header = kinds[order["kind"]]
        return measure(step.authenticate, {"Authorization": header}, order["count"])

    answer({"token": key}, handle)


if __name__ == "__main__":
    main()
