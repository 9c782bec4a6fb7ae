"""The login handoff: a link, form or frame with an access token becomes a session of the desk (tokens.md
section 4).

A request is judged in `checks`, becomes a HandoffSession in `services`, and lands on a page whose script
opens the session through `landing`; `views` holds the login URLs themselves, `refusals` the pages that say
no.
"""
