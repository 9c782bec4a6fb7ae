"""What the operations of access tokens take and give."""

from api.schema import (
    FLAG,
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Json,
    Operation,
    Shape,
    a_list,
    an_object,
    describe,
    shown,
)
from tokens import serializers, views
from tokens.queries import STATES, TOKENS


def _token() -> Json:
    return shown(TOKENS, {"state": TEXT | {"enum": list(STATES)}})


def _with(more: Json) -> Json:
    return an_object(_token()["properties"] | more)


DAY = an_object(
    {
        "day": TEXT | {"format": "date"},
        "ok": WHOLE,
        "denied": WHOLE,
        "origins": a_list(an_object({"origin": TEXT, "result": TEXT, "count": WHOLE})),
    }
)
DENIAL = an_object(
    {"at": MOMENT, "code": TEXT, "origin": TEXT, "ip": TEXT, "scope": TEXT}, optional=("scope",)
)
USE = an_object({"days": a_list(DAY), "denials": a_list(DENIAL)})
SECRET = TEXT | {"description": "The token itself: in this answer, and never again."}
TOKEN = Shape("Token", _token)
TOKEN_AND_USE = Shape("TokenAndUse", lambda: _with({"use": USE}))
NEW_TOKEN = Shape("TokenWithSecret", lambda: _with({"accessToken": SECRET}))
CHECK = an_object(
    {
        "id": UUID,
        "works": FLAG,
        "findings": a_list(an_object(dict.fromkeys(("code", "level", "text", "fix"), TEXT))),
    }
)

describe(
    views.TokenList,
    get=Operation(
        "List tokens",
        TOKEN,
        many=True,
        listing=TOKENS,
        query={"state": a_list(TEXT | {"enum": list(STATES)})},
    ),
)
describe(
    views.TokenCreate,
    post=Operation(
        "Issue a token",
        NEW_TOKEN,
        body=serializers.NewToken,
        example={
            "name": "Intranet",
            "scopes": ["login:agent", "tickets:read"],
            "domains": ["portal.example.com", "*.intranet.example.com"],
            "allowNoOrigin": False,
            "expiresIn": 604800,
        },
        etag=True,
    ),
)
describe(
    views.TokenOneTime,
    post=Operation(
        "Issue a token for one login",
        NEW_TOKEN,
        body=serializers.NewOneTime,
        example={"surface": "agent", "ttl": 60},
        etag=True,
    ),
)
change = Operation(
    "Change the fields that are sent",
    TOKEN,
    body=serializers.TokenFields,
    example={"domains": ["portal.example.com"]},
    etag=True,
)
describe(
    views.TokenItem,
    get=Operation("Read a token, its use and its denials", TOKEN_AND_USE, etag=True),
    put=change,
    patch=change,
)
describe(
    views.TokenRotate,
    post=Operation(
        "Replace a token; the old one works until its grace is over",
        NEW_TOKEN,
        body=serializers.Rotation,
        example={"grace": 3600},
        etag=True,
    ),
)
for view, what in ((views.TokenDisable, "Disable a token"), (views.TokenEnable, "Enable a disabled token")):
    describe(view, post=Operation(what, TOKEN, body=serializers.Nothing, example={}, etag=True))
describe(
    views.TokenRevoke,
    post=Operation(
        "End a token for good",
        TOKEN,
        body=serializers.Revocation,
        example={"reason": "The portal was switched off."},
        etag=True,
    ),
)
describe(
    views.TokenCheck,
    get=Operation(
        "What will happen with a token on a page, and why",
        CHECK,
        query={"origin": TEXT | {"description": "The page's origin."}, "path": TEXT},
    ),
)
