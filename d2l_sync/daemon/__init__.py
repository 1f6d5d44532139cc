"""The service: passes by a timetable, what people ask for in between, and signs of life for those who watch."""
