"""What the operations of settings take and give."""

from api.schema import ANY, TEXT, WHOLE, Operation, Shape, an_object, describe
from settings_app import views
from settings_app.registry import GROUPS

KEY = an_object(
    {
        "type": TEXT | {"enum": ["string", "integer", "boolean", "array"]},
        "default": {},
        "help": TEXT,
        "choices": {"type": "array"},
        "minimum": WHOLE,
        "maximum": WHOLE,
        "members": {"type": "array", "description": "Of a list of objects: the texts that each has."},
    },
    optional=("choices", "minimum", "maximum", "members"),
)
GROUP = Shape(
    "SettingsGroup",
    lambda: an_object(
        {
            "id": TEXT | {"enum": list(GROUPS)},
            "title": TEXT,
            "values": ANY,
            "keys": {"type": "object", "additionalProperties": KEY},
            "version": WHOLE,
        }
    ),
)
BODY = {
    "type": "object",
    "properties": {"values": ANY},
    "description": "`{values: {key: value}}`, or the keys alone; a key that is not declared is refused.",
}

describe(views.SettingsList, get=Operation("List the groups of settings", GROUP, many=True))
change = Operation(
    "Change the values that are sent",
    GROUP,
    body=BODY,
    example={"values": {"deskName": "Parcel desk"}},
    etag=True,
)
describe(
    views.OneGroup, get=Operation("Read a group of settings", GROUP, etag=True), put=change, patch=change
)
