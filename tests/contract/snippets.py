"""Reads the fenced blocks of a document, and runs them as an integrator would."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMANDS = {
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


class Snippet(NamedTuple):
    """A block: the heading it stands under, its language, its text."""

    heading: str
    language: str
    code: str


def snippets(document: Path) -> list[Snippet]:
    """Return the blocks of a document in their order."""
    text = document.read_text()
    found = []
    for block in FENCE.finditer(text):
        headings = HEADING.findall(FENCE.sub("", text[: block.start()]))
        found.append(Snippet(headings[-1] if headings else "", block[1], block[2]))
    return found


def one(document: Path, language: str, containing: str) -> str:
    """Return the only block of a language that contains a text."""
    (found,) = [
        each.code for each in snippets(document) if each.language == language and containing in each.code
    ]
    return found


def run(language: str, code: str) -> str:
    """Run a block with the program of its language; return what it printed. Fails where the program does."""
    done = subprocess.run(
        [*COMMANDS[language], code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{code}"
    return done.stdout


def documents(printed: str) -> list[Any]:
    """Return the JSON documents that a text holds one after the other."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while place < len(printed):
        if printed[place].isspace():
            place += 1
            continue
        value, place = decoder.raw_decode(printed, place)
        found.append(value)
    return found
