"""The stored chain: appended under a lock, frozen, erasable behind commitments, and followed row by row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import clock, frozen
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.ledger import chain, keys, service, stored
from lms.ledger.models import Checkpoint, LedgerEntry, LedgerHead, LedgerValue
from lms.ledger.record import holds, verify_record
from lms.ledger.types import Fault, PublicKey
from tests import factories


@pytest.fixture
def first_key(app: Flask) -> PublicKey:
    return service.public_keys()[0]


def append(kind: str = "sheet.signed", subject_id: int | None = None, **values: str) -> LedgerEntry:
    with db.write():
        return service.append(
            kind,
            statement={"try": 1},
            values=values,
            received={"signer": {"name": "Iris"}},
            subject_id=subject_id,
        )


@pytest.fixture
def three(app: Flask) -> list[LedgerEntry]:
    return [append(comment=f"comment {n}") for n in range(3)]


def fault(checkpoint=None) -> tuple[int, Fault]:
    db.session.rollback()
    found = service.verify_all(checkpoint).broken
    assert found is not None
    return found.seq, found.fault


def as_owner(sql: str, **values: object) -> None:
    """What a person who owns the database could do: drop the triggers and change a row."""
    db.session.rollback()
    with db.engine.begin() as connection:
        frozen.install(connection, [])
        connection.execute(sa.text(sql), values)


def test_entries_are_numbered_and_chained_from_one(three):
    assert [entry.seq for entry in three] == [1, 2, 3]
    assert [entry.prev for entry in three] == ["0" * 64, three[0].hash, three[1].hash]
    report = service.verify_all()
    assert (report.holds, report.size, report.head) == (True, 3, three[2].hash)


def test_a_record_longer_than_a_page_is_followed_to_its_end(monkeypatch, app: Flask):
    monkeypatch.setattr(stored, "AT_ONCE", 2)
    for n in range(5):
        append(comment=f"comment {n}", remark=f"remark {n}")
    seen = []
    report = service.verify_all(progress=seen.append)
    assert (report.holds, report.size, seen) == (True, 5, [1, 2, 3, 4, 5])
    as_owner("UPDATE ledger_value SET value = 'kinder words' WHERE seq = 5 AND name = 'remark'")
    assert fault() == (5, Fault.WRONG_VALUE)


def test_an_entry_outside_a_write_is_refused(app: Flask):
    with pytest.raises(RuntimeError, match="inside"):
        service.append("sheet.signed", statement={}, values={}, received={})


def test_an_action_that_stops_half_way_leaves_no_entry(three):
    def stop_half_way() -> None:
        with db.write():
            service.append("sheet.signed", statement={}, values={"comment": "x"}, received={})
            raise RuleBroken("stop")

    with pytest.raises(RuleBroken):
        stop_half_way()
    assert service.verify_all().size == 3
    assert append().seq == 4


def test_two_entries_of_one_action_follow_each_other(app: Flask):
    with db.write():
        one = service.append("sheet.signed", statement={}, values={}, received={})
        two = service.append("skill.passed", statement={}, values={}, received={})
    assert two.prev == one.hash
    assert service.verify_all().holds


def test_a_row_can_carry_the_number_of_its_entry(three):
    with db.write():
        expected = service.next_seq()
        entry = service.append("sheet.signed", statement={}, values={}, received={})
    assert entry.seq == expected == 4


def test_two_people_who_sign_at_once_get_two_numbers_in_one_chain(app: Flask):
    def sign_five_times() -> None:
        with app.app_context():
            for _ in range(5):
                append(comment="x")
            db.session.remove()

    with ThreadPoolExecutor(2) as people:
        for done in [people.submit(sign_five_times), people.submit(sign_five_times)]:
            done.result()
    db.session.rollback()
    report = service.verify_all()
    assert (report.holds, report.size) == (True, 10)


def test_the_text_holds_commitments_and_no_value(app: Flask):
    entry = append(comment="canary-77")
    assert "canary-77" not in entry.text
    assert service.values(entry.seq) == {"comment": "canary-77"}


def test_floats_are_refused(app: Flask):
    with pytest.raises(ValueError, match="float"), db.write():
        service.append("sheet.signed", statement={"hours": 1.5}, values={}, received={})


def test_nobody_but_the_record_says_when_it_was_sealed(app: Flask):
    with pytest.raises(ValueError, match="signed_at"), db.write():
        service.append("sheet.signed", statement={}, values={}, received={"signed_at": "2020-01-01"})


def test_the_moment_of_an_action_can_be_the_entrys(app: Flask, time):
    moment = time()
    time.forward(seconds=3)
    with db.write():
        entry = service.append("sheet.signed", statement={}, values={}, received={}, at=moment)
    assert entry.at == moment
    assert service.verify_all().holds


def test_a_drafted_statement_is_sealed_as_it_was_shown(app: Flask):
    shown = service.draft("sheet.signed", statement={"try": 1}, values={"comment": "calm"})
    with db.write():
        entry = service.append(
            "sheet.signed", statement=shown.content, values=shown.values, salts=shown.salts, received={}
        )
    assert service.verify_all().holds
    assert chain.canonical(shown.content) in entry.text


def test_a_drafted_statement_with_another_value_is_refused(app: Flask):
    shown = service.draft("sheet.signed", statement={}, values={"comment": "calm"})
    with pytest.raises(ValueError, match="commitments"), db.write():
        service.append(
            "sheet.signed",
            statement=shown.content,
            values={"comment": "hasty"},
            salts=shown.salts,
            received={},
        )


def test_nothing_is_added_to_a_statement_that_somebody_may_have_signed(app: Flask):
    student = factories.user()
    about_nobody = service.draft("x", statement={}, values={})
    with pytest.raises(ValueError, match="another person"), db.write():
        service.append("x", statement=about_nobody.content, values={}, received={}, subject_id=student.id)
    about_them = service.draft("x", statement={}, values={}, subject_id=student.id)
    with db.write():
        service.append("x", statement=about_them.content, values={}, received={}, subject_id=student.id)
    assert service.verify_all().size == 1


def test_a_statement_about_one_person_is_not_recorded_for_another(app: Flask):
    ana, ben = factories.user(), factories.user()
    with pytest.raises(ValueError, match="another person"), db.write():
        service.append("x", statement={"subject": {"user": ana.id}}, values={}, received={}, subject_id=ben.id)


def test_signing_refuses_when_the_clock_went_back_more_than_five_minutes(app: Flask, time):
    append()
    time.forward(minutes=-5)
    append()
    time.forward(minutes=-5, seconds=-1)
    with pytest.raises(service.ClockBehind):
        append()
    assert service.verify_all().size == 2


def test_signing_goes_on_once_a_clock_that_ran_ahead_is_corrected(app: Flask, time):
    time.forward(days=400)
    append()
    time.forward(days=-400)
    with pytest.raises(service.ClockBehind):
        append()
    service.correct_clock("The battery was changed.")
    assert append().seq == 3
    assert service.verify_all().holds


@pytest.mark.parametrize("statement", ["UPDATE {t} SET seal = seal", "DELETE FROM {t}"])
def test_the_application_cannot_change_or_remove_entries(three, statement: str):
    with pytest.raises(sa.exc.DBAPIError, match="may not change"), db.engine.begin() as connection:
        connection.execute(sa.text(statement.format(t="ledger_entry")))


def test_the_application_cannot_change_a_checkpoint_or_a_key(three):
    service.checkpoint("daily")
    for sql in (
        "UPDATE checkpoint SET size = 1",
        "DELETE FROM ledger_key",
        "UPDATE ledger_key SET public = ''",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="may not change"), db.engine.begin() as connection:
            connection.execute(sa.text(sql))


COLUMNS = {
    "kind": "hours.approved",
    "hash": "f" * 64,
    "prev": "e" * 64,
    "text": "{}",
    "seal": "0" * 128,
    "at": clock.now() + timedelta(days=1),
    "subject_user_id": None,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found_though_the_owner_changed_it(app: Flask, column: str):
    student = factories.user()
    for n in range(3):
        append(subject_id=student.id, comment=f"comment {n}")
    change = sa.update(LedgerEntry).where(LedgerEntry.seq == 2).values({column: COLUMNS[column]})
    db.session.rollback()
    with db.engine.begin() as connection:
        frozen.install(connection, [])
        connection.execute(change)
    assert fault()[0] == 2


def test_an_entry_removed_by_the_owner_is_found(three):
    """R10"""
    as_owner("DELETE FROM ledger_value WHERE seq = 2")
    as_owner("DELETE FROM ledger_entry WHERE seq = 2")
    assert fault() == (2, Fault.GAP)


def test_the_last_entry_removed_by_the_owner_is_found(three):
    as_owner("DELETE FROM ledger_value WHERE seq = 3")
    as_owner("DELETE FROM ledger_entry WHERE seq = 3")
    assert fault() == (3, Fault.TRUNCATED)


def test_a_truncation_that_also_moved_the_head_is_found_with_an_outside_checkpoint(three):
    """R10"""
    service.checkpoint("mailed")
    kept = service.latest_checkpoint()
    as_owner("DELETE FROM ledger_value WHERE seq = 3")
    as_owner("DELETE FROM ledger_entry WHERE seq = 3")
    as_owner("DELETE FROM checkpoint")
    as_owner("UPDATE ledger_head SET size = 2, head = :head", head=three[1].hash)
    assert service.verify_all().holds
    assert fault(kept) == (3, Fault.TRUNCATED)


def test_an_entry_slipped_in_behind_the_head_is_found(three):
    as_owner("UPDATE ledger_head SET size = 2, head = :head", head=three[1].hash)
    assert fault() == (3, Fault.TRUNCATED)


def test_a_head_of_another_hash_is_found(three):
    as_owner("UPDATE ledger_head SET head = :head", head="9" * 64)
    assert fault()[1] == Fault.TRUNCATED


def test_a_changed_value_is_found(three):
    as_owner("UPDATE ledger_value SET value = 'kinder words' WHERE seq = 2")
    assert fault() == (2, Fault.WRONG_VALUE)


def test_a_value_that_was_never_sealed_is_found(three):
    with db.write():
        db.session.add(LedgerValue(seq=1, name="remark", salt="00" * 16, value="added later"))
    assert fault() == (1, Fault.WRONG_VALUE)


def test_erased_values_are_gone_and_the_chain_still_holds(three):
    assert service.erase(2, ["comment", "no such name"]) == 1
    assert service.values_of([1, 2, 3]) == {1: {"comment": "comment 0"}, 2: {}, 3: {"comment": "comment 2"}}
    assert service.verify_all().holds
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerValue)) == 2


def test_a_record_whose_value_was_erased_still_verifies_without_it(three):
    service.erase(2, ["comment"])
    record = service.record(2)
    assert record["values"] == []
    assert holds(verify_record(record, {key.id: key for key in service.public_keys()}))


@pytest.mark.parametrize("seq", [1, 3])
def test_each_record_verifies_outside(three, seq: int):
    record = service.record(seq)
    assert record["checkpoint"]["size"] == seq
    assert holds(verify_record(record, {key.id: key for key in service.public_keys()}))


def test_a_record_carries_the_first_checkpoint_made_after_it(three):
    service.checkpoint("daily")
    append()
    service.checkpoint("daily")
    assert service.record(2)["checkpoint"]["size"] == 3
    assert holds(verify_record(service.record(2), {key.id: key for key in service.public_keys()}))


def test_there_is_no_record_of_what_was_never_sealed(three):
    with pytest.raises(NotFound):
        service.record(4)


def test_checkpoints_are_met_on_the_way(three):
    made = service.checkpoint("certificate")
    append()
    service.checkpoint("backup")
    assert (made.size, made.head) == (3, three[2].hash)
    assert service.verify_all(service.latest_checkpoint()).checkpoints == 3


def test_a_forged_checkpoint_row_is_found(three):
    service.checkpoint("daily")
    as_owner("UPDATE checkpoint SET head = :head", head="7" * 64)
    assert fault()[1] == Fault.WRONG_CHECKPOINT


def test_a_second_first_key_is_refused(app: Flask):
    with pytest.raises(RuleBroken, match="already"):
        service.new_key()
    assert len(keys.present(keys.folder())) == 1


def test_without_a_key_nothing_can_be_sealed(app: Flask):
    with db.write():
        db.session.delete(db.session.get(LedgerHead, 1))
    with pytest.raises(keys.KeyMissing, match="lms keys new"):
        append()


def test_without_its_private_key_nothing_is_stored(app: Flask, first_key):
    (keys.folder() / f"{first_key.id}.key").unlink()
    with pytest.raises(keys.KeyMissing):
        append(comment="x")
    assert service.verify_all().size == 0


def test_a_rotated_key_seals_what_follows_and_the_old_one_stays_published(three, first_key):
    entry = service.rotate_key()
    after = append()
    assert entry.key_id == first_key.id
    assert after.key_id == service.key_in_use() != first_key.id
    assert [(key.id, key.last_seq) for key in service.public_keys()] == [
        (first_key.id, 4),
        (after.key_id, None),
    ]
    assert service.verify_all().holds
    published = {key.id: key for key in service.public_keys()}
    assert all(holds(verify_record(service.record(seq), published)) for seq in (1, 4, 5))


def test_an_entry_sealed_with_the_old_key_after_rotation_is_found(three, first_key):
    service.rotate_key()
    with db.write():
        db.session.get(LedgerHead, 1).key_id = first_key.id
    append()
    assert fault() == (5, Fault.NOT_IN_USE)


def test_the_public_keys_lie_beside_the_private_ones(app: Flask, first_key):
    service.rotate_key()
    text = (keys.folder() / service.PUBLISHED).read_text()
    assert first_key.id in text
    assert service.key_in_use() in text
    assert "PRIVATE" not in text


def test_everyone_can_fetch_the_public_keys(as_, first_key):
    answer = as_(None).get("/.well-known/steadyhand-keys.json")
    assert answer.json["format"] == "steadyhand-keys"
    assert [key["id"] for key in answer.json["keys"]] == [first_key.id]


def test_everyone_can_fetch_the_latest_checkpoint(as_, three):
    browser = as_(None)
    assert browser.get("/.well-known/steadyhand-checkpoint.txt").status_code == 404
    service.checkpoint("daily")
    assert browser.get("/.well-known/steadyhand-checkpoint.txt").text.splitlines()[1:3] == [
        "3",
        three[2].hash,
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.text(max_size=10).filter(lambda t: "\0" not in t), st.booleans()), max_size=4))
def test_whatever_is_appended_and_erased_the_stored_chain_holds(app: Flask, acts):
    before = service.verify_all().size
    for comment, erased in acts:
        entry = append(comment=comment)
        if erased:
            service.erase(entry.seq, ["comment"])
    service.checkpoint("after")
    report = service.verify_all()
    assert report.holds
    assert report.size == before + len(acts)
    assert db.session.scalar(sa.select(sa.func.max(Checkpoint.size))) == report.size
