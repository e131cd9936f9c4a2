"""What the school publishes for everyone: its public keys and its latest checkpoint."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from lms.access import Permission
from lms.accounts.login import requires
from lms.errors import NotFound
from lms.ledger import published, service

bp = Blueprint("ledger", __name__)


@bp.get("/.well-known/steadyhand-keys.json")
@requires(Permission.PUBLIC)
def public_keys() -> ResponseReturnValue:
    return jsonify(service.published_keys())


@bp.get("/.well-known/steadyhand-checkpoint.txt")
@requires(Permission.PUBLIC)
def checkpoint() -> ResponseReturnValue:
    latest = service.latest_checkpoint()
    if latest is None:
        raise NotFound("no checkpoint yet")
    return published.checkpoint_note(latest), {"Content-Type": "text/plain; charset=utf-8"}
