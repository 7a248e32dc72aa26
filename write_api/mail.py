"""Mail: letters to people, by SMTP where a server is set, else as files in a folder for whoever runs this.

``password_resets`` enters here. A letter may hold a secret of its reader, so files are their owner's alone, and no log
line has an address or a text. A server that is away gets the letter a few times more; then it is lost, and the person
asks again.
"""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

import aiosmtplib
from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from write_api.settings import WriteApiSettings

TRIES: Final = 4
SMTP_WITHIN_S: Final = 10.0
"""For one try, from connecting to the server's word that it has the letter."""

_log = logging.getLogger(__name__)

Deliver = Callable[[EmailMessage], Awaitable[None]]


class Mail:
    """Writes letters ``from_`` somebody and has them delivered."""

    def __init__(self, from_: str, deliver: Deliver) -> None:
        self._from = from_
        self._deliver = deliver

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a letter. Never raises for the mail server's sake."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._from, to, subject
        letter.set_content(text)
        try:
            await self._deliver(letter)
        except (RetryError, OSError) as error:
            _log.warning("a letter was not delivered", extra={"cause": type(error).__name__})


def mail(settings: WriteApiSettings) -> Mail:
    """Return the way that the settings choose."""
    if settings.smtp_host:
        return Mail(settings.mail_from, partial(_by_smtp, settings))
    return Mail(settings.mail_from, partial(_to_folder, settings.mail_dir))


async def _by_smtp(settings: WriteApiSettings, letter: EmailMessage) -> None:
    async for attempt in AsyncRetrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential_jitter(initial=1, max=10),
        retry=retry_if_exception_type((aiosmtplib.SMTPException, OSError)),
    ):
        with attempt:
            await aiosmtplib.send(
                letter,
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user or None,
                password=settings.smtp_password.get_secret_value() or None,
                timeout=SMTP_WITHIN_S,
                use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls",
            )


async def _to_folder(folder: Path, letter: EmailMessage) -> None:
    await asyncio.to_thread(_write, folder, letter)


def _write(folder: Path, letter: EmailMessage) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(4)}.eml"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(bytes(letter))
