"""What the pages of one sheet show."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from lms import forms
from lms.accounts.login import current_user
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.i18n import _, language
from lms.ledger import service as ledger
from lms.practicals import rules, service
from lms.practicals.forms import WHY, AmendForm, AnswerForm, DiscardForm, GradeForm, SignForm
from lms.practicals.models import Sheet
from lms.practicals.words import CORRECTED, MARKS, MEANINGS, OBSERVED, RATINGS, RECEIVED, VERDICTS


def skill_of(sheet: Sheet) -> Skill:
    return catalog.edition(sheet.enrolment.course_version_id).skill(sheet.skill_id)


def name_fields(skill: Skill) -> None:
    """A grading sheet's fields are its steps: pages that show what was sent call them by their words."""
    steps = {step.id: f"{step.number}. {step.text.get(language())}" for step in skill.steps}
    forms.name_fields(steps, {mark.value: words for mark, words in MARKS.items()})
    forms.name_fields({step + WHY: _("Why it does not apply") for step in steps}, {})
    forms.name_fields({"rating": _("Overall")}, {str(rating): words for rating, words in RATINGS.items()})
    forms.name_fields({"comment": _("In your own words")}, {})


def told(sheet: Sheet) -> dict[str, Any]:
    """What every page about a sheet needs."""
    skill, marks, draft = skill_of(sheet), service.marks_of(sheet.id), service.draft_of(sheet)
    return {
        "sheet": sheet,
        "skill": skill,
        "marks": marks,
        "by_mark": {mark.value: steps for mark, steps in rules.by_mark(skill, marks).items()},
        "safety": [step for step in skill.steps if step.critical],
        "draft": draft,
        "chips": draft.chip_texts(skill, language()),
        "ratings": RATINGS,
        "verdicts": VERDICTS,
        "lang": language(),
        "may_discard": DiscardForm(act=("discard", sheet.id, sheet.version)),
    }


def grade(sheet: Sheet, wanting: list[str]) -> ResponseReturnValue:
    """The sheet to be marked; `wanting` says what it still needs."""
    shown = told(sheet)
    skill, marks = shown["skill"], shown["marks"]
    left, safety_left = rules.left(skill, marks)
    return render_template(
        "practicals/grade.html",
        **shown,
        left=left,
        safety_left=safety_left,
        chip_choices=[(chip.id, chip.text.get(language()), chip.id in shown["draft"].chips) for chip in skill.chips],
        rating_choices=[(n, word, sheet.rating == n) for n, word in RATINGS.items()],
        first=next(iter(rules.blank(skill, marks)), None),
        form=GradeForm(version=sheet.version),
        wanting=wanting,
        why=WHY,
    ), 422 if wanting else 200


def ask_to_sign(sheet: Sheet, form: SignForm, status: int) -> ResponseReturnValue:
    """The snapshot that will be signed, the verdict by the rules, the sentence, and who signs."""
    shown = told(sheet)
    return render_template(
        "practicals/sign.html",
        **shown,
        outcome=service.outcome_of(shown["skill"], sheet),
        meaning=MEANINGS[CORRECTED if sheet.amends_id else OBSERVED],
        unable=service.unable_to_sign(shown["skill"], current_user.id),
        form=form,
    ), status


def read(sheet: Sheet, form: AnswerForm | AmendForm | None = None) -> ResponseReturnValue:
    """The sheet as it stands; `form` is one that was sent and needs another look."""
    return render_template(
        "practicals/sheet.html",
        **told(sheet),
        newer=service.corrected_by(sheet.id),
        history=service.history(sheet, for_=current_user),
        outcome=service.outcome_of(skill_of(sheet), sheet) if sheet.signed_at else None,
        answer_words=ledger.values(sheet.answer.entry_seq).get("words", "") if sheet.answer else "",
        form=form,
        answer_form=form if isinstance(form, AnswerForm) else AnswerForm(act=("answer", sheet.id)),
        amend_form=form if isinstance(form, AmendForm) else AmendForm(act=("amend", sheet.id)),
        meaning=MEANINGS[RECEIVED],
        mine=sheet.enrolment.user_id == current_user.id,
        watched=sheet.examiner_id == current_user.id,
    ), 422 if form and form.errors else 200
