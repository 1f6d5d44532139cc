"""The tests mirror the package: a folder for each floor, and whole passes in journeys."""
