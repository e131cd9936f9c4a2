"""For any WSGI server: `gunicorn wsgi:app`. `lms serve` starts the same app with its worker."""

from lms.app import create_app

app = create_app()
