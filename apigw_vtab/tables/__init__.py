"""What the tables are: only declarations. No SQLite, no network."""
