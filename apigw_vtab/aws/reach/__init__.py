"""How accounts are reached: by profiles, by roles of an organization or a file, by a sign-in."""
