"""Triggers that refuse to change what was signed or issued: their text, how they are made, whether they are there."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

MESSAGE = "this record is signed or issued and may not change"


@dataclass(frozen=True)
class Frozen:
    """`table`'s rows are frozen while `when` (SQL about `{row}`) holds; None means always."""

    table: str
    when: str | None
    insert: bool

    @property
    def events(self) -> tuple[str, ...]:
        return ("update", "delete", "insert") if self.insert else ("update", "delete")

    def condition(self, event: str) -> str:
        """SQL that is true when the event must be refused."""
        if self.when is None:
            return "true"
        rows = {
            "update": ("OLD", "NEW") if self.insert else ("OLD",),
            "delete": ("OLD",),
            "insert": ("NEW",),
        }[event]
        return " OR ".join(f"({self.when.format(row=row)})" for row in rows)


def statements(frozen: Frozen, dialect: str) -> dict[str, str]:
    """{trigger name: SQL that makes it}. PostgreSQL's refuse TRUNCATE as well."""
    return _sqlite(frozen) if dialect == "sqlite" else _postgresql(frozen)


def _sqlite(frozen: Frozen) -> dict[str, str]:
    return {
        f"frozen_{frozen.table}_{event}": (
            f"CREATE TRIGGER frozen_{frozen.table}_{event} BEFORE {event.upper()} ON {frozen.table} FOR EACH ROW "
            f"WHEN {frozen.condition(event)} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        for event in frozen.events
    }


def _postgresql(frozen: Frozen) -> dict[str, str]:
    made = {}
    for event in frozen.events:
        name = f"frozen_{frozen.table}_{event}"
        result = "OLD" if event == "delete" else "NEW"
        made[name] = (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {frozen.condition(event)} THEN RAISE EXCEPTION '{MESSAGE}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END $$; "
            f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {frozen.table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    name = f"frozen_{frozen.table}_truncate"
    made[name] = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$; "
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {frozen.table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )
    return made


def install(connection: Connection, declared: Iterable[Frozen]) -> None:
    """Drop every freeze trigger and make the declared ones, for the tables that exist."""
    dialect = connection.dialect.name
    tables = set(inspect(connection).get_table_names())
    for name, table in _installed(connection):
        connection.execute(text(f"DROP TRIGGER {name}" + ("" if dialect == "sqlite" else f" ON {table}")))
    for name in _functions(connection):
        connection.execute(text(f"DROP FUNCTION {name}()"))
    for frozen in declared:
        if frozen.table in tables:
            for sql in statements(frozen, dialect).values():
                connection.exec_driver_sql(sql)


def _installed(connection: Connection) -> list[tuple[str, str]]:
    sql = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'frozen!_%' ESCAPE '!'"
        if connection.dialect.name == "sqlite"
        else "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgname LIKE 'frozen!_%' ESCAPE '!' AND n.nspname = current_schema()"
    )
    return [(row[0], row[1]) for row in connection.execute(text(sql))]


def _functions(connection: Connection) -> list[str]:
    """PostgreSQL's halves of the triggers: they outlive a table that is dropped, or a trigger that somebody drops."""
    if connection.dialect.name == "sqlite":
        return []
    sql = (
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE p.proname LIKE 'frozen!_%' ESCAPE '!' AND n.nspname = current_schema()"
    )
    return list(connection.execute(text(sql)).scalars())


def differences(connection: Connection, declared: Iterable[Frozen]) -> list[str]:
    """Sentences about triggers that are missing, disabled, foreign or worded otherwise than declared."""
    dialect = connection.dialect.name
    wanted = {name: sql for frozen in declared for name, sql in statements(frozen, dialect).items()}
    found = _texts(connection)
    problems = [f"trigger {name} is missing" for name in sorted(wanted.keys() - found.keys())]
    problems += [f"trigger {name} is not one of ours" for name in sorted(found.keys() - wanted.keys())]
    problems += [
        f"trigger {n} is not as declared" for n in sorted(wanted.keys() & found.keys()) if found[n] not in wanted[n]
    ]
    return problems


def _texts(connection: Connection) -> dict[str, str]:
    """{name: a text that must stand inside the declared SQL}; a disabled trigger has a text that never does."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'frozen%'")
        )
        return {row[0]: row[1] for row in rows}
    rows = connection.execute(
        text(
            "SELECT t.tgname, CASE WHEN t.tgenabled = 'O' THEN p.prosrc ELSE 'disabled' END FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND t.tgname LIKE 'frozen%' AND n.nspname = current_schema()"
        )
    )
    return {row[0]: row[1] for row in rows}
