"""Words in the language of the page, looked up once a page."""

from flask import g, render_template_string
from flask_babel import force_locale

from lms.i18n import _, lazy, ngettext
from tests.words import PO

TITLE = "Home"


def test_the_language_may_change_in_the_middle_of_a_page(app):
    assert PO.exists()
    english, later = _(TITLE), lazy(TITLE)
    with force_locale("es_US"):
        spanish = _(TITLE)
        assert (str(later), render_template_string("{{ _('Home') }}")) == (spanish, spanish)
    assert (_(TITLE), str(later)) == (english, english)
    assert spanish != english


def test_a_page_escapes_what_is_put_into_a_sentence_and_a_mail_in_plain_text_does_not(app):
    source = "{{ _('Sent to %(name)s', name=name) }}"
    assert render_template_string(source, name="<b>") == "Sent to &lt;b&gt;"
    plain = app.jinja_env.overlay(autoescape=False).from_string(source)
    assert plain.render(name="<b>") == "Sent to <b>"


def test_counted_words_carry_their_number_in_code_and_in_pages(app):
    assert ngettext("%(num)s step left", "%(num)s steps left", 2) == "2 steps left"
    assert render_template_string("{{ ngettext('%(num)s step left', '%(num)s steps left', 1) }}") == "1 step left"


def test_a_percent_sign_is_one_in_a_sentence_without_values(app):
    assert render_template_string("{% trans %}100% of it{% endtrans %}") == "100% of it"


def test_the_catalogue_is_looked_up_once_a_page(app):
    _(TITLE)
    first = g._flask_babel.babel_translations
    _(TITLE)
    assert g._flask_babel.babel_translations is first
