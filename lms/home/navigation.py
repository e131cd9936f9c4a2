"""The main navigation of each role; a page appears when there is something to do on it."""

from dataclasses import dataclass

from flask import request, url_for
from flask_login import current_user

from lms.access import Role
from lms.i18n import _


@dataclass(frozen=True)
class NavigationItem:
    url: str
    icon: str
    label: str
    current: bool


def navigation() -> list[NavigationItem]:
    if not current_user.is_authenticated:
        return []
    here = (request.endpoint or "").split(".")[0]
    return [
        NavigationItem(url_for(endpoint), icon, label, endpoint.split(".")[0] == here)
        for endpoint, icon, label in _items(current_user.role)
    ]


def _items(role: Role) -> list[tuple[str, str, str]]:
    home = ("home.show", "home", _("Home"))
    if role is Role.STUDENT:
        return [
            home,
            ("courses.index", "book", _("Learn")),
            ("practicals.mine", "hand", _("Skills")),
            ("certificates.mine", "award", _("Record")),
        ]
    if role is Role.INSTRUCTOR:
        return [
            ("home.show", "cal", _("Today")),
            ("cohorts.index", "people", _("Cohorts")),
            ("hours.to_approve", "clock", _("Hours")),
            ("courses.about", "book", _("Course")),
        ]
    return [
        home,
        ("cohorts.index", "people", _("Cohorts")),
        *([("accounts.people", "person", _("People"))] if role is Role.ADMIN else []),
        ("certificates.index", "award", _("Certificates")),
        ("courses.about", "book", _("Course")),
        ("school.show", "school", _("School")),
    ]
