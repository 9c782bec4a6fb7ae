"""How every family of the API speaks: lists, cursors, errors, idempotency, parsing and the schema."""
