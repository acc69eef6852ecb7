"""What AWS's documents mean: resource policies, secrets. Pure: no SQLite, no AWS."""
