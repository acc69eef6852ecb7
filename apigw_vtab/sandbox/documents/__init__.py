"""The resources that the sandbox keeps as plain documents: members as they travel."""
