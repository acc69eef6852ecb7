"""Everything that implements SQLite's callbacks: connection, module, cursor, authorizer."""
