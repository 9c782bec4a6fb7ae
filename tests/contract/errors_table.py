"""Writes docs/errors.md from the one table of reason codes: `python -m tests.contract.errors_table`."""

from pathlib import Path

from api.codes import CODES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
INTRODUCTION = """# Reason codes
Every refusal carries one of these as `code`: in the API, on login pages, in `embed_error` and
`session_ended` of the iframe protocol, and in the desk's logs. Codes are stable; titles and advice may
change. This table is made from `api/codes.py`; your desk shows it at `/api/errors`.

401 means that the credential is dead: drop it. 403 means that it is alive, but not for this: keep it.

| code | status | meaning | what to do |
|---|---|---|---|
"""


def written() -> str:
    """Return the document as it must be."""
    rows = (f"| `{name}` | {code.status} | {code.title} | {code.advice} |\n" for name, code in CODES.items())
    return INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    DOCUMENT.write_text(written())
