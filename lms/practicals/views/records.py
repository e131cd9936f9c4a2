"""A signed sheet to take away: on paper, and as its sealed record."""

from flask import Response
from flask.typing import ResponseReturnValue

from lms import audit
from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.errors import NotFound
from lms.ledger import service as ledger
from lms.ledger.record import bundle_text
from lms.practicals import paper, service
from lms.practicals.models import Sheet
from lms.practicals.views.blueprint import bp


def _signed(sheet_id: int) -> tuple[Sheet, int]:
    """The sheet and the number of its entry. Raises NotFound before it is signed."""
    sheet = service.get(sheet_id, for_=current_user)
    if sheet.entry_seq is None:
        raise NotFound(f"sheet {sheet_id} is not signed")
    return sheet, sheet.entry_seq


@bp.get("/sheets/<int:sheet_id>.pdf")
@requires(Permission.OWN_ACCOUNT)
def pdf(sheet_id: int) -> ResponseReturnValue:
    sheet, _seq = _signed(sheet_id)
    data = paper.pdf(sheet, corrected_by=service.corrected_by(sheet_id))
    audit.record("sheet.downloaded", by=current_user.id, subject=("sheet", sheet_id), form="pdf")
    named = {"Content-Disposition": f'inline; filename="sheet-{sheet_id}.pdf"'}
    return Response(data, mimetype="application/pdf", headers=named)


@bp.get("/sheets/<int:sheet_id>/record.json")
@requires(Permission.OWN_ACCOUNT)
def record(sheet_id: int) -> ResponseReturnValue:
    """Everything a stranger needs besides the school's public keys."""
    _sheet, seq = _signed(sheet_id)
    audit.record("sheet.downloaded", by=current_user.id, subject=("sheet", sheet_id), form="record")
    named = {"Content-Disposition": f'attachment; filename="sheet-{sheet_id}.json"'}
    return Response(bundle_text(ledger.record(seq)), mimetype="application/json", headers=named)
