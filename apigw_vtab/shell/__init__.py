"""The prompt: lines in, rows out."""
