"""Access tokens, their domains, and the login handoff: who somebody is, from where, and what they may do."""
