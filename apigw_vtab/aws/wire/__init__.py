"""Sends a call that reads: where to, what, signed, over connections that all accounts share."""
