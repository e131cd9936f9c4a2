"""Ids as they come from outside, in addresses, queries and forms: nonsense is the id of nothing, never an error."""

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**31 - 1  # what a key column of PostgreSQL holds


def row_id(text: str) -> int:
    """Raises ValueError for what no row can have: `request.args.get("after", type=row_id)` gives None for it."""
    if len(text) > 10 or not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        raise ValueError("no id")
    return int(text)


class IdConverter(IntegerConverter):
    """`<int:…>` of an address: a number that no row can have leads nowhere."""

    def to_python(self, value: str) -> int:
        try:
            return row_id(value)
        except ValueError:
            raise ValidationError from None
