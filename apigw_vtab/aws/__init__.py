"""AWS calls: which account makes them, when, how often, and what comes back."""
