"""The endpoints of people and teams."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import policy, queries, services
from accounts.roles import AGENT
from accounts.serializers import PasswordInput, ProfileInput, TeamInput, UserInput, changes_of, required
from api.ids import parse_id
from api.inputs import read
from api.permissions import require
from api.rendering import answer
from api.views import ApiView, check_match, fields


class Profile(ApiView):
    """`/api/user/profile`: the caller's own user, and the token it calls with."""

    scopes = {"GET": None, "PUT": None, "PATCH": None}

    def get(self, request: Request) -> HttpResponse:
        return self._answer(request)

    def put(self, request: Request) -> HttpResponse:
        """Change one's own nickname, avatar, language, timezone and status: for tokens that may do work."""
        if not any(map(request.auth.allows, ("login:agent", "messages:write", "users:write"))):
            require(request.auth, "login:agent")
        shown = (*queries.USERS.columns, "token")
        changes = changes_of(read(ProfileInput, fields(request), shown=shown))
        caller = request.auth
        services.change_user(
            user_id=caller.user_id,
            changes=changes,
            actor=caller.user,
            caller=caller,
            match=partial(check_match, request),
        )
        return self._answer(request)

    patch = put

    def _answer(self, request: Request) -> HttpResponse:
        caller = request.auth
        shown = queries.user(caller.user_id)
        return answer(shown | {"token": caller.token_shown()}, etag=queries.etag(shown))


class Password(ApiView):
    """`POST /api/user/password`: change one's own password, knowing the current one."""

    scopes = {"POST": None}

    def post(self, request: Request) -> HttpResponse:
        given = read(PasswordInput, fields(request))
        http, user = request._request, request.auth.user
        services.change_password(
            user=user, current=given.current_password, new=given.new_password, request=http
        )
        session = getattr(http, "session", None)
        if session is not None and request.auth.session_id is None:
            # The session at hand goes on; all others of this user have ended with the old password.
            session["_auth_user_hash"] = user.get_session_auth_hash()
            session.save()
        return answer({"id": user.pk, "changed": True})


class UserList(ApiView):
    """`GET /api/users/list`."""

    family = "users"

    def get(self, request: Request) -> HttpResponse:
        return queries.USERS.page(request, caller=request.auth)


class UserCreate(ApiView):
    """`POST /api/users/create`, for admins."""

    family = "users"

    def post(self, request: Request) -> HttpResponse:
        policy.check_creates(request.auth, "")
        given = changes_of(read(UserInput, fields(request), shown=queries.USERS.columns))
        policy.check_creates(request.auth, given.get("role", AGENT))
        username = required(given, "username")
        made = services.create_user(**given | {"username": username}, actor=request.auth.user)
        return _user(made.pk)


class OneUser(ApiView):
    """`/api/users/{id}`; DELETE takes the user out of service and keeps what it did."""

    family = "users"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _user(parse_id(id))

    def put(self, request: Request, id: str) -> HttpResponse:
        changes = changes_of(read(UserInput, fields(request), shown=queries.USERS.columns))
        user = services.change_user(user_id=parse_id(id), changes=changes, **_by(request))
        return _user(user.pk)

    patch = put

    def delete(self, request: Request, id: str) -> HttpResponse:
        user = services.deactivate_user(user_id=parse_id(id), **_by(request))
        return answer({"id": user.pk, "deleted": True})


class TeamList(ApiView):
    """`GET /api/teams/list`."""

    family = "users"

    def get(self, request: Request) -> HttpResponse:
        return queries.TEAMS.page(request, caller=request.auth)


class TeamCreate(ApiView):
    """`POST /api/teams/create`."""

    family = "users"

    def post(self, request: Request) -> HttpResponse:
        given = changes_of(read(TeamInput, fields(request), shown=queries.TEAMS.columns))
        required(given, "name")
        made = services.create_team(**given, actor=request.auth.user, caller=request.auth)
        return _team(made.pk)


class OneTeam(ApiView):
    """`/api/teams/{id}`; `members` is the whole list of people."""

    family = "users"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _team(parse_id(id))

    def put(self, request: Request, id: str) -> HttpResponse:
        changes = changes_of(read(TeamInput, fields(request), shown=queries.TEAMS.columns))
        team = services.change_team(team_id=parse_id(id), changes=changes, **_by(request))
        return _team(team.pk)

    patch = put

    def delete(self, request: Request, id: str) -> HttpResponse:
        team_id = parse_id(id)
        services.delete_team(team_id=team_id, **_by(request))
        return answer({"id": team_id, "deleted": True})


def _by(request: Request) -> dict[str, Any]:
    """Return who changes, and the check of If-Match, as services take them."""
    caller = request.auth
    return {"actor": caller.user, "caller": caller, "match": partial(check_match, request)}


def _user(user_id: Any) -> HttpResponse:
    shown = queries.user(user_id)
    return answer(shown, etag=queries.etag(shown))


def _team(team_id: Any) -> HttpResponse:
    shown = queries.team(team_id)
    return answer(shown, etag=queries.etag(shown))
