"""What AWS's documents mean: resource policies, secrets, methods. Pure: no SQLite, no AWS."""
