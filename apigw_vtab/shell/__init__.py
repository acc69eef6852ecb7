"""The interactive shell: lines in, rows out."""
