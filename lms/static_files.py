"""Static files under /static/<hash>/…: one hash of all of them, immutable, compressed once, served from memory."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, abort, request

from lms.access import Permission

FOLDER = Path(__file__).parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".json", ".txt"}
TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class StaticFile:
    data: bytes
    type: str
    brotli: bytes | None = None
    gzip: bytes | None = None


def _file(name: str, data: bytes) -> StaticFile:
    suffix = Path(name).suffix
    kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or suffix == ".svg":
        kind += "; charset=utf-8"
    if suffix in COMPRESSED:
        return StaticFile(data, kind, brotli.compress(data, quality=9), gzip.compress(data, 9, mtime=0))
    return StaticFile(data, kind)


def collect(fonts: Path) -> dict[str, StaticFile]:
    """Every file by name; the numbered style sheets are joined in order as app.css."""
    css = b"\n".join(path.read_bytes() for path in sorted((FOLDER / "css").glob("*.css")))
    files = {"app.css": _file("app.css", css)}
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.is_file() and not name.startswith("css/"):
            files[name] = _file(name, path.read_bytes())
    for path in sorted(fonts.glob("*.woff2")):
        files[f"fonts/{path.name}"] = _file(path.name, path.read_bytes())
    return files


def init_app(app: Flask, *, fonts: Path) -> None:
    files = collect(fonts)
    build = hashlib.sha256(b"".join(n.encode() + f.data for n, f in sorted(files.items()))).hexdigest()[:16]
    bp = Blueprint("static_files", __name__)

    @bp.get("/static/<fingerprint>/<path:name>")
    def serve(fingerprint: str, name: str) -> Response:
        found = files.get(name)
        if found is None:
            abort(404)
        response = _encoded(found)
        # an old page may ask with an old hash: it gets today's file, but may not keep it
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fingerprint == build else "no-cache"
        )
        return response

    serve.permission = Permission.PUBLIC  # type: ignore[attr-defined]
    app.register_blueprint(bp)
    app.jinja_env.globals["static_url"] = lambda name: f"/static/{build}/{name}"


def _encoded(found: StaticFile) -> Response:
    wanted = request.accept_encodings
    for name, data in (("br", found.brotli), ("gzip", found.gzip)):
        if data is not None and name in wanted:
            response = Response(data, mimetype=None, content_type=found.type)
            response.headers["Content-Encoding"] = name
            response.vary.add("Accept-Encoding")
            return response
    return Response(found.data, content_type=found.type)
