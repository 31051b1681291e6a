"""Connectors written as YAML, carried out.

    from connector_runtime import InputError, RemoteError, load

    connector = load("./my-connector")                  # a folder, or the name of an installed connector
    account = connector.connect(access_token="…")       # the fields of the way to sign in
    print(account.try_("get_message", {"messageId": "7"}))      # the request; nothing is sent
    print(account.run("get_message", {"messageId": "7"}))       # the output
    for message in account.records("list_messages", {…}): …     # all records of a list, page after page

    for event in connector.receive("orders", headers=…, body=b"…", secret="…"): …     # a webhook call, verified and split
    for event in account.follow("upload_file", outcome): …      # what becomes of an action, as it comes

Whatever goes wrong is a ConnectorError with one sentence for people: InputError (nothing was sent), SignInError,
RemoteError, RateLimited, UnknownOutcome (it may have happened: look before doing it again), SignatureError (a webhook
is not from who it says), OutputError, ManifestError.

Each name is imported when it is first used, so that `connector --help` need not wait for an HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Account as Account
    from .connector import Connector as Connector
    from .connector import load as load
    from .errors import ConnectorError as ConnectorError
    from .errors import InputError as InputError
    from .errors import InputProblem as InputProblem
    from .errors import ManifestError as ManifestError
    from .errors import OutputError as OutputError
    from .errors import Problem as Problem
    from .errors import RateLimited as RateLimited
    from .errors import RemoteError as RemoteError
    from .errors import SignatureError as SignatureError
    from .errors import SignInError as SignInError
    from .errors import UnknownOutcome as UnknownOutcome
    from .events import Event as Event
    from .messages import NoAnswer as NoAnswer
    from .messages import Request as Request
    from .messages import Response as Response
    from .messages import Timeouts as Timeouts
    from .model import Operation as Operation
    from .model import Trigger as Trigger
    from .subscriptions import Subscriptions as Subscriptions
    from .topics import match_topic as match_topic
    from .webhooks import Received as Received

_HOMES = {
    "Account": "account",
    "Connector": "connector",
    "ConnectorError": "errors",
    "Event": "events",
    "InputError": "errors",
    "InputProblem": "errors",
    "ManifestError": "errors",
    "NoAnswer": "messages",
    "Operation": "model",
    "OutputError": "errors",
    "Problem": "errors",
    "RateLimited": "errors",
    "Received": "webhooks",
    "RemoteError": "errors",
    "Request": "messages",
    "Response": "messages",
    "SignInError": "errors",
    "SignatureError": "errors",
    "Subscriptions": "subscriptions",
    "Timeouts": "messages",
    "Trigger": "model",
    "UnknownOutcome": "errors",
    "load": "connector",
    "match_topic": "topics",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
