"""`lms keys`: the school's signing keys."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from lms.errors import RuleBroken
from lms.ledger import keys, service

ASK = "LMS_KEY_PASSPHRASE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("new", help="make the school's first key")
    acts.add_parser("rotate", help="let a new key take over, vouched for by the old one")
    acts.add_parser("list", help="every key there ever was")
    for act, about in (
        ("export", "write the private key, encrypted"),
        ("import", "bring an exported key back"),
    ):
        command = acts.add_parser(act, help=f"{about}; the passphrase is asked for, or read from {ASK}")
        command.add_argument("file", type=Path)
    acts.choices["export"].add_argument("--key", help="the key's id; the one in use where left out")


def run(args: argparse.Namespace) -> int:
    return {"new": _new, "rotate": _rotate, "list": _list, "export": _export, "import": _import}[args.act](args)


def _new(_: argparse.Namespace) -> int:
    print(f"The school's key is {service.new_key().id}.")
    print(f"Keep a copy of it elsewhere: lms keys export FILE. It is in {keys.folder()}.")
    return 0


def _rotate(_: argparse.Namespace) -> int:
    entry = service.rotate_key()
    print(f"Entry {entry.seq}, sealed by {entry.key_id}, hands over to {service.key_in_use()}.")
    print("Export the new key too, and hand out the new file of public keys.")
    return 0


def _list(_: argparse.Namespace) -> int:
    here = keys.present(keys.folder())
    in_use = service.key_in_use()
    for key in service.public_keys():
        state = "in use" if key.id == in_use else f"until entry {key.last_seq}"
        place = "private key here" if key.id in here else "private key not on this machine"
        print(f"{key.id}  {key.created_at[:10]}  {state}, {place}")
    return 0


def _export(args: argparse.Namespace) -> int:
    key_id = args.key or service.key_in_use()
    exported = keys.export(keys.folder(), key_id, _passphrase(twice=True))
    try:
        handle = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise RuleBroken(f"{args.file} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(exported)
    print(f"Key {key_id} is in {args.file}. Without the passphrase nobody can use it.")
    return 0


def _import(args: argparse.Namespace) -> int:
    try:
        exported = args.file.read_bytes()
    except OSError as error:
        raise RuleBroken(f"{args.file} cannot be read: {error.strerror}.") from error
    print(f"Key {keys.bring_back(keys.folder(), exported, _passphrase())} is on this machine.")
    return 0


def _passphrase(*, twice: bool = False) -> str:
    if given := os.environ.get(ASK):
        return given
    if not sys.stdin.isatty():
        raise RuleBroken(f"Give the passphrase in {ASK}, or run this where it can be typed.")
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Again: ") != typed:
        raise RuleBroken("The two passphrases differ.")
    return typed
