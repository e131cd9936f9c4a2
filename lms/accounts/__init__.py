"""People: sign in, invitations, reset, second factor, sessions, staff credentials."""
