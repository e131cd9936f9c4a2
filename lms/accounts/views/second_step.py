"""The second factor of one's own account: set up, recovery codes, turn off."""

import segno
from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from lms import throttle
from lms.access import Permission
from lms.accounts import login, second_factor
from lms.accounts.forms import CodeForm
from lms.accounts.login import confirmed, current_user, requires
from lms.accounts.sign_in import BY_ACCOUNT
from lms.accounts.views.blueprint import bp
from lms.db import db
from lms.errors import RuleBroken
from lms.i18n import _
from lms.idempotency import done, new_key, once
from lms.school import service as school


def qr(text: str) -> tuple[str, int]:
    """A QR code as the `d` of one SVG path, and the width of its square."""
    code = segno.make(text, error="m", micro=False)
    rows = code.matrix_iter(scale=1, border=2)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return path, int(code.symbol_size(scale=1, border=2)[0])


@bp.route("/account/second-factor", methods=["GET", "POST"], endpoint="second_factor")
@requires(Permission.OWN_ACCOUNT)
@confirmed
def set_up() -> ResponseReturnValue:
    """Scan, type the first code; a person who has it sees how many recovery codes are left."""
    user, here = current_user, login.this_session()
    if user.has_second_factor or here is None:
        left = second_factor.codes_left(user.id)
        return render_template("accounts/second_factor_on.html", left=left, new_key=new_key)
    form, secret = CodeForm(), second_factor.secret_for(user, here.id)
    if form.validate_on_submit():
        throttle.hit("second-factor", str(user.id), **BY_ACCOUNT)
        try:
            codes = second_factor.turn_on(user.id, secret, form.code.data or "")
            return render_template("accounts/recovery_codes.html", codes=codes)
        except RuleBroken as error:
            form.code.errors = [str(error)]
    issuer, account = school.current().name, user.email or user.login_name or user.legal_name
    path, size = qr(second_factor.address(secret, account, issuer))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    page = render_template(
        "accounts/second_factor.html",
        form=form,
        path=path,
        size=size,
        secret=grouped,
        due=login.second_factor_due(user),
    )
    return page, 422 if form.errors else 200


@bp.post("/account/second-factor/codes")
@requires(Permission.OWN_ACCOUNT)
@confirmed
def recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once."""
    return render_template("accounts/recovery_codes.html", codes=second_factor.new_codes(current_user.id))


@bp.post("/account/second-factor/off")
@requires(Permission.OWN_ACCOUNT)
@confirmed
@once
def second_factor_off() -> ResponseReturnValue:
    user_id = current_user.id
    with db.write():
        second_factor.turn_off(user_id, by=user_id)
        return done(url_for(".account"), _("The second step is off."))
