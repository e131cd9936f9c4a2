"""Statements, commitments and entries as text."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger import chain
from lms.ledger.canonical import NotCanonical, canonical, parse
from tests.ledger.chains import SCHOOL

SALT = b"0123456789abcdef"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_a_commitment_is_the_hash_of_salt_and_value():
    assert chain.commitment("Ana", SALT) == hashlib.sha256(b"steadyhand-value\0" + SALT + b"Ana").hexdigest()


def test_a_short_salt_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        chain.commitment("Ana", b"short")


def test_an_entry_hashes_to_the_published_formula():
    text = chain.entry_text(SCHOOL, 1, "0" * 64, statement={"a": 1}, received={})
    assert chain.entry_hash(text) == hashlib.sha256(b"steadyhand-entry\0" + text.encode()).hexdigest()


def test_a_draft_draws_a_fresh_salt_for_each_value():
    one = chain.draft("sheet.signed", school=SCHOOL, content={}, values={"name": "Ana", "comment": "Ana"})
    two = chain.draft("sheet.signed", school=SCHOOL, content={}, values={"name": "Ana", "comment": "Ana"})
    drawn = [*one.salts.values(), *two.salts.values()]
    assert len(set(drawn)) == 4
    assert {len(salt) for salt in drawn} == {16}


def test_a_drafted_statement_drafted_again_is_the_same():
    first = chain.draft("sheet.signed", school=SCHOOL, content={"try": 1}, values={"name": "Ana"})
    again = chain.draft("sheet.signed", school=SCHOOL, content=first.content, values=first.values, salts=first.salts)
    assert again == first


@pytest.mark.parametrize("field", ["v", "type", "school", "commitments"])
def test_a_signed_statement_that_is_not_what_is_recorded_is_refused(field: str):
    first = chain.draft("sheet.signed", school=SCHOOL, content={}, values={"name": "Ana"})
    with pytest.raises(ValueError, match=field):
        chain.draft(
            "sheet.signed",
            school=SCHOOL,
            content={**first.content, field: "other"},
            values=first.values,
            salts=first.salts,
        )


def test_values_stay_out_of_the_statement():
    drafted = chain.draft("sheet.signed", school=SCHOOL, content={}, values={"comment": "canary-5f1"})
    assert "canary-5f1" not in canonical(drafted.content)


@pytest.mark.parametrize("wrong", [1.0, float("nan"), (1,), {1: "a"}, {"a": [0.5]}, "\ud800", 2**60, {"a": b"x"}])
def test_what_has_no_single_spelling_is_refused(wrong: object):
    with pytest.raises(NotCanonical):
        canonical(wrong)


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a": 1}',
        '{"a":1}\n',
        '{"a":1,"a":1}',
        '{"a":1.0}',
        '{"a":NaN}',
        '{"a":"\\u0041"}',
        '{"a":-0}',
        "[]",
        "",
        '{"a":1',
        b'{"a":"\xff"}',
        "[" * 100_000,
    ],
)
def test_another_spelling_is_not_read(text: str | bytes):
    with pytest.raises(NotCanonical):
        parse(text)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_what_is_spelled_is_read_back_the_same(content: dict):
    assert parse(canonical(content)) == json.loads(json.dumps(content))


def test_a_school_of_two_lines_cannot_sign_a_checkpoint():
    with pytest.raises(ValueError, match="one line"):
        chain.checkpoint_text("a\n9", 1, "0" * 64)
