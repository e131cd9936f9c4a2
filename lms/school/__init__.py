"""The school: who it is, its time zone, its policies and statements with dates and sources, its signatories."""
