"""The state database: what was read, decided, approved and sent, and the tokens beside it."""
