"""People: users, their roles and rights, teams, presence."""
