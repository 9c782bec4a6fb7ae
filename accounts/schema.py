"""What the operations of people and teams take and give."""

from accounts import views
from accounts.queries import TEAMS, USERS
from accounts.roles import ROLES
from accounts.serializers import PasswordInput, ProfileInput, TeamInput, UserInput
from api.schema import (
    ANY,
    DELETED,
    EXAMPLES,
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
    or_null,
    shown,
)


def _user() -> Json:
    teams = a_list(an_object({"id": UUID, "name": TEXT}))
    roles = a_list(TEXT | {"enum": list(ROLES)})
    return shown(USERS, {"roles": roles, "teams": teams, "openChats": WHOLE})


def _team() -> Json:
    person = {"id": UUID, "uid": UUID} | dict.fromkeys(("username", "nickname", "avatar", "status"), TEXT)
    return shown(TEAMS, {"members": a_list(an_object(person)), "hours": or_null(ANY)})


def _profile() -> Json:
    token = an_object({"name": TEXT, "scopes": a_list(TEXT), "domains": a_list(TEXT), "expiresAt": MOMENT})
    user = _user()
    return an_object(user["properties"] | {"token": or_null(token)})


USER, TEAM, PROFILE = Shape("User", _user), Shape("Team", _team), Shape("Profile", _profile)

change_profile = Operation(
    "Change what everybody may change of himself",
    PROFILE,
    body=ProfileInput,
    example={"nickname": "Ann", "status": "AVAILABLE"},
    etag=True,
)
describe(
    views.Profile,
    get=Operation("Read the token's own user", PROFILE, etag=True),
    put=change_profile,
    patch=change_profile,
)
describe(
    views.Password,
    post=Operation(
        "Change one's own password",
        {"type": "object", "properties": {"id": UUID, "changed": {"const": True}}, "required": ["id"]},
        body=PasswordInput,
        example={"currentPassword": "correct horse battery", "newPassword": "staple of another horse"},
    ),
)
describe(views.UserList, get=Operation("List people", USER, many=True, listing=USERS))
describe(
    views.UserCreate,
    post=Operation(
        "Create a user",
        USER,
        body=UserInput,
        example={
            "username": "ann",
            "email": "ann@example.com",
            "nickname": "Ann",
            "role": "agent",
            "teams": [EXAMPLES["team"]],
            "capacity": 3,
            "skills": ["refunds"],
        },
        etag=True,
    ),
)
change_user = Operation(
    "Change the fields that are sent", USER, body=UserInput, example={"nickname": "Ann B."}, etag=True
)
describe(
    views.OneUser,
    get=Operation("Read a user", USER, etag=True),
    put=change_user,
    patch=change_user,
    delete=Operation("Take a user out of service", DELETED, etag=True),
)
describe(views.TeamList, get=Operation("List teams", TEAM, many=True, listing=TEAMS))
describe(
    views.TeamCreate,
    post=Operation(
        "Create a team",
        TEAM,
        body=TeamInput,
        example={
            "name": "Deliveries",
            "description": "Parcels and letters",
            "members": [EXAMPLES["user"]],
            "routing": "round_robin",
            "overflowTeam": EXAMPLES["team"],
            "overflowSeconds": 120,
            "hours": {"enabled": True, "timezone": "Europe/Berlin", "saturday": ["09:00-12:00"]},
        },
        etag=True,
    ),
)
change_team = Operation(
    "Change the fields that are sent",
    TEAM,
    body=TeamInput,
    example={"members": [EXAMPLES["user"]]},
    etag=True,
)
describe(
    views.OneTeam,
    get=Operation("Read a team", TEAM, etag=True),
    put=change_team,
    patch=change_team,
    delete=Operation("Delete a team", DELETED, etag=True),
)
