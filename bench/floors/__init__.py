"""Floors: the least a server could do for the same bytes, bare ASGI + psycopg, no framework."""
