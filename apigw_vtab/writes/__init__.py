"""From changed rows to AWS operations: the transaction, its changes, sending them, the journal."""
