from lms.access import Role
from tests import factories


def test_health_needs_no_sign_in(as_):
    assert as_().get("/healthz").json == {"alive": True}
    assert as_().get("/readyz").json == {"ready": True}


def test_first_page_asks_to_sign_in(as_):
    assert as_().get("/").status_code == 302


def test_a_person_is_stored(app):
    assert factories.user(Role.STUDENT).id
