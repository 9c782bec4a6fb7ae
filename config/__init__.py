"""How an installation is put together: settings, addresses, servers and the database."""
