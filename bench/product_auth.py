"""The product's authentication step, as a child process under the product's own settings."""

import os

import django

from bench.calls import measure
from bench.child import answer


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from tokens.authentication import DeskAuthentication

    step = DeskAuthentication()
    headers = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"}
    answer({"ready": True}, lambda order: measure(step.authenticate, headers, order["count"]))


if __name__ == "__main__":
    main()
