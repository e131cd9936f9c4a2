"""The catalogues: collect words (`python -m tests.words`) or check that Spanish is complete (`--check`)."""

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PO = ROOT / "lms" / "translations" / "es" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {
    "_": None,
    "lazy": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def _looked_into(folder: str | Path) -> bool:
    """Every folder; left alone, Babel passes over those that begin with an underscore, as _partials does."""
    return Path(folder).name != "__pycache__"


def collected() -> Catalog:
    catalog = Catalog(project="Steadyhand", charset="utf-8")
    options = {"templates/**.html": {"trimmed": "true"}, "templates/**.txt": {"trimmed": "true"}}
    for name, _line, message, comments, context in extract_from_dir(
        ROOT / "lms", METHODS, options, KEYWORDS, comment_tags=("i18n:",), directory_filter=_looked_into
    ):
        catalog.add(message, None, [(f"lms/{name}", 1)], auto_comments=comments, context=context)
    return catalog


def stored() -> Catalog:
    if not PO.exists():
        return Catalog(locale="es", project="Steadyhand")
    with PO.open("rb") as file:
        return read_po(file, locale="es")


def update() -> None:
    catalog = stored()
    catalog.update(collected(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, no_location=True, omit_header=False, ignore_obsolete=True)
    PO.write_bytes(
        re.sub(
            rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To):[^\n]*\n',
            b"",
            out.getvalue(),
        )
    )


def problems() -> list[str]:
    catalog, found = stored(), []
    for message in collected():
        if not message.id:
            continue
        translated = catalog.get(message.id, context=message.context)
        strings = (
            []
            if translated is None
            else translated.string
            if isinstance(translated.string, (list, tuple))
            else [translated.string]
        )
        english = message.id if isinstance(message.id, str) else message.id[0]
        if not strings or not all(strings):
            found.append(f"no Spanish: {english!r}")
        elif any(
            set(PLACEHOLDER.findall(s))
            - set(PLACEHOLDER.findall(" ".join([message.id] if isinstance(message.id, str) else message.id)))
            for s in strings
        ):
            found.append(f"other placeholders: {english!r}")
    return found


if __name__ == "__main__":
    if "--check" in sys.argv:
        left = problems()
        print(
            "\n".join(left[:60]),
            f"{len(left)} words to mend; collect with `make fmt`, then translate {PO.relative_to(ROOT)}"
            if left
            else "complete",
            sep="\n",
        )
        sys.exit(1 if left else 0)
    update()
