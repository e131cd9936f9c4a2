"""Tagged, archival, reproducible bytes from bundled assets only; and the process that is allowed to fail."""

import io
import os
import socket
import struct
import subprocess
import sys
import threading
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context

import page
import pydyf
import pytest

from lms.catalog.formats.building import build_edition
from lms.catalog.formats.reading import read_course
from lms.catalog.types import Edition
from lms.certificates.document import certificate_html
from lms.config import content_path
from lms.courses.syllabus import syllabus_html
from lms.pdf_names import DoesNotFit, PdfRefused, UnprintableName
from lms.pdf_process import Limits, Press, TookTooLong, TookTooMuch
from lms.practicals.blank import blank_html
from lms.practicals.document import sheet_html
from tests import papers

papers.use_fonts()

from lms import pdf  # noqa: E402 - importing it asks for the fonts

pytestmark = pytest.mark.once
RECORD = ("record.json", b'{"serial":"LGS-MTR-2026-000123-7"}', "Ledger entry and checkpoint")
PLAIN = "<!doctype html><html lang=en><title>T</title><body class=letter>{}</body></html>"


@pytest.fixture(autouse=True)
def our_fonts() -> None:
    papers.use_fonts()


@pytest.fixture(scope="module")
def shipped() -> Edition:
    return build_edition(read_course(content_path()))


def printed(html: str, kind="certificate", **options) -> bytes:
    return pdf.render(kind, html, **{"paper": "letter", "lang": "en", "created": papers.CREATED, **options})


def certificate_pdf(attachments=(RECORD,), **changes) -> bytes:
    facts = papers.certificate(**changes)
    return printed(certificate_html(facts), paper=facts.paper, lang=facts.lang, attachments=attachments)


def assert_valid(made: bytes) -> None:
    for profile in ("3a", "ua1"):
        report = page.validate_pdf_bytes(made, profile=profile)
        assert not report.failures, [(f.rule_id, f.message) for f in report.failures][:5]


# ---- the file


@pytest.mark.parametrize(
    "facts",
    [
        papers.certificate(),
        papers.part_one("es", paper="a4", name_second="Ana de Toledo", duplicate_on=papers.CREATED.date()),
        papers.certificate(name="लक्ष्मी श्रीनिवासन", name_lang="hi"),
        papers.certificate(name="محمد الخطيب", name_lang="ar", name_second="Mohammed Al-Khatib"),
        papers.certificate(name="欧阳思远", name_lang="zh-Hans"),
    ],
    ids=["latin", "every variant", "devanagari", "arabic", "chinese"],
)
def test_a_certificate_is_archival_and_accessible(facts):
    assert_valid(printed(certificate_html(facts), paper=facts.paper, lang=facts.lang, attachments=[RECORD]))


@pytest.mark.parametrize("facts", [papers.sheet(), papers.not_yet("es", paper="a4", feedback="Otra vez. " * 250)])
def test_a_sheet_is_archival_and_accessible(facts):
    assert_valid(printed(sheet_html(facts), "sheet", paper=facts.paper, lang=facts.lang, attachments=[RECORD]))


@pytest.mark.parametrize(("skill_id", "lang"), [("S05", "en"), ("S02", "es")])
def test_a_blank_checklist_is_archival_accessible_and_a_single_page(shipped, skill_id, lang):
    facts = papers.blank(shipped.skill(skill_id), lang)
    made = printed(blank_html(facts), "blank", lang=lang)
    assert_valid(made)
    assert papers.pages_of(made) == 1
    assert facts.steps[-1].text in papers.text_of(made)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_syllabus_of_the_shipped_course_is_archival_and_accessible_and_adds_up(shipped, lang):
    html = syllabus_html(shipped, 3, lang, head=papers.HEAD, address="https://losgatosmassage.example/course/syllabus")
    made = printed(html, "syllabus", lang=lang)
    assert_valid(made)
    said = papers.text_of(made)
    assert shipped.title.get(lang) in said
    assert "24.5" in said
    assert "23.5" in said
    assert "100 " in said


def test_the_same_facts_give_the_same_bytes_in_this_and_in_another_process(press):
    made = certificate_pdf()
    certificate_pdf(name="Somebody Else")
    again = certificate_pdf()
    html = certificate_html(papers.certificate())
    there = press.render("certificate", html, paper="letter", lang="en", attachments=[RECORD], created=papers.CREATED)
    assert made == again == there


def test_the_record_travels_inside():
    assert papers.attachments_of(certificate_pdf()) == {RECORD[0]: RECORD[1]}


def test_the_paper_says_its_language_title_and_time():
    reader = papers.PdfReader(io.BytesIO(certificate_pdf(lang="es")))
    assert reader.trailer["/Root"]["/Lang"] == "es"  # type: ignore[index]
    assert reader.metadata is not None
    assert reader.metadata.title == "Certificado de finalización LGS-MTR-2026-000123-7"
    assert reader.metadata.creation_date == reader.metadata.modification_date == papers.CREATED


def test_only_our_own_fonts_are_embedded():
    made = certificate_pdf(), printed(sheet_html(papers.sheet()), "sheet")
    assert {name[:3] for one in made for name in papers.fonts_of(one)} == {"SH-"}


def test_the_line_work_is_an_artifact():
    drawing = papers.PdfReader(io.BytesIO(certificate_pdf())).pages[0]["/Contents"][0].get_data()
    assert drawing.startswith(b"/Artifact <</Type /Layout>> BDC")
    assert drawing.rstrip().endswith(b"EMC")


def test_nothing_is_logged_about_a_paper(caplog):
    certificate_pdf()
    printed(sheet_html(papers.not_yet()), "sheet")
    assert [record.message for record in caplog.records if record.name.startswith("weasyprint")] == []


def test_a_signature_is_encoded_once_and_few_pictures_are_kept():
    for number in range(12):
        certificate_pdf(verify_url=f"https://school.example/verify/{number}")
        assert len(pdf._kept) <= pdf.KEPT_PICTURES
        assert any(len(url) > 1_000 for url in pdf._kept)


def test_a_signature_with_a_see_through_ground_prints_the_same_twice():
    image = papers.Image.open(io.BytesIO(papers.signature_png())).convert("LA")
    out = io.BytesIO()
    image.save(out, "PNG")
    signatories = tuple(replace(one, image=out.getvalue()) for one in papers.certificate().signatories)
    made = certificate_pdf(signatories=signatories)
    assert made == certificate_pdf(signatories=signatories)
    assert_valid(made)


# ---- what is changed inside pydyf


def test_a_stream_that_ends_with_cr_keeps_its_length():
    written = pydyf.Stream([b"ends with\r"]).data
    assert written.endswith(b"ends with\r\r\nendstream")
    assert b"/Length 10" in written


def test_streams_are_deflated_once(monkeypatch):
    deflated, real = [], zlib.compressobj
    monkeypatch.setattr(pydyf.zlib, "compressobj", lambda **kw: deflated.append(kw) or real(**kw))
    certificate_pdf()
    assert len(deflated) <= 4  # the object stream and the table of places, each for the file and its identifier


# ---- what is refused


def test_a_letter_that_no_font_has_is_refused_and_named():
    with pytest.raises(UnprintableName, match=r"U\+05D3 hebrew letter dalet"):
        printed(PLAIN.format("<p>ד</p>"), "sheet")


def test_a_text_that_leaves_the_frame_is_refused():
    with pytest.raises(DoesNotFit, match="leaves the frame"):
        certificate_pdf(statement="Record of training only. " * 40)


def test_a_text_that_meets_another_is_refused():
    wordy = replace(papers.certificate().signatories[1], title="Lead instructor, " * 12)
    with pytest.raises(DoesNotFit, match="meets"):
        certificate_pdf(signatories=(wordy,))


def test_a_sheet_with_too_many_pages_is_refused():
    with pytest.raises(DoesNotFit, match="this paper has room for 4"):
        printed(sheet_html(papers.sheet(feedback="Look up at the face. " * 2_000)), "sheet")


@pytest.mark.parametrize("picture", [b"\x89PNG\r\n\x1a\nnothing else", b"GIF89a", b""])
def test_a_broken_picture_is_refused(picture):
    with pytest.raises(PdfRefused):
        printed(PLAIN.format(f'<p><img alt=x src="data:image/png;base64,{b64encode(picture).decode()}"></p>'))


def test_a_picture_that_swells_is_refused():
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")
    with pytest.raises(PdfRefused, match="picture"):
        printed(PLAIN.format(f'<p><img alt=x src="data:image/png;base64,{b64encode(bomb).decode()}"></p>'))


# ---- no address is ever asked for


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/canary"


def assert_silent(server: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        server.accept()


@pytest.mark.parametrize(
    "markup",
    [
        '<img alt="x" src="{url}">',
        '<img alt="x" src="file:///etc/hostname">',
        '<img alt="x" src="data:image/svg+xml,%3Csvg/%3E">',
        '<link rel="stylesheet" href="{url}">',
        '<a rel="attachment" href="file:///etc/hostname">x</a>',
        '<style>@import "{url}";</style>',
        "<style>@font-face {{ font-family: x; src: url({url}) }} p {{ font-family: x }}</style>",
        '<p style="background: url({url})">x</p>',
        '<object data="{url}">x</object>',
        '<base href="{url}"><img alt="x" src="a.png">',
    ],
)
def test_an_address_outside_the_bundle_ends_the_rendering(markup, canary):
    """R23"""
    with pytest.raises(PdfRefused, match="not bundled"):
        printed(PLAIN.format(markup.format(url=address(canary))))
    assert_silent(canary)


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="attachment" href="{url}">',
        '<svg role="img"><image href="{url}" width="9" height="9"/></svg>',
        '<script src="{url}"></script><iframe src="{url}"></iframe>',
        '<meta http-equiv="refresh" content="0; url={url}">',
    ],
)
def test_what_the_renderer_passes_over_is_not_asked_for_either(markup, canary):
    printed(PLAIN.format(markup.format(url=address(canary))))
    assert_silent(canary)


def test_addresses_and_markup_in_every_field_are_only_text(canary):
    """R23"""
    evil = f'"><img src={address(canary)}><style>@import "{address(canary)}"</style>'
    short = address(canary)
    facts = papers.certificate(
        name=short,
        name_second=f"<img src={short}>",
        course=f"<img src={short}>",
        version=f'"><img src={short}>',
        serial="<link rel=stylesheet>",
        statement=f"{evil[:90]}",
        school=replace(papers.SCHOOL, name=f"<img src={short}>", address=evil, legal_name=evil[:60]),
    )
    made = printed(certificate_html(facts))
    assert f"<img src={short}>" in papers.text_of(made)

    sheet = papers.sheet(student=short, examiner=short, place=evil, partner=evil, feedback=evil, rating_label=evil)
    marked = replace(sheet.steps[0], text=evil, mark="not_applicable", reason=evil)
    made = printed(sheet_html(replace(sheet, steps=(marked, *sheet.steps[1:]))), "sheet")
    assert short in papers.text_of(made)
    assert_silent(canary)


# ---- the limited process


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    warm = Press()
    yield warm
    warm.close()


def order(press: Press, html: str, kind="certificate") -> bytes:
    return press.render(kind, html, paper="letter", lang="en", created=papers.CREATED)


def process_of(press: Press) -> int:
    return press._process.pid


def test_one_warm_process_makes_many_documents(press):
    order(press, certificate_html(papers.certificate()))
    first = process_of(press)
    for number in range(5):
        order(press, certificate_html(papers.certificate(serial=f"LGS-MTR-2026-{number:06}-1")))
    assert process_of(press) == first


def test_a_refusal_comes_back_as_itself_and_keeps_the_process(press):
    order(press, certificate_html(papers.certificate()))
    first = process_of(press)
    with pytest.raises(UnprintableName) as refused:
        order(press, PLAIN.format("<p>ד</p>"), "sheet")
    assert refused.value.characters == ("U+05D3 hebrew letter dalet",)
    with pytest.raises(DoesNotFit, match="leaves the frame"):
        order(press, certificate_html(papers.certificate(statement="Record of training only. " * 40)))
    with pytest.raises(PdfRefused, match="not bundled"):
        order(press, PLAIN.format("<img alt=x src=file:///etc/hostname>"))
    assert process_of(press) == first


def test_a_document_that_takes_too_long_is_stopped_alone(press):
    press.limits = replace(press.limits, seconds=0.3)
    try:
        with pytest.raises(TookTooLong, match=r"not done after 0\.3 seconds"):
            order(press, PLAIN.format("<p>word</p>" * 30_000), "sheet")
    finally:
        press.limits = Limits()
    assert order(press, certificate_html(papers.certificate())).startswith(b"%PDF")


def test_a_document_that_swells_is_stopped_alone():
    small = Press(Limits(memory=0, headroom=128 * 2**20))
    try:
        with pytest.raises(TookTooMuch):
            order(small, PLAIN.format(f"<p>{'word ' * 3_000_000}</p>"), "sheet")
        assert order(small, certificate_html(papers.certificate())).startswith(b"%PDF")
    finally:
        small.close()


def test_a_process_that_dies_is_replaced(press):
    order(press, certificate_html(papers.certificate()))
    dead = process_of(press)
    press._process.kill()
    press._process.join()
    assert order(press, certificate_html(papers.certificate())).startswith(b"%PDF")
    assert process_of(press) != dead


def test_a_process_that_cannot_start_says_why_and_is_forgotten(monkeypatch):
    press = Press()

    def refuse(_process: object) -> None:
        raise BlockingIOError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(get_context("spawn").Process, "start", refuse)
        for _again in range(2):
            with pytest.raises(BlockingIOError, match="no more processes"):
                order(press, PLAIN.format("<p>word</p>"), "sheet")
    try:
        assert order(press, certificate_html(papers.certificate())).startswith(b"%PDF")
    finally:
        press.close()


def test_a_process_is_retired_after_its_share():
    press = Press(Limits(documents=2))
    try:
        html = certificate_html(papers.certificate())
        order(press, html)
        first = process_of(press)
        order(press, html)
        order(press, html)
        assert process_of(press) != first
    finally:
        press.close()


def test_threads_take_turns(press):
    html = certificate_html(papers.certificate())
    made: list[bytes] = []
    both = [threading.Thread(target=lambda: made.append(order(press, html))) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_the_asking_process_never_imports_the_renderer():
    code = (
        "import sys; from tests import papers; papers.use_fonts();"
        "from lms.pdf_process import render_in_process; from lms.certificates.document import certificate_html;"
        "made = render_in_process('certificate', certificate_html(papers.certificate()), paper='letter', lang='en',"
        " created=papers.CREATED); sys.exit(not made.startswith(b'%PDF') or 'weasyprint' in sys.modules)"
    )
    root = papers.FONTS.parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ}, check=False)
    assert done.returncode == 0
