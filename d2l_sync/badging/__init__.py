"""Adapters to badging platforms: one port, one file of its own for each platform."""
