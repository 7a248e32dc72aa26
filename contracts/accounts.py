"""Accounts on the wire: bodies of the calls by which people register, log in and leave.

``write_api`` enters here. Responses are snake_case; requests also take the camelCase names. Passwords and tokens arrive
as secrets: neither a repr nor an error shows them.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, EmailStr, Field, SecretStr

from contracts.commands import Text
from contracts.wire import Id

MIN_PASSWORD: Final = 12
"""Characters. Length is what counts: no rules of which characters, no change by the calendar (NIST SP 800-63B)."""
MAX_PASSWORD: Final = 256
"""Hashing a longer one would be work for whoever asks for it."""
MAX_SECRET: Final = 128
"""Characters of a refresh or reset token; ours have fewer."""


def _one_line(text: str) -> str:
    if not text.isprintable():
        msg = "must be one line that can be printed"
        raise ValueError(msg)
    return text


_OneLine = Annotated[Text, AfterValidator(_one_line)]
_Password = Annotated[SecretStr, Field(max_length=MAX_PASSWORD)]
_NewPassword = Annotated[SecretStr, Field(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
_UserId = Annotated[Id, Field(validation_alias=AliasChoices("userId", "user_id"))]
_Token = Annotated[SecretStr, Field(min_length=1, max_length=MAX_SECRET)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class NewAccount(_Request):
    """``POST /api/accounts``; ``email``: where a link goes when the password is forgotten."""

    user_id: _UserId
    password: _NewPassword
    display_name: Annotated[_OneLine, Field(validation_alias=AliasChoices("displayName", "display_name"))]
    email: EmailStr | None = None


class LogIn(_Request):
    """``POST /api/sessions``."""

    user_id: _UserId
    password: _Password


class Refresh(_Request):
    """``POST /api/sessions/refresh``; a browser sends its cookie instead."""

    refresh_token: Annotated[_Token | None, Field(validation_alias=AliasChoices("refreshToken", "refresh_token"))] = (
        None
    )


class ForgottenPassword(_Request):
    """``POST /api/password-resets``."""

    user_id: _UserId


class NewPassword(_Request):
    """``POST /api/password-resets/confirmation``; ``token``: from the mailed link."""

    token: _Token
    password: _NewPassword


class NewRole(_Request):
    """``PUT /api/accounts/{user_id}/role``."""

    role: Literal["customer", "organiser", "operator"]


class Account(BaseModel):
    """An account, as its owner sees it."""

    user_id: str
    display_name: str
    email: str | None
    role: Literal["customer", "organiser", "operator"]
    created_at: str


class SessionTokens(BaseModel):
    """201 of ``POST /api/sessions`` and 200 of its refresh; the same are set as cookies. ``expires_in``: seconds."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    session_id: str


class Session(BaseModel):
    """A session of the caller's; ``current``: the one that asks."""

    session_id: str
    user_agent: str
    created_at: str
    refreshed_at: str
    expires_at: str
    current: bool
