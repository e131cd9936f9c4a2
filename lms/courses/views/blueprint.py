"""The one blueprint of all pages here, and what their templates share."""

from flask import Blueprint, request
from markupsafe import Markup

from lms.i18n import LANGUAGES

bp = Blueprint("courses", __name__)


@bp.app_template_filter("published")
def published(html: str) -> Markup:
    """HTML that was sanitised when its course was published, and is addressed by its hash since."""
    return Markup(html)  # noqa: S704  # nosec B704


def words_wanted() -> str:
    """The language that this step's words were asked for in; empty for that of the page."""
    wanted = request.args.get("words", "")
    return wanted if wanted in LANGUAGES else ""
