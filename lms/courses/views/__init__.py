"""The pages of the course: the reader, printed lessons, and what the course says beside its lessons."""

from lms.courses.views import about, printing, reading
from lms.courses.views.blueprint import bp

__all__ = ["about", "bp", "printing", "reading"]
