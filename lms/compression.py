"""Pages sent as Brotli: only those that repeat nothing a visitor typed.

Who can choose words of a compressed page may learn its secrets from its size (BREACH). A page of the course repeats no
more than an address that exists; the shell of every page repeats its query, so only a known one is compressed.
"""

import brotli
from flask import Response, request

QUALITY = 1  # 0.15 ms for the largest page; higher saves a tenth and costs three times as much
LEAST = 2_000  # bytes; what is smaller fits into the first packets anyway


def compressed(page: str, query: str = "") -> Response:
    """The page, as Brotli where the browser takes it and the address has no query, or this one."""
    data = page.encode()
    response = Response(data, content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    chosen = request.query_string not in (b"", query.encode())
    if len(data) >= LEAST and request.accept_encodings["br"] > 0 and not chosen:
        response.set_data(brotli.compress(data, quality=QUALITY))
        response.headers["Content-Encoding"] = "br"
    return response
