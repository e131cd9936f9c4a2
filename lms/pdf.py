"""HTML and bundled assets in, tagged PDF/A-3a and PDF/UA-1 bytes out. The only importer of WeasyPrint.

It takes half a second to import and can be kept busy by a hostile document, so nothing but the process of
`pdf_process` (and its tests) imports it. WeasyPrint and pydyf are pinned: what this module changes in them is
marked "inside" and each has a test.
"""

import os
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, cast

from lms import fonts, pdf_art, pdf_layout
from lms.pdf_html import PNG, TEMPLATES
from lms.pdf_names import PdfRefused, UnprintableName, described

os.environ["FONTCONFIG_FILE"] = str(fonts.ready() / "fonts.conf")  # read as WeasyPrint is imported

import pydyf
from weasyprint import CSS, HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

Kind = Literal["certificate", "sheet", "blank", "syllabus"]
Paper = Literal["letter", "a4"]
VARIANT = "pdf/a-3a"
LARGEST_PICTURE = 400_000  # bytes of a signature's PNG
KEPT_PICTURES = 8
DEFLATE = 4  # 9 takes 3 ms more for 2 % less


@dataclass(frozen=True)
class Style:
    """What a kind of paper looks like."""

    css: str
    drawing: str
    portrait: bool
    most_pages: int


STYLES: Mapping[str, Style] = {
    "certificate": Style("certificates/document.css", "frame", portrait=False, most_pages=1),
    "sheet": Style("documents/papers.css", "head", portrait=True, most_pages=4),
    "blank": Style("documents/papers.css", "head", portrait=True, most_pages=3),
    "syllabus": Style("documents/papers.css", "head", portrait=True, most_pages=30),
}
ASSETS: Mapping[str, bytes] = {
    f"asset:{path.name}": path.read_bytes() for path in sorted((TEMPLATES / "documents").glob("*.svg"))
}
PDF_UA = (Path(__file__).parent / "templates" / "documents" / "pdf-ua.xml").read_bytes()


class Bundle(URLFetcher):
    """Serves the bundled shapes and the PNG inside a data: address; any other address ends the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url in ASSETS:
            return URLFetcherResponse(url, ASSETS[url], {"Content-Type": "image/svg+xml"})
        if url.startswith(PNG) and len(url) < LARGEST_PICTURE:
            return URLFetcherResponse(url, _png(url), {"Content-Type": "image/png"})
        raise FatalURLFetchingError(url[:80])


def _png(url: str) -> bytes:
    try:
        data = b64decode(url.removeprefix(PNG), validate=True)
    except NotBase64 as error:
        raise FatalURLFetchingError("a broken picture") from error
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise FatalURLFetchingError("a picture that is no PNG")
    return data


BUNDLE = Bundle()
FONTS = FontConfiguration()


class Srgb(ColorProfile):
    """Inside WeasyPrint: read once and embedded as it is. WeasyPrint opens the file for every PDF, leaves it
    open, and embeds what a library writes back, which is not the same the second time."""

    icc = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()

    def __init__(self) -> None:
        super().__init__(BytesIO(self.icc), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))

    @property
    def content(self) -> bytes:
        return self.icc


SRGB = Srgb()


def render(
    kind: Kind,
    html: str,
    *,
    paper: Paper,
    lang: str,
    attachments: Iterable[tuple[str, bytes, str]] = (),
    created: datetime,
) -> bytes:
    """The same arguments give the same bytes. An attachment is (name, bytes, description).

    Raises UnprintableName for a character without a letter, DoesNotFit for a text without room, PdfRefused
    for an address outside the bundle.
    """
    style, size = STYLES[kind], _size(kind, paper)
    try:
        document = _laid_out(style, _sheets(kind, paper), html)
        _describe(document.metadata, lang, created, attachments)
        finisher = _finisher(style, size)
        made = document.write_pdf(finisher=finisher, pdf_variant=VARIANT, output_intent="bundled")
    except FatalURLFetchingError as error:
        raise PdfRefused(f"The paper asks for something that is not bundled: {error}.") from error
    return cast("bytes", made)


def _laid_out(style: Style, sheets: list[CSS], html: str) -> Any:
    pictures = Pictures(_kept)
    document = HTML(string=html, url_fetcher=BUNDLE).render(
        FONTS, color_profiles={"srgb": SRGB}, stylesheets=sheets, pdf_variant=VARIANT, cache=pictures
    )
    if any(image is None for image in pictures.values()):
        raise PdfRefused("A picture of the paper cannot be read.")
    pdf_layout.check_pages(document.pages, style.most_pages)
    if style.drawing == "frame":
        pdf_layout.check_frame(document.pages[0])
    _keep(pictures)
    return document


def _describe(metadata: Any, lang: str, created: datetime, attachments: Iterable[tuple[str, bytes, str]]) -> None:
    """All times are the record's own: a clock would make every rendering other bytes."""
    at = created.astimezone(UTC)
    shared = {"relationship": "Data", "created": at, "modified": at, "url_fetcher": BUNDLE}
    metadata.lang = lang
    metadata.created = metadata.modified = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.attachments = [
        Attachment(string=data, name=name, description=text, **shared) for name, data, text in attachments
    ]


def _size(kind: Kind, paper: Paper) -> str:
    return f"{paper}-portrait" if STYLES[kind].portrait else paper


@lru_cache(maxsize=8)
def _sheets(kind: Kind, paper: Paper) -> list[CSS]:
    width, height = pdf_art.SHEETS[_size(kind, paper)]
    css = (TEMPLATES / STYLES[kind].css).read_text() + f"\n@page{{size:{width}mm {height}mm}}"
    return [CSS(string=css, font_config=FONTS, url_fetcher=BUNDLE)]


# ---- inside WeasyPrint: pictures

_kept: OrderedDict[str, Any] = OrderedDict()


class Pictures(dict[Any, Any]):
    """WeasyPrint's cache of one document, which remembers what the document shows."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        super().__init__(kept)
        self.shown: set[Any] = set()

    def __getitem__(self, url: Any) -> Any:
        self.shown.add(url)
        return super().__getitem__(url)

    def __setitem__(self, url: Any, image: Any) -> None:
        self.shown.add(url)
        super().__setitem__(url, image)


def _keep(pictures: Pictures) -> None:
    """A signature is the same on every paper: decode and encode it once. What was shown longest ago makes room."""
    for url, image in list(pictures.items()):
        shown = url in pictures.shown
        if shown and isinstance(url, str) and url.startswith(PNG) and hasattr(image, "get_x_object"):
            if url not in _kept:
                image.get_x_object = _replay(image.get_x_object(False, 1))
                _kept[url] = image
            _kept.move_to_end(url)
    while len(_kept) > KEPT_PICTURES:
        _kept.popitem(last=False)


def _replay(made: pydyf.Stream) -> Callable[..., pydyf.Stream]:
    def bare(stream: pydyf.Stream) -> list[bytes]:
        return [getattr(piece, "data", piece) for piece in stream.stream]

    pixels, extra = bare(made), dict(made.extra)
    mask = extra.pop("SMask", None)
    mask_pixels = bare(mask) if mask else []

    def again(*_: Any) -> pydyf.Stream:
        fresh = pydyf.Dictionary(extra)
        if mask:
            fresh["SMask"] = pydyf.Stream(list(mask_pixels), dict(mask.extra))
        return pydyf.Stream(list(pixels), fresh)

    return again


# ---- inside WeasyPrint and pydyf: the finished file


def _finisher(style: Style, size: str) -> Callable[[Any, Any], None]:
    def finish(document: Any, pdf: Any) -> None:
        _refuse_missing_glyphs(document.fonts.values())
        _name_pdf_ua(pdf)
        _map_every_glyph(pdf.objects)
        for index, number in enumerate(pdf.pages["Kids"][::3]):
            drawing = pdf_art.operators(style.drawing if index == 0 else "next", size)
            under = pydyf.Stream([drawing], {"Filter": "/FlateDecode"})
            pdf.add_object(under)
            page = pdf.objects[int(number)]
            page["Contents"] = pydyf.Array([under.reference, page["Contents"]])
        _deflate_once(pdf.objects)

    return finish


def _refuse_missing_glyphs(used: Iterable[Any]) -> None:
    """WeasyPrint draws a box for them and only logs it; the extracted text would still look right."""
    missing = {code for font in used for code in font.missing}
    boxed = {ord(text[0]) for font in used if (text := font.to_unicode.get(0))}
    if missing or boxed:
        raise UnprintableName(described(code) for code in sorted(missing | boxed))


def _name_pdf_ua(pdf: Any) -> None:
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    packet = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in metadata.stream)
    metadata.stream = [packet.replace(b"</rdf:RDF>", PDF_UA + b"</rdf:RDF>", 1)]
    metadata.compress = False


def _map_every_glyph(objects: Iterable[Any]) -> None:
    """The later glyphs of a Devanagari cluster stand for nothing, and nothing is no legal mapping."""
    for item in objects:
        if isinstance(item, pydyf.Stream) and item.stream and _is_cmap(item.stream[0]):
            item.stream = [p.replace(b"<>", b"<200b>") if isinstance(p, bytes) else p for p in item.stream]


def _deflate_once(objects: Iterable[Any]) -> None:
    """pydyf deflates a stream whenever it is asked for: for the file, and again for the file's identifier."""
    for item in objects:
        if isinstance(item, pydyf.Stream) and item.compress:
            plain = b"\n".join(pydyf._to_bytes(piece) for piece in item.stream)
            item.stream, item.compress = [zlib.compress(plain, DEFLATE)], False
            item.extra = {**item.extra, "Filter": "/FlateDecode"}


def _is_cmap(piece: Any) -> bool:
    return isinstance(piece, bytes) and piece.startswith(b"/CIDInit")


_written: Any = pydyf.Stream.data.fget  # type: ignore[attr-defined]


def _stream_data(self: pydyf.Stream) -> bytes:
    """Deflated bytes that end with CR, then pydyf's LF, read as one line end: /Length seems one too long."""
    data = _written(self)
    return data[:-10] + b"\r\nendstream" if data.endswith(b"\r\nendstream") else data


pydyf.Stream.data = property(_stream_data)  # type: ignore[assignment]
