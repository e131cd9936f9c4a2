"""`lms doctor` finds what is wrong and says what to do; where all is well it says so and ends with 0."""

import json
import socket
from argparse import Namespace
from dataclasses import replace
from datetime import timedelta

import pytest

from lms import clock, config, doctor, migrate
from lms.config import VARIABLES, Settings
from lms.db import db
from lms.ledger import keys
from lms.ledger import service as ledger
from lms.school.models import School
from tests.faults.server import free_port
from tests.test_migrate import look


@pytest.fixture
def settings(app, monkeypatch) -> Settings:
    made = app.config["SETTINGS"]
    (made.data_dir / "cache" / "fonts").mkdir(parents=True)
    (made.data_dir / "cache" / "fonts" / "stamp").write_text("made")
    monkeypatch.setattr(doctor, "_machine", lambda _settings: iter(()))  # half a second; has a test of its own
    use(monkeypatch, made)
    db.session.rollback()
    return made


def use(monkeypatch, settings: Settings) -> None:
    monkeypatch.setattr(config, "from_environment", lambda: settings)


def looks() -> dict[str, str]:
    """What does not hold, with its remedy."""
    return {f.check: f.remedy for f in doctor.examine(free_port()) if not f.holds}


def test_a_school_in_good_order(settings, capsys):
    assert looks() == {}
    assert doctor.run(Namespace(json=False, port=free_port())) == 0
    told = capsys.readouterr().out
    assert all(f"{name}: " in told and about in told for name, about in VARIABLES.items())
    assert "ok     schema: at head" in told


def test_a_program_can_read_it(settings, capsys):
    assert doctor.run(Namespace(json=True, port=free_port())) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is True
    assert {"database", "schema", "triggers", "key", "record"} <= {f["check"] for f in told["findings"]}


def test_secrets_are_not_shown(settings, monkeypatch, capsys):
    monkeypatch.setenv("LMS_SECRET_KEY", "canary-secret-key")
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:canary-password@127.0.0.1/school")
    doctor.run(Namespace(json=False, port=free_port()))
    assert "canary" not in capsys.readouterr().out


def test_an_unsafe_configuration_is_told_one_problem_a_line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LMS_ENV", raising=False)
    found = doctor.examine()
    assert {f.check for f in found} == {"settings"}
    assert len(found) == 2


def test_an_old_schema(settings):
    db.session.remove()
    db.engine.dispose()
    migrate.downgrade(settings, "base")
    assert looks() == {"schema": "lms db upgrade"}


def test_no_database_yet_makes_none(settings, monkeypatch, tmp_path):
    use(monkeypatch, replace(settings, database_url=f"sqlite:///{tmp_path / 'none.db'}"))
    assert looks() == {"database": "lms db upgrade"}
    assert not (tmp_path / "none.db").exists()


def test_a_database_out_of_reach(settings, monkeypatch):
    use(monkeypatch, replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert "DATABASE_URL" in looks()["database"]


def test_a_dropped_trigger(settings):
    def drop(connection) -> None:
        on = "" if settings.sqlite else " ON certificate"
        connection.exec_driver_sql(f"DROP TRIGGER frozen_certificate_delete{on}")
        connection.commit()

    look(settings, drop)
    assert "lms ledger verify" in looks()["triggers"]


def test_a_key_that_is_missing_or_open_to_others(settings):
    path = keys.folder() / f"{ledger.key_in_use()}.key"
    path.chmod(0o644)
    assert "chmod 600" in looks()["key"]
    path.rename(path.with_suffix(".elsewhere"))
    assert "lms keys import" in looks()["key"]


def test_a_clock_that_stands_before_the_last_signature(settings, monkeypatch):
    with db.write():
        ledger.append("hours.approved", statement={}, values={}, received={})
    assert looks() == {}
    early = clock.now() - timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: early)
    assert "clock" in looks()


def test_a_record_whose_end_was_cut_off(settings):
    with db.write():
        ledger.append("hours.approved", statement={}, values={}, received={})
    look(settings, lambda c: (c.exec_driver_sql("UPDATE ledger_head SET size = 0"), c.commit()))
    assert looks()["record"] == "Its end was changed: lms ledger verify"


def test_a_time_zone_that_nobody_knows(settings):
    with db.write():
        db.session.query(School).update({"zone": "America/Los_Gatos"})
    assert "time zone" in looks()


def test_a_demo_school_in_production(settings, monkeypatch):
    with db.write():
        db.session.query(School).update({"demo": True})
    assert "demo" not in looks()
    use(monkeypatch, replace(settings, env="production", smtp_url=None))
    assert "demo" in looks()


def test_redis_and_the_mail_server_away(settings, monkeypatch):
    away = replace(settings, redis_url="redis://127.0.0.1:1/0", smtp_url="smtp://127.0.0.1:1")
    use(monkeypatch, away)
    assert set(looks()) == {"queue", "mail"}


def test_a_port_that_something_else_took(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.1)
        doctor_port = other.getsockname()[1]
        found = {f.check: f for f in _with_short_waits(doctor_port)}
        assert "taken by something else" in found["port"].says


def _with_short_waits(port: int):
    before, doctor.WAIT = doctor.WAIT, 0.2
    try:
        return doctor.examine(port)
    finally:
        doctor.WAIT = before


def test_a_folder_that_cannot_be_written(settings, monkeypatch, tmp_path):
    (tmp_path / "a-file").write_text("")
    use(monkeypatch, replace(settings, data_dir=tmp_path / "a-file" / "data"))
    assert "data folder" in looks()


def test_the_machine_has_what_documents_need():
    found = list(doctor._machine(None))  # type: ignore[arg-type]
    assert [f.check for f in found] == ["system libraries", "WeasyPrint"]
    assert all(f.holds for f in found)
