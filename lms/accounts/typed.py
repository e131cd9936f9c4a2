"""What was typed into a page whose session had ended: kept in the sign-in page, then offered to be sent again."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from lms import clock
from lms.accounts.rules import local_path
from lms.error_pages import SECRET_FIELDS, typed

KEPT = timedelta(hours=12)
UNSEEN = ("act_key", "version")  # go along, so that the act happens once and meets the version that was seen


@dataclass(frozen=True)
class Typed:
    """A form that waits: where it was going and its fields, without passwords and codes."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if name not in SECRET_FIELDS and value]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="typed before sign-in")


def keep() -> str:
    """The form of this request, signed, for a hidden field of the sign-in page."""
    fields = [*typed(), *((name, request.form[name]) for name in UNSEEN if name in request.form)]
    path = request.full_path.rstrip("?")
    return str(
        _serializer().dumps(
            {"path": path, "fields": fields, "person": g.get("ended_user_id"), "at": clock.now().timestamp()}
        )
    )


def kept(text: str | None, user_id: int) -> Typed | None:
    """The form again, if this person typed it; somebody else at the same browser does not see it."""
    try:
        said = _serializer().loads(text or "")
    except BadSignature:
        return None
    path, old = local_path(said["path"]), clock.now().timestamp() - said["at"] > KEPT.total_seconds()
    if path is None or old or said["person"] not in (None, user_id):
        return None
    return Typed(path, [(name, value) for name, value in said["fields"]])
