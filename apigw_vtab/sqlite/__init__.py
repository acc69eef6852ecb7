"""All that speaks SQLite's callbacks: connection, module, cursor, authorizer."""
