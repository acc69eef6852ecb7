"""What is typed: click in, an exit code out."""
