"""The paper checklist of a skill: for a room without a network, entered and signed afterwards."""

from typing import cast

from flask import current_app
from flask_babel import force_locale

from lms import pdf_html, pdf_process
from lms.catalog.models import CourseVersion
from lms.catalog.types import Skill
from lms.db import db
from lms.i18n import LOCALES
from lms.pdf_html import Lang
from lms.practicals.rules import points_needed
from lms.practicals.types import BlankFacts, BlankStep
from lms.practicals.words import RATINGS
from lms.school import service as school

WORDS = "practicals/blank.json"
LONG_TITLE = 40  # letters: what is longer is set smaller


def pdf(skill: Skill, version: CourseVersion, lang: str, *, reviewed: bool) -> bytes:
    """Of that version's checklist; `reviewed` is its Spanish. Raises PdfRefused."""
    with force_locale(LOCALES[lang]):
        facts = facts_of(skill, version.number, cast(Lang, lang), reviewed=reviewed)
    made_of = version.published_at
    db.session.rollback()  # no transaction stays open while the paper is set
    return pdf_process.render_once("blank", blank_html(facts), paper=facts.paper, lang=facts.lang, created=made_of)


def facts_of(skill: Skill, version: int, lang: Lang, *, reviewed: bool) -> BlankFacts:
    """Spanish that no clinician has reviewed is no critical step's only language."""
    beside = lang == "es" and not reviewed
    points = sum(step.points for step in skill.steps)
    return BlankFacts(
        paper="letter",
        lang=lang,
        school=school.head(),
        skill_code=skill.id,
        skill_title=skill.title.get(lang),
        checklist_version=str(version),
        checklist_hash=skill.hash,
        url=f"{current_app.config['BASE_URL']}/checklists/{skill.id}",
        steps=tuple(
            BlankStep(
                step.text.get(lang), step.critical, step.na_allowed, step.text.en if beside and step.critical else ""
            )
            for step in skill.steps
        ),
        pending=beside,
        minutes=skill.time_limit_minutes,
        critical_points=max((step.points for step in skill.steps if step.critical), default=0),
        points=points,
        needed=points_needed(skill, points),
        min_rating=skill.min_rating,
        ratings=tuple(str(words) for _rating, words in sorted(RATINGS.items())),
    )


def blank_html(facts: BlankFacts) -> str:
    t = pdf_html.words(WORDS, facts.template, facts.lang)
    return pdf_html.html(
        "practicals/blank.html",
        s=facts,
        t=t,
        lang=facts.lang,
        school=facts.school,
        qr=pdf_html.qr(facts.url),
        long_title=len(facts.skill_title) > LONG_TITLE,
        checklist_hash=pdf_html.grouped(facts.checklist_hash[:16], 8),
        rules=t["rules"].format(
            minutes=facts.minutes,
            critical=facts.critical_points,
            needed=facts.needed,
            points=facts.points,
            rating=facts.min_rating,
        ),
    )
