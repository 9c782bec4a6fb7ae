"""Everything that happens, as rows of one table; history, realtime, the changes feed and audit only read
it."""
