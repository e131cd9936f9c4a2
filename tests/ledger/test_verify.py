"""Following a chain: each way to tamper with it is named, at the entry where it happened."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.ledger import chain, seal
from lms.ledger.canonical import canonical
from lms.ledger.types import Fault
from lms.ledger.verify import ROTATED, verify_chain
from tests.ledger.chains import SCHOOL, Chain, key, of_length, published, sealed, with_entry

KEYS = published(key(1))


def follow(entries, keys=KEYS, checkpoints=(), school=SCHOOL):
    return verify_chain(entries, school=school, keys=keys, checkpoints=checkpoints)


def broken(*args, **kwargs) -> tuple[int, Fault]:
    found = follow(*args, **kwargs).broken
    assert found is not None
    return found.seq, found.fault


def test_an_untouched_chain_holds():
    made = of_length(5)
    report = follow(made.entries, checkpoints=[made.checkpoint(0), made.checkpoint(3), made.checkpoint()])
    assert report.holds
    assert (report.size, report.head, report.checkpoints) == (5, made.head, 3)


def test_an_empty_chain_holds():
    assert follow([]).holds


@pytest.mark.parametrize("field", ["text", "hash", "seal", "key_id", "seq"])
def test_one_changed_character_of_a_row_is_found(field: str):
    made = of_length(4)
    old = getattr(made.entries[2], field)
    new = old + 1 if field == "seq" else old[:-1] + ("0" if old[-1] != "0" else "1")
    seq, _ = broken(with_entry(made.entries, 3, **{field: new}))
    assert seq == 3


def changed_fields():
    content = json.loads(of_length(3).entries[1].text)

    def paths(node, path=()):
        if isinstance(node, dict):
            for name, inner in node.items():
                yield (*path, name)
                yield from paths(inner, (*path, name))

    return list(paths(content))


@pytest.mark.parametrize("path", changed_fields(), ids=".".join)
def test_a_changed_field_is_found_even_when_its_hash_is_made_to_fit(path: tuple[str, ...]):
    made = of_length(3)
    content = json.loads(made.entries[1].text)
    node = content
    for name in path[:-1]:
        node = node[name]
    old = node[path[-1]]
    node[path[-1]] = old + 1 if isinstance(old, int) else {} if isinstance(old, dict) else old + "x"
    text = canonical(content)
    seq, fault = broken(with_entry(made.entries, 2, text=text))
    assert (seq, fault) == (2, Fault.CHANGED)
    seq, _ = broken(with_entry(made.entries, 2, text=text, hash=chain.entry_hash(text)))
    assert seq == 2


def test_a_removed_entry_is_a_gap():
    made = of_length(4)
    assert broken([e for e in made.entries if e.seq != 2]) == (2, Fault.GAP)


def test_a_removed_entry_whose_followers_moved_up_is_found():
    made = of_length(4)
    moved = [replace(entry, seq=seq) for seq, entry in enumerate([e for e in made.entries if e.seq != 2], 1)]
    assert broken(moved) == (2, Fault.GAP)


def test_swapped_entries_are_found():
    first, second, third = of_length(3).entries
    assert broken([first, replace(third, seq=2), replace(second, seq=3)]) == (2, Fault.GAP)
    assert broken([first, third, second]) == (2, Fault.GAP)


def test_an_entry_from_another_chain_of_the_school_does_not_follow():
    made, other = of_length(3), Chain()
    for i in range(3):
        other.append(content={"try": 9 - i})
    assert broken([made.entries[0], other.entries[1], made.entries[2]]) == (2, Fault.WRONG_PREV)


def test_truncation_is_found_with_a_checkpoint_and_only_then():
    made = of_length(5)
    assert follow(made.entries[:3]).holds
    assert broken(made.entries[:3], checkpoints=[made.checkpoint(4)]) == (4, Fault.TRUNCATED)


def test_a_rewritten_history_is_found_with_a_checkpoint_though_every_seal_is_right():
    made, rewritten = of_length(4), of_length(1)
    for _ in range(3):
        rewritten.append(content={"outcome": "prettier"})
    assert follow(rewritten.entries).holds
    assert broken(rewritten.entries, checkpoints=[made.checkpoint(3)]) == (3, Fault.REWRITTEN)


@pytest.mark.parametrize("field", ["size", "head", "signature", "school", "key_id"])
def test_a_changed_checkpoint_is_found(field: str):
    made = of_length(3)
    signed = made.checkpoint(2)
    old = getattr(signed, field)
    changed = replace(signed, **{field: old + 1 if field == "size" else old[:-1] + ("0" if old[-1] != "0" else "1")})
    assert broken(made.entries, checkpoints=[changed])[1] == Fault.WRONG_CHECKPOINT


def test_a_checkpoint_with_a_line_in_the_schools_place_is_only_a_wrong_one():
    made = of_length(2)
    forged = replace(made.checkpoint(), school="a\nb")
    assert broken(made.entries, checkpoints=[forged], school="a\nb")[1] == Fault.WRONG_CHECKPOINT


def test_a_checkpoint_of_another_school_is_refused_though_our_key_signed_it():
    made, other = of_length(2), Chain(school="b" * 32)
    assert broken(made.entries, checkpoints=[other.checkpoint(0)])[1] == Fault.WRONG_CHECKPOINT


def test_another_schools_key_is_unknown():
    made = Chain(private=key(9))
    made.append()
    assert broken(made.entries) == (1, Fault.UNKNOWN_KEY)


def test_another_schools_key_under_our_keys_id_is_unknown():
    made = of_length(1)
    ours = next(iter(KEYS.values()))
    impostor = {ours.id: replace(ours, public=seal.public_of(key(9)))}
    assert broken(made.entries, keys=impostor) == (1, Fault.UNKNOWN_KEY)


def test_another_schools_entry_is_found():
    made = Chain(school="b" * 32)
    made.append()
    assert broken(made.entries) == (1, Fault.OTHER_SCHOOL)


def test_a_seal_by_another_key_does_not_fit():
    made = of_length(2)
    forged = sealed(key(9), 2, made.entries[1].text)
    assert broken(with_entry(made.entries, 2, seal=forged.seal)) == (2, Fault.WRONG_SEAL)


def test_a_seal_in_capitals_is_another_seal():
    made = of_length(1)
    assert broken(with_entry(made.entries, 1, seal=made.entries[0].seal.upper())) == (1, Fault.WRONG_SEAL)


def test_a_rotated_key_takes_over():
    made = of_length(2)
    made.rotate(key(2))
    made.append()
    assert follow(made.entries, keys=published(key(1), key(2)), checkpoints=[made.checkpoint()]).holds


def test_the_old_key_cannot_seal_after_it_was_rotated():
    made = of_length(2)
    made.rotate(key(2))
    made.private = key(1)
    made.append()
    assert broken(made.entries, keys=published(key(1), key(2))) == (4, Fault.NOT_IN_USE)


def test_a_new_key_that_the_old_one_did_not_vouch_for_cannot_seal():
    made = of_length(2)
    made.private = key(2)
    made.append()
    assert broken(made.entries, keys=published(key(1), key(2))) == (3, Fault.NOT_IN_USE)


def test_a_rotation_without_the_new_key_is_malformed():
    made = Chain()
    made.append(ROTATED)
    assert broken(made.entries) == (1, Fault.MALFORMED)


def test_a_retired_key_cannot_sign_later_checkpoints():
    made = of_length(3)
    keys = published(key(1), last_seq=2)
    assert broken(made.entries, keys=keys, checkpoints=[made.checkpoint(3)])[1] == Fault.WRONG_CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"v":1}',
        '{"body":{"received":{},"statement":{}},"prev":"","school":"","seq":1,"v":1}',
    ],
)
def test_a_sealed_text_that_is_no_entry_is_malformed(text: str):
    assert broken([sealed(key(1), 1, text)]) == (1, Fault.MALFORMED)


def test_a_sealed_entry_with_one_more_space_is_malformed():
    text = of_length(1).entries[0].text.replace(":", ": ", 1)
    assert broken([sealed(key(1), 1, text)]) == (1, Fault.MALFORMED)


def test_an_entry_of_a_version_nobody_knows_is_malformed():
    text = of_length(1).entries[0].text
    assert text.endswith('"v":1}')
    assert broken([sealed(key(1), 1, text[:-2] + "2}")]) == (1, Fault.MALFORMED)


def test_a_statement_of_another_school_inside_an_entry_is_malformed():
    content = json.loads(of_length(1).entries[0].text)
    content["body"]["statement"]["school"] = "b" * 32
    assert broken([sealed(key(1), 1, canonical(content))]) == (1, Fault.MALFORMED)


contents = st.lists(
    st.tuples(st.sampled_from(["sheet.signed", "hours.approved"]), st.text(max_size=20), st.integers(0, 10**6)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(contents, st.data())
def test_whatever_is_appended_verifies_and_any_one_flipped_bit_does_not(acts, data):
    made = Chain()
    for kind, comment, number in acts:
        made.append(kind, {"number": number}, comment=comment)
    assert follow(made.entries, checkpoints=[made.checkpoint()]).holds
    seq = data.draw(st.integers(1, len(acts)))
    field = data.draw(st.sampled_from(["text", "hash", "seal", "key_id"]))
    raw = bytearray(getattr(made.entries[seq - 1], field).encode())
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    flipped = raw.decode(errors="replace")
    report = follow(with_entry(made.entries, seq, **{field: flipped}), checkpoints=[made.checkpoint()])
    assert report.broken is not None
    assert report.broken.seq == seq


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 7), st.data())
def test_no_other_selection_of_the_entries_verifies_against_the_checkpoint(n, data):
    made = of_length(n)
    chosen = data.draw(st.lists(st.integers(1, n), max_size=n).filter(lambda c: c != list(range(1, n + 1))))
    entries = [replace(made.entries[pick - 1], seq=seq) for seq, pick in enumerate(chosen, 1)]
    assert not follow(entries, checkpoints=[made.checkpoint()]).holds
