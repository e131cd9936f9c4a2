"""The list of acts, which the other attacks use, holds every form of the application."""

from tests.attacks.acts import do_all


def test_every_address_that_takes_a_form_is_among_the_acts(app, world, browsers):
    done = {act.endpoint for act, _answer in do_all(world, browsers)}
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert known - done == set()
