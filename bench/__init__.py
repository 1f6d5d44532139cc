"""Measurements: programs that run the service for a while and print figures."""
