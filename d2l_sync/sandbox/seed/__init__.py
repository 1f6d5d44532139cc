"""A small, lively programme: its courses, its learners at every stage, and what each of them ought to hold."""
