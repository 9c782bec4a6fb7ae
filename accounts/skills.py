"""Skills: what conversations may need and agents have, such as `refunds` or `chinese`; whatever the case."""

from collections.abc import Iterable

from api.errors import field_error

MOST, LONGEST = 20, 40


def checked_skills(skills: Iterable[str]) -> list[str]:
    """Return skills as they are stored: in small letters, sorted, each once. Raises Problem
    `validation_failed`.
    """
    names = sorted({" ".join(each.casefold().split()) for each in skills} - {""})
    if len(names) > MOST:
        raise field_error("skills", "too_many", f"Expected at most {MOST} skills.")
    if any(len(each) > LONGEST for each in names):
        raise field_error("skills", "too_long", f"Expected at most {LONGEST} characters each.")
    return names
