"""One call: whose, when, how often, what came back."""
