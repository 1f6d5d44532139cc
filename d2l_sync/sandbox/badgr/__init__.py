"""A pretended Badgr v2 platform: awards that are not idempotent, and everything else that bites."""
