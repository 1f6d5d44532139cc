"""Watch D2L Brightspace and issue each earned badge exactly once."""

__version__ = "0.1.0"
