"""The one table of reason codes: the same in the API, on handoff pages, in iframe events and in logs."""

from typing import NamedTuple


class Code(NamedTuple):
    """What a reason code means: the HTTP status it travels with, a short title, and what to do about it."""

    status: int
    title: str
    advice: str


CODES: dict[str, Code] = {
    # 401: dead credentials only. The token page's client throws its token away when it sees one.
    "not_authenticated": Code(401, "No credentials", "Send the access token as `Authorization: Bearer …`."),
    "token_malformed": Code(
        401, "Malformed access token", "Copy the whole token; it has three parts joined by dots."
    ),
    "token_invalid": Code(401, "Invalid access token", "The token was not issued here, or was altered."),
    "token_expired": Code(401, "Expired access token", "Issue or rotate the token."),
    "token_disabled": Code(401, "Disabled access token", "An admin can enable the token again."),
    "token_revoked": Code(401, "Revoked access token", "Revoking is final: issue a new token."),
    "token_rotated": Code(401, "Rotated access token", "Use the token that replaced this one."),
    "token_used": Code(
        401, "Used one-time token", "Ask for a fresh one-time token: each opens the desk once."
    ),
    "user_inactive": Code(401, "Inactive user", "An admin can make the user active again."),
    "session_ended": Code(401, "Session ended", "Open the desk again with a token link, or sign in."),
    # 403: alive, but not for this.
    "domain_not_allowed": Code(
        403, "Domain not allowed", "Add the page's domain to the token's domain list."
    ),
    "origin_missing": Code(
        403, "Origin missing", "Allow server calls for this token, or call from an allowed page."
    ),
    "referrer_missing": Code(
        403, "Referrer missing", "The page must send its origin (Referrer-Policy: origin)."
    ),
    "ip_not_allowed": Code(
        403, "Address not allowed", "Add the caller's address to the token's allowed addresses."
    ),
    "navigation_required": Code(403, "Navigation required", "Open the login URL as a page or in an iframe."),
    "surface_not_permitted": Code(
        403, "Surface not permitted", "The token or its user may not open this surface."
    ),
    "insufficient_scope": Code(403, "Insufficient scope", "Use a token with the scope that `scope` names."),
    "role_not_permitted": Code(403, "Role not permitted", "Ask an admin: your role does not include this."),
    "visitor_blocked": Code(403, "Visitor blocked", "The desk takes no messages of this visitor any more."),
    "csrf_failed": Code(403, "CSRF check failed", "Reload the page; calls by session need its X-CSRFToken."),
    "identity_invalid": Code(
        403, "Identity not signed", "Sign the visitor's uid with the desk's identity secret (docs/chat.md)."
    ),
    "link_expired": Code(
        403, "Link expired", "Read the attachment again: each answer has a link that works."
    ),
    "any_site_forbidden": Code(
        403, "Domain list required", "This desk issues only tokens that name their domains."
    ),
    # 400 and its neighbours: the request itself.
    "token_missing": Code(
        400, "Access token missing", "Add `?accessToken=` with the token to the login URL."
    ),
    "token_repeated": Code(400, "Access token repeated", "Give exactly one `accessToken`."),
    "header_malformed": Code(
        400, "Malformed header", "Send `Authorization: Bearer <token>` with one space, once."
    ),
    "invalid_json": Code(400, "Invalid JSON", "Send one JSON object in UTF-8."),
    "validation_failed": Code(400, "Validation failed", "Mend the fields that `errors` names."),
    "unknown_parameter": Code(
        400, "Unknown parameter", "Take the named parameter out; the docs list the known ones."
    ),
    "invalid_parameter": Code(400, "Invalid parameter", "Mend the named parameter."),
    "invalid_cursor": Code(400, "Invalid cursor", "Take cursors from the `Link` header, unchanged."),
    "bad_request": Code(400, "Bad request", "The request could not be read."),
    "login_failed": Code(401, "Login failed", "Check the username and the password."),
    "not_found": Code(404, "Not found", "There is nothing here that you may see."),
    "method_not_allowed": Code(405, "Method not allowed", "`Allow` lists the methods of this address."),
    "already_exists": Code(409, "Already exists", "Choose another value for the named field."),
    "invalid_state": Code(409, "Not possible in this state", "Read the object again: its state has changed."),
    "idempotency_key_reused": Code(409, "Idempotency key reused", "Use a new key for a new request."),
    "conflict": Code(
        412, "Changed by somebody else", "Merge with `current`, then send its ETag as If-Match."
    ),
    "body_too_large": Code(413, "Body too large", "Send less; docs/api.md names the limits."),
    "unsupported_media_type": Code(415, "Unsupported media type", "Send `Content-Type: application/json`."),
    "throttled": Code(429, "Too many failures", "Wait for `Retry-After` seconds."),
    "internal_error": Code(500, "Internal error", "Report the request id: this is a defect."),
    "uploads_busy": Code(503, "Too many uploads", "Send the file again after `Retry-After` seconds."),
    "unavailable": Code(503, "Unavailable", "The database cannot be reached; try again shortly."),
    "speculative_request": Code(503, "Not now", "Prefetching a login mints nothing; open the page itself."),
}
