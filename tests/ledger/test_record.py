"""One exported record, checked with the public keys alone."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.ledger.canonical import NotCanonical, parse
from lms.ledger.record import bundle_text, holds, verify_record
from lms.ledger.types import State
from tests.ledger.chains import certificate_chain, key, of_length, published

KEYS = published(key(1))


def codes(record, keys=KEYS, state=State.BROKEN) -> list[str]:
    return [finding.code for finding in verify_record(record, keys) if finding.state is state]


@pytest.fixture
def record():
    return certificate_chain().bundle(3)


def test_an_exported_record_holds_and_says_what_was_checked(record):
    assert codes(record) == []
    assert codes(record, state=State.HOLDS) == ["seal", "checkpoint", "value"]


def test_a_record_says_that_it_cannot_know_of_a_later_revocation(record):
    assert codes(record, state=State.UNKNOWN) == ["later"]


@pytest.mark.parametrize("name", ["format", "v", "entry", "seal", "key_id", "checkpoint", "values"])
def test_a_record_without_one_of_its_parts_does_not_hold(record, name: str):
    del record[name]
    assert codes(record) == ["format"]


def test_a_record_with_something_added_does_not_hold(record):
    assert codes({**record, "remark": "top of the class"}) == ["format"]


@pytest.mark.parametrize("field", ["school", "size", "head", "key_id", "signature"])
def test_a_changed_checkpoint_does_not_hold(record, field: str):
    old = record["checkpoint"][field]
    record["checkpoint"][field] = old + 1 if field == "size" else old[:-1] + ("0" if old[-1] != "0" else "1")
    assert codes(record) == ["wrong_checkpoint"]


@pytest.mark.parametrize("size", [1, 2])
def test_a_checkpoint_from_before_the_record_does_not_cover_it(size: int):
    made = certificate_chain()
    record = made.bundle(3)
    record["checkpoint"] = made.bundle(size)["checkpoint"]
    found = [finding for finding in verify_record(record, KEYS) if finding.code == "wrong_checkpoint"]
    assert ["older" in finding.text for finding in found] == [True]


def test_a_later_checkpoint_covers_the_record():
    made = certificate_chain()
    record = made.bundle(1)
    record["checkpoint"] = made.bundle(3)["checkpoint"]
    assert holds(verify_record(record, KEYS))


def test_a_checkpoint_of_another_chain_does_not_end_in_the_record():
    record, other = certificate_chain().bundle(3), of_length(3)
    record["checkpoint"] = other.bundle(3)["checkpoint"]
    assert codes(record) == ["wrong_checkpoint"]


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("value", "Maya Okafor "),
        ("value", "maya Okafor"),
        ("salt", "00" * 15 + "01"),
        ("salt", "0" * 31),
        ("name", "name2"),
    ],
)
def test_a_changed_value_does_not_hold(record, field: str, new: str):
    record["values"][0][field] = new
    assert "wrong_value" in codes(record)


def test_a_value_given_twice_does_not_hold(record):
    record["values"].append({**record["values"][0], "value": "Somebody Else"})
    assert codes(record) == ["wrong_value", "wrong_value"]


def test_an_erased_value_leaves_the_record_holding_and_is_named(record):
    record["values"] = []
    assert codes(record) == []
    assert codes(record, state=State.UNKNOWN) == ["no_value", "later"]


def test_another_schools_key_does_not_vouch(record):
    assert codes(record, keys=published(key(9))) == ["unknown_key", "wrong_checkpoint"]


def test_another_schools_seal_does_not_fit(record):
    other = certificate_chain()
    other.private = key(9)
    record["seal"] = other.append().seal
    assert codes(record) == ["wrong_seal"]


def test_a_record_sealed_after_its_key_was_retired_does_not_hold(record):
    assert "key_not_in_use" in codes(record, keys=published(key(1), last_seq=2))


def test_a_record_from_before_a_rotation_still_holds():
    made = certificate_chain()
    made.rotate(key(2))
    keys = published(key(1), last_seq=4) | published(key(2))
    assert holds(verify_record(made.bundle(3), keys))


def test_a_record_says_its_value_to_the_person_who_checks_it(record):
    assert any("Maya Okafor" in finding.text for finding in verify_record(record, KEYS))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_flipped_bit_of_the_file_is_accepted(data):
    raw = bytearray(bundle_text(certificate_chain().bundle(3)).encode())
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    try:
        flipped = parse(bytes(raw))
    except NotCanonical:
        return
    assert not holds(verify_record(flipped, KEYS))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)),
    st.data(),
)
def test_rubbish_in_any_part_is_a_finding_and_never_a_crash(rubbish, data):
    record = copy.deepcopy(certificate_chain().bundle(3))
    name = data.draw(st.sampled_from(sorted(record)))
    if record[name] == rubbish or (name == "values" and rubbish == []):
        return
    assert not holds(verify_record({**record, name: rubbish}, KEYS))


def test_the_file_has_one_spelling(record):
    text = bundle_text(record)
    assert parse(text) == record
    with pytest.raises(NotCanonical):
        parse(json.dumps(record, indent=1))
