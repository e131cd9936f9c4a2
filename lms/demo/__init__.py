"""The demo school, made through the services."""
