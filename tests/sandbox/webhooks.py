"""Webhooks: every change of a message's state is told to the addresses that want to know.

In: changes from the account; addresses registered by hand, as in Hootsuite's portal, and those in the `webhookUrls`
of messages. Out: POST requests, each with a JSON array of events, signed where the address is registered.
Refused: registering an address that is not `http://` on this machine, or one twice (ValueError).

Different from Hootsuite, which wants public addresses on the ports 80, 8080, 443 and 8443: the stand-in never leaves
the machine. Only 127.0.0.1, localhost and [::1] are contacted, on any port and without TLS; what was meant for others
is kept in `not_delivered`. A ping is sent when a test asks for one, never by itself, not even at registration.

One thread does it all, so that no address waits for another and stopping ends what hangs: it looks at the clock every
few milliseconds, and each delivery is a task of its own.
"""

import asyncio
import concurrent.futures
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any

from .knobs import Knobs
from .post import is_on_this_machine, post
from .signing import Signing
from .state import ORGANIZATION, Account, Change
from .wire import show_time_with_milliseconds

MESSAGE_EVENT = "com.hootsuite.messages.event.v1"
PING = {"type": "com.hootsuite.ping.event.v1", "data": {}}
FIRST_NUMBER = 2**53 + 1  # the first whole number that is another one after a trip through a float
LARGEST_BATCH = 500
MOST_WAITING = 1000  # at a disabled address
LOOK_SECONDS = 0.02  # between two looks at the clock


@dataclass(frozen=True)
class Event:
    """One event on its way to one address; `since` is when it began to wait, by `time.monotonic()`."""

    number: int
    data: dict[str, Any]
    since: float

    def record(self) -> dict[str, Any]:
        return {"seq_no": str(self.number), "type": MESSAGE_EVENT, "data": self.data}


@dataclass(frozen=True)
class Delivery:
    """One request to an address, once it is over."""

    at: float  # when it was sent, by time.monotonic()
    headers: dict[str, str]
    body: bytes
    events: int  # 0: a ping
    status: int | None  # None: no whole answer in time

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299


@dataclass(frozen=True)
class NotDelivered:
    """An event for an address that the stand-in doesn't contact."""

    url: str
    message_id: str
    state: str


@dataclass(eq=False)
class Hook:
    """An address, what waits for it, and what was sent to it. Tests read all of it; `Webhooks` writes.

    A delivery is entered last: once it stands there, all else says what came of it.
    """

    url: str
    signing: Signing | None  # None: ad hoc, from a message's webhookUrls
    lock: AbstractContextManager[object]  # the account's
    disabled: bool = False
    failures: int = 0  # deliveries that failed since the last that did not
    dropped: int = 0  # events given up while the address was disabled
    deliveries: list[Delivery] = field(default_factory=list)  # pings too
    _queue: deque[Event] = field(default_factory=deque)
    _sending: bool = False
    _last_sent: float = 0.0
    _retry_at: float = 0.0

    @property
    def waiting(self) -> int:
        """How many events have not been delivered yet; those on their way still wait."""
        with self.lock:
            return len(self._queue)

    def put(self, event: Event) -> None:
        self._queue.append(event)
        self._drop_oldest()

    def take(self, knobs: Knobs, now: float) -> list[Event]:
        """What is to be sent now, and is on its way from now on; it waits until `settle` says that it arrived."""
        if not self._queue or self._sending or self.disabled or not self._is_due(knobs, now):
            return []
        self._sending, self._last_sent = True, now
        return list(itertools.islice(self._queue, LARGEST_BATCH))

    def settle(self, knobs: Knobs, sent: list[Event], delivery: Delivery | None) -> None:
        """Ends a delivery; None: stopped in the middle. What did not arrive stays at the front, so a retry is the
        same events and then newer ones."""
        self._sending = False
        if delivery is None:
            return
        if delivery.accepted:
            self.failures = 0
            while self._queue and self._queue[0].number <= sent[-1].number:
                self._queue.popleft()
        else:
            self.failures += 1
            self._retry_at = time.monotonic() + knobs.webhook_retry_seconds
            self.disabled = self.failures >= knobs.webhook_failures
            self._drop_oldest()
        self.deliveries.append(delivery)

    def _is_due(self, knobs: Knobs, now: float) -> bool:
        if self.failures:
            return now >= self._retry_at
        collected = now - max(self._queue[0].since, self._last_sent)
        return len(self._queue) >= knobs.webhook_batch or collected >= knobs.webhook_seconds

    def _drop_oldest(self) -> None:
        while self.disabled and len(self._queue) > MOST_WAITING:
            self._queue.popleft()
            self.dropped += 1


class Webhooks:
    """All addresses of a stand-in. Whatever touches them holds the account's lock."""

    def __init__(self, account: Account) -> None:
        self.hooks: list[Hook] = []  # registered and ad hoc, in the order in which they became known
        self.not_delivered: list[NotDelivered] = []
        self._account = account
        self._numbers: dict[str, Iterator[int]] = {}  # by address, also where it is both registered and ad hoc
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        account.on_change = self._note

    def register(self, url: str, signing: Signing) -> Hook:
        if not is_on_this_machine(url):
            raise ValueError(f"{url} is not http:// on this machine, and the stand-in contacts nothing else")
        with self._account.lock:
            if any(hook.url == url for hook in self.hooks if hook.signing):
                raise ValueError(f"{url} is registered already")
            self.hooks.append(Hook(url, signing, self._account.lock))
            return self.hooks[-1]

    def ping(self, hook: Hook) -> bool:
        """Sends a ping; whether it was answered with success. If so, the address is enabled."""
        if self._loop is None:
            raise RuntimeError("the stand-in is not running")
        sending = asyncio.run_coroutine_threadsafe(self._ping(hook), self._loop)
        try:
            return sending.result(self._account.knobs.webhook_timeout + 1)
        except (concurrent.futures.CancelledError, TimeoutError):  # stopped meanwhile
            return False

    # -- the account's side: what is to be told, and to whom ---------------------------------------------

    def _note(self, change: Change) -> None:
        """Queues a change at every address it is for. Ad hoc ones hear of what came about through the API."""
        for hook in self.hooks:
            if hook.signing:
                self._queue(hook, change)
        if change.in_dashboard:
            return
        for url in dict.fromkeys(change.message.written.get("webhookUrls", ())):
            if is_on_this_machine(url):
                self._queue(self._ad_hoc(url), change)
            else:
                self.not_delivered.append(NotDelivered(url, change.message.id, change.state))

    def _ad_hoc(self, url: str) -> Hook:
        for hook in self.hooks:
            if hook.url == url and not hook.signing:
                return hook
        self.hooks.append(Hook(url, None, self._account.lock))
        return self.hooks[-1]

    def _queue(self, hook: Hook, change: Change) -> None:
        number = next(self._numbers.setdefault(hook.url, itertools.count(FIRST_NUMBER)))
        data = {
            "state": change.state,
            "organization": {"id": ORGANIZATION} if change.message.profile.owned_by_organization else None,
            "message": {"id": change.message.id},
            "timestamp": show_time_with_milliseconds(change.at),
        }
        hook.put(Event(number, data, time.monotonic()))

    # -- the thread ----------------------------------------------------------------------------------------

    def start(self) -> None:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="sandbox webhooks", daemon=True)
        self._thread.start()
        started.wait()

    def stop(self) -> None:
        """Ends deliveries in the middle, if need be: their events wait for the next start."""
        if self._thread and self._loop and self._work:
            with suppress(RuntimeError):  # the thread has failed and its loop is closed
                self._loop.call_soon_threadsafe(self._work.cancel)
            self._thread.join()
        self._thread = self._loop = self._work = None

    def _run(self, started: threading.Event) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._main(started))

    async def _main(self, started: threading.Event) -> None:
        self._loop, self._work = asyncio.get_running_loop(), asyncio.current_task()
        started.set()
        async with asyncio.TaskGroup() as deliveries:
            while True:
                for hook, events in self._due():
                    deliveries.create_task(self._deliver(hook, events))
                await asyncio.sleep(LOOK_SECONDS)

    def _due(self) -> list[tuple[Hook, list[Event]]]:
        with self._account.lock:
            if self.hooks:
                _ = self._account.messages  # reading them sends those whose time has come
            now = time.monotonic()
            taken = [(hook, hook.take(self._account.knobs, now)) for hook in self.hooks]
        return [(hook, events) for hook, events in taken if events]

    async def _deliver(self, hook: Hook, events: list[Event]) -> None:
        delivery = None
        try:
            delivery = await self._send(hook, [event.record() for event in events], len(events))
        finally:
            with self._account.lock:
                hook.settle(self._account.knobs, events, delivery)

    async def _ping(self, hook: Hook) -> bool:
        ping = await self._send(hook, [PING], 0)
        with self._account.lock:
            if ping.accepted:
                hook.disabled, hook.failures = False, 0
            hook.deliveries.append(ping)
        return ping.accepted

    async def _send(self, hook: Hook, records: list[dict[str, Any]], events: int) -> Delivery:
        knobs = self._account.knobs
        # Spaced as neither Python nor JavaScript does it: a receiver that writes the JSON anew before it checks
        # the signature is found out.
        body = json.dumps(records, separators=(" ,", ":")).encode()
        headers = {"Content-Type": "application/json"}
        signing = hook.signing or (Signing(knobs.sign_ad_hoc_with) if knobs.sign_ad_hoc_with else None)
        if signing:
            headers["X-Hootsuite-Signature"] = signing.header(body)
        at = time.monotonic()
        status = await post(hook.url, headers, body, knobs.webhook_timeout)
        return Delivery(at, headers, body, events, status)
