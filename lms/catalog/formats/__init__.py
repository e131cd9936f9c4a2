"""Reads and writes the forms a course takes: files, HTML, figures, canonical JSON."""
