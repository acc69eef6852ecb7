"""From a WHERE clause to calls, and from answers to rows: planner, scan, batch, readahead."""
