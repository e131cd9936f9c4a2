"""The first page of each role: what next."""
