"""The agent's page, a client of the public API like any other."""
