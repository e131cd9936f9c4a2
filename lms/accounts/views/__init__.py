"""The pages of accounts: sign in, links, one's own account, and the people of the school."""

from lms.accounts.views import account, links, people, second_step, sign_in
from lms.accounts.views.blueprint import bp

__all__ = ["account", "bp", "links", "people", "second_step", "sign_in"]
