"""The `lms` command. Each command's module is loaded on use: `lms verify` needs no web server and no database."""

import argparse
import importlib
import sys
from dataclasses import dataclass

from lms.errors import SchoolError, UnsafeConfiguration


@dataclass(frozen=True)
class Command:
    module: str  # has add_arguments(parser) and run(args) -> exit code
    about: str
    app: bool = False  # runs inside the application


COMMANDS = {
    "serve": Command("lms.serve", "serve the school: web server and worker"),
    "worker": Command("lms.worker", "do the jobs: documents, mail, sweeps"),
    "demo": Command("lms.demo.commands", "make the demo school", app=True),
    "db": Command("lms.migrate_commands", "bring the database's schema to head, or check it"),
    "content": Command("lms.catalog.commands", "check, publish and list courses", app=True),
    "user": Command("lms.accounts.commands", "add a person from the console", app=True),
    "keys": Command("lms.ledger.key_commands", "the school's signing keys", app=True),
    "ledger": Command("lms.ledger.commands", "verify the signed record", app=True),
    "verify": Command("lms.ledger.offline", "verify an exported sheet or certificate, offline"),
    "backup": Command("lms.backup_commands", "write a backup"),
    "restore": Command("lms.backup_commands", "restore a backup"),
    "doctor": Command("lms.doctor", "say what is wrong with this installation and how to mend it"),
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="lms", description="Steadyhand: teach, watch, sign and certify aide trainees.")
    top.add_argument("command", choices=COMMANDS, metavar="command", help=", ".join(COMMANDS))
    top.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    top = parser()
    if arguments in (["-h"], ["--help"], []):
        top.print_help()
        return 0 if arguments else 2
    name = top.parse_args(arguments[:1]).command
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    sub = argparse.ArgumentParser(prog=f"lms {name}", description=command.about)
    sub.set_defaults(command=name)
    module.add_arguments(sub)
    args = sub.parse_args(arguments[1:])
    try:
        needs_app = command.app and getattr(module, "needs_app", lambda _args: True)(args)
        return _in_app(module, args) if needs_app else module.run(args)
    except UnsafeConfiguration as error:
        print("The configuration is not safe to start with:", *error.problems, sep="\n  ", file=sys.stderr)
        return 1
    except SchoolError as error:
        print(error, file=sys.stderr)
        return 1


def _in_app(module, args: argparse.Namespace) -> int:
    from lms.app import create_app

    with create_app().app_context():
        return module.run(args)


if __name__ == "__main__":
    sys.exit(main())
