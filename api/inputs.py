"""What comes in: a JSON object read into a msgspec shape, strictly, with refusals that name the field."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from api.errors import field_error

Shape = TypeVar("Shape", bound=msgspec.Struct)
WHERE = re.compile(r"(?P<detail>.*?) - at `(?P<place>.*)`", re.DOTALL)


def read(shape: type[Shape], data: Mapping[str, Any], *, shown: Iterable[str] = ()) -> Shape:
    """Return the object as `shape`; what was not sent is UNSET there.

    `shown` names the read-only members that the API itself shows: clients send whole objects back, so these
    are ignored (api.md). Raises Problem `validation_failed` naming the field; `unknown_field` for any other
    member.
    """
    names = shape.__struct_encode_fields__
    for name in data:
        if name not in names and name not in shown:
            raise field_error(name[:80], "unknown_field", f"Known fields: {', '.join(sorted(names))}.")
    try:
        read_in: Shape = msgspec.convert({name: data[name] for name in data if name in names}, shape)
    except msgspec.ValidationError as error:
        raise _as_problem(str(error)) from None
    return read_in


def sent(read_in: msgspec.Struct) -> dict[str, Any]:
    """Return the members that the client sent, under the shape's own names."""
    values = {name: getattr(read_in, name) for name in read_in.__struct_fields__}
    return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def _as_problem(text: str) -> Exception:
    found = WHERE.fullmatch(text)
    detail, place = (found["detail"], found["place"]) if found else (text, "$")
    field = place.removeprefix("$").removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", detail):
        field = f"{field}.{missing[1]}" if field else missing[1]
        return field_error(field, "required", "This field is required.")
    return field_error(field, "invalid", f"{detail}.")
