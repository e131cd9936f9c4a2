"""`lms user add`: the first admin, or anybody else, from the console."""

import argparse

from lms.access import Role
from lms.accounts import service, tokens
from lms.accounts.rules import TOKEN_LIFETIME, TokenKind
from lms.db import db
from lms.i18n import LANGUAGES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True)
    add = commands.add_parser("add", help="add a person and print their invitation link")
    add.add_argument("--name", required=True, help="the legal name, as it will be printed")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--email", help="where the invitation is mailed as well")
    add.add_argument("--login-name", help="for a person without email; made from the name when left out")
    add.add_argument("--language", choices=list(LANGUAGES), help="the language of their pages and letters")


def run(args: argparse.Namespace) -> int:
    with db.write():
        user = service.create(
            legal_name=args.name,
            role=Role(args.role),
            email=args.email,
            login_name=args.login_name,
            locale=args.language,
        )
        token = service.invite(user.id, by=None)
    days = TOKEN_LIFETIME[TokenKind.INVITATION].days
    print(f"{user.legal_name} is added as {user.role}. They sign in as {user.email or user.login_name}.")
    print(f"The invitation works once, for {days} days:")
    print(tokens.link(token))
    return 0
