"""Reading knowledge from a table in CSV, as spreadsheets write it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from api.errors import field_error

LARGEST = 5 * 1024 * 1024  # bytes
COLUMNS = ("question", "answer", "similar", "language", "enabled")
NO = frozenset({"0", "false", "no", "off", "否"})


def rows_of(raw: bytes) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table with a head: `question, answer`, and if one likes `similar` (parted by `|`),
    `language`, `enabled`. Raises Problem `validation_failed`.
    """
    if len(raw) > LARGEST:
        raise field_error("file", "too_long", f"Expected at most {LARGEST // 1024 // 1024} MiB.")
    text = _text(raw)
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if unknown := [name for name in names if name not in COLUMNS]:
            raise field_error("file", "invalid", f"Unknown columns: {', '.join(unknown)[:200]}.")
        if "question" not in names or "answer" not in names:
            raise field_error("file", "invalid", f"Expected a head with {', '.join(COLUMNS)}.")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(dict(zip(names, cells, strict=False)))
    except csv.Error as error:
        raise field_error("file", "invalid", f"This is no CSV: {error}.") from None


def _row(cells: dict[str, str]) -> dict[str, Any]:
    return {
        "question": cells.get("question", ""),
        "answer": cells.get("answer", ""),
        "similar": cells.get("similar", "").split("|"),
        "language": cells.get("language", "").strip().lower(),
        "enabled": cells.get("enabled", "").strip().lower() not in NO,
    }


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # what spreadsheets save, in China too
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise field_error("file", "invalid", "Expected text in UTF-8.")
