"""What a fresh token must satisfy to carry an open session on (tokens.md sections 1 and 3)."""

from api.errors import Problem
from tokens import jwt, rows, usage
from tokens.authentication import check_ip, check_row
from tokens.handoff import checks, services
from tokens.origins import Facts, check_listed
from tokens.rows import Row


def admitted(text: str, session: Row, facts: Facts) -> Row:
    """Return the row of the token that will carry a session on; the checks run in the order of a login.

    Raises the Problem of the first that fails; `surface_not_permitted` for another user's token: a session
    never changes its user.
    """
    row = rows.by_hash(jwt.verify(text).hash)
    if row is None:
        raise Problem("token_invalid")
    try:
        check_row(row)
        check_ip(row, facts)
        _check_place(row, session, facts)
        if row.user.pk != session.user.pk:
            raise Problem("surface_not_permitted", "The token is another user's: open the desk anew with it.")
        checks.check_surface(row, session.session_surface or "")
    except Problem as problem:
        services.deny(row, facts, problem, session.session_surface or "")
        raise
    usage.count(row.token_id, facts._replace(origin=session.session_embedder or None), usage.OK)
    return row


def _check_place(row: Row, session: Row, facts: Facts) -> None:
    """Judge the page that framed the session. Where no header named it, the policy of the page that stands
    was made of the old token's list, so the new one must be the same.
    """
    if not row.domains or session.session_kind == checks.TOP:
        return
    if session.session_embedder:
        check_listed(session.session_embedder, facts, row.domains)
    elif session.session_kind != checks.INNER and sorted(row.domains) != sorted(session.domains):
        raise Problem("domain_not_allowed", "The new token is for other pages than the one it replaces.")
