"""What the tables are: declarations alone. No SQLite, no network."""
