"""Other processes that make the calls: workers, each with accounts of its own."""
