"""Mail: SMTP where configured; else a file a letter in the data folder, named in the log (never its text)."""

import logging
import os
import re
import secrets
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from flask import current_app

log = logging.getLogger("lms.mail")
TIMEOUT = 20


def letter(to: str, subject: str, body: str) -> EmailMessage:
    """A plain letter. Line breaks in the address or subject become spaces: they add no headers."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = re.sub(r"\s+", " ", subject).strip()
    message["From"] = Address("Steadyhand", addr_spec=current_app.config["MAIL_FROM"])
    message["To"] = Address(addr_spec=re.sub(r"\s+", "", to))
    message.set_content(body)
    return message


def send(to: str, subject: str, body: str) -> None:
    """Deliver now. Only the worker calls this: never inside a request or a write."""
    message = letter(to, subject, body)
    if url := current_app.config.get("SMTP_URL"):
        _smtp(url, message)
    else:
        _file(message)


def _smtp(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    secure = parts.scheme == "smtps"
    port = parts.port or (465 if secure else 587 if parts.username else 25)
    connect = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        if secure
        else smtplib.SMTP(host, port, timeout=TIMEOUT)
    )
    with connect as server:
        if not secure and parts.username:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _file(message: EmailMessage) -> None:
    folder = current_app.config["DATA_DIR"] / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(8)}.eml"
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(bytes(message))
    log.info("mail written to mail/%s", name)
