"""What every API request passes on its way in and out, whichever route it is for.

In: raw requests. Out: the routes' answers with the account's headers; refusals in their family's envelope.
Refused: no token or a dead one (401), too many requests (429), unknown paths and methods (404, 405).
All is recorded, and checked against the published specification when that is at hand.
"""

import re
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from .amplify import amplify_routes
from .api import rest_routes
from .contract import Contract
from .control import Control
from .knobs import Knobs
from .state import Account
from .wire import Problem, Refused, error_answer

LARGEST_BODY = 1024 * 1024
BEARER = re.compile(r"Bearer ([^\s,]+)", re.IGNORECASE)
PROBLEMS = {404: (4001, "Resource not found"), 405: (5001, "HTTP method not permitted")}


class OneAtATime(Flask):
    """Routes run one after the other, so that none sees another's half-done work."""

    account: Account

    def dispatch_request(self) -> Any:
        with self.account.lock:
            return super().dispatch_request()


def build_api(account: Account, control: Control, contract: Contract | None) -> Flask:
    app = OneAtATime(__name__, static_folder=None)
    app.account = account
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.wsgi_app = keep_slashes(app.wsgi_app)  # type: ignore[method-assign]
    app.register_blueprint(rest_routes(account))
    app.register_blueprint(amplify_routes(account))
    limits = Limits(account)

    @app.before_request
    def enter() -> Response | None:
        g.recorded = control.record(request, "api")
        g.recorded.body = request.get_data()
        g.recorded.size = len(g.recorded.body)
        g.script = control.take(request.method, g.recorded.path)
        if g.script and not g.script.carried_out:
            return control.play(g.script, request)
        _check_token(account)
        limits.check()
        return None

    @app.errorhandler(Refused)
    def refused(refusal: Refused) -> Response:
        return error_answer(request.path, refusal.status, refusal.problems, account.new_uuid)

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> Response:
        status = error.code or 500
        code, message = PROBLEMS.get(status, (4000, error.name))
        return error_answer(request.path, status, [Problem(code, message)], account.new_uuid)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        where = traceback.extract_tb(error.__traceback__)[-1]
        control.violations.append(f"the stand-in itself failed: {error!r} at {where.name}:{where.lineno}")
        problem = Problem(9000, "An internal error occurred")
        return error_answer(request.path, 500, [problem], account.new_uuid)

    @app.after_request
    def leave(answer: Response) -> Response:
        script = g.get("script")
        if script is None or script.carried_out:
            for name, value in limits.headers().items():
                answer.headers[name] = value
            if contract and account.knobs.check_contract:
                control.violations.extend(contract.check(g.recorded, answer))
        if script and script.carried_out:
            answer = control.play(script, request)
        g.recorded.status = None if script and script.status is None else answer.status_code
        if answer.status_code == 413:
            answer.headers["Connection"] = "close"  # too large to be read: what follows is no request
        return answer

    return app


def keep_slashes(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """An escaped slash stays inside its path segment, as `%2F`: media ids hold slashes."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environ["RAW_URI"].partition("?")[0]
        path = unquote(re.sub("%2F", "%252F", raw, flags=re.IGNORECASE), "latin-1")
        return application(environ | {"PATH_INFO": path}, start_response)

    return wrapped


def _check_token(account: Account) -> None:
    match = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Refused(401, Problem(1000, "Missing or duplicate access token"))
    if match[1] not in account.tokens:
        raise Refused(401, Problem(1001, "Invalid access token"))


class Limits:
    """Twenty requests in any second per account, whatever its tokens, in real time since clients pace themselves by it; and the
    account's quota for a day, by the stand-in's clock. What is refused does not count."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._recent: deque[float] = deque()
        self._day: date | None = None
        self._used = 0

    @property
    def _knobs(self) -> Knobs:
        return self._account.knobs

    def check(self) -> None:
        with self._account.lock:
            self._new_day()
            if self._used >= self._knobs.daily_quota:
                raise Refused(429, Problem(1003, "Account plan limit exceeded"))
            recent, now = self._recent, time.monotonic()
            while recent and recent[0] <= now - 1:
                recent.popleft()
            limit = self._knobs.requests_per_second
            if limit is not None:
                g.remaining = max(0, limit - len(recent) - 1)
                if len(recent) >= limit:
                    raise Refused(429, Problem(1043, "Too many requests"))
            recent.append(now)
            self._used += 1

    def headers(self) -> dict[str, str]:
        quota = f"{self._knobs.daily_quota} per day"
        shown = {"X-Account-Quota": quota, "X-Account-Quota-Used": str(self._used)}
        if "remaining" in g:
            shown["X-Account-Rate-Limit-Requests-Remaining"] = str(g.remaining)
        return shown

    def _new_day(self) -> None:
        today = self._account.clock.now().date()
        if today != self._day:
            self._day, self._used = today, 0
