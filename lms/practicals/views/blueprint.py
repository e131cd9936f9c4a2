"""The one blueprint of all pages here."""

from flask import Blueprint

bp = Blueprint("practicals", __name__)
