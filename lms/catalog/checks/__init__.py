"""What a course's files must hold, one module a kind of file."""
