"""The school's sealed record: a chain of entries, keys, checkpoints, and checks that need no server."""
