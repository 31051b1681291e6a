"""What a test may turn, and the clock that the stand-in goes by.

In: values for the fields of `Knobs`, a speed, steps forward. Out: the time.
Refused: knobs that are not fields (TypeError); their values are taken as they are.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal


@dataclass
class Knobs:
    """What a test may turn, before the start or while the stand-in runs (`sandbox.knobs`)."""

    null_rate: float = 0.1  # how often a field that Hootsuite adds is null
    one_message_as: Literal["array", "object"] = "array"  # `data` of GET /v1/messages/{id}
    time_zone_field: Literal["defaultTimezone", "timezone"] = "defaultTimezone"  # in GET /v1/me
    delete_answer: Literal["empty", "envelope"] = "empty"
    cursors: bool = True  # False: a full page without a cursor, as one client has seen
    requests_per_second: int | None = 20  # None: no limit
    daily_quota: int = 100_000
    content_admin: bool = True  # False: Amplify refuses what only a Content Admin may do
    processing_seconds: float = 1.0  # from the upload to READY, by the clock
    upload_url_seconds: int = 1799
    check_contract: bool = True
    # Webhooks, in real seconds: receivers live by the real clock.
    webhook_seconds: float = 5.0  # how long events are collected before a batch goes out,
    webhook_batch: int = 100  # unless so many wait
    webhook_timeout: float = 10.0  # within which a receiver has to answer
    webhook_retry_seconds: float = 5.0  # from a failed delivery to the next try
    webhook_failures: int = 5  # one after the other, until the address is disabled
    sign_ad_hoc_with: str | None = None  # a secret, in case the addresses in webhookUrls get signatures too


class SandboxClock:
    """The stand-in's time: the real time, unless it is sped up or moved forward by hand."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._started = time.time()
        self._ahead = 0.0

    def now(self) -> datetime:
        passed = (time.time() - self._started) * self._speed
        return datetime.fromtimestamp(self._started + passed + self._ahead, UTC)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
