"""Lesson pages and honest progress."""
