"""Steadyhand: teach, watch, sign and certify aide trainees. Start reading at lms/app.py."""
