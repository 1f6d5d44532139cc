"""A pretended Brightspace: what it holds, its routes, its auth server, and the scenario that moves it."""
