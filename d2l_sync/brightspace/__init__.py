"""How Brightspace is reached: tokens, one polite client, and its JSON turned into our values."""
