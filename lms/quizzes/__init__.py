"""Quiz attempts and their grading."""
