"""Configuration: the service file, its secrets and the rule files to frozen values.

Whatever is wrong is told at once: each fault with its file, line and key, and what would be right.
"""

from d2l_sync.configuration.load import load
from d2l_sync.configuration.pathways import load_pathways
from d2l_sync.configuration.settings import find_configuration, load_settings

__all__ = ["find_configuration", "load", "load_pathways", "load_settings"]
