"""`make demo`: the main job, from an image to a published post, and every event that comes of it, on the stand-in.

Starts the stand-in and a small receiver for its webhooks, both on loopback, and then uses the public interface of the
runtime only. Prints what happens, each event as it arrives, and ends with a table. Exit status 0: all of it happened as
it should, on all six topics.
"""

from __future__ import annotations

import queue
import struct
import sys
import tempfile
import textwrap
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from connector_runtime import Account, Connector, ConnectorError, Event, InputError, RemoteError, load

from tests.sandbox import Sandbox
from tests.sandbox import state as ids

ROOT = Path(__file__).parent.parent
PATIENCE = 30
SECRET = "demo-secret-of-the-webhook"
FINAL = {ids.FACEBOOK_PAGE: "messages.published", ids.FAILING: "messages.failed"}
STEPS = 8
SHOWN = ("text", "state", "likelyReason", "cause", "mediaId", "messageId", "suggestionId")

REAL = """\
The same with the real Hootsuite:
  export HOOTSUITE_ACCESS_TOKEN=…       an access token of your account
  .venv/bin/connector run get_me
  .venv/bin/connector run list_social_profiles
  .venv/bin/connector try schedule_message --set text="Hello" \\
      --set socialProfileIds=… --set scheduledSendTime=2031-05-01T09:00 \\
      --set timeZone=Europe/Berlin
"""


def picture(width: int = 320, height: int = 200) -> bytes:
    """A real PNG: a sunrise in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((255 - y // 2, 120 + y // 3, 40 + y // 2)) * width for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def show(text: str, indent: str = "    ") -> None:
    """Prints within 79 columns."""
    print(textwrap.fill(text, 79, subsequent_indent=indent, break_on_hyphens=False), flush=True)


class Steps:
    """What was tried and what came of it, for the table at the end."""

    def __init__(self) -> None:
        self.rows: list[tuple[bool, str, str]] = []

    def add(self, ok: bool, what: str, result: str) -> None:
        """Keeps a step and prints it."""
        self.rows.append((ok, what, result))
        show(f"{'ok' if ok else 'NO'}  {what}: {result}")

    def table(self) -> str:
        """All steps, a line each."""
        width = max(len(what) for _, what, _ in self.rows)
        return "\n".join(
            f"  {'ok' if ok else 'NO':<3} {what:<{width}}  {result if len(result) <= 48 else result[:47] + '…'}"
            for ok, what, result in self.rows
        )


class Events:
    """Every event once, in the order of its arrival: what webhooks brought (completed here) and what was followed."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.seen: dict[str, Event] = {}
        self.arrived: queue.Queue[Event] = queue.Queue()

    def add(self, event: Event) -> None:
        """Prints an event, unless it is one that came before."""
        if event.id not in self.seen:
            self.seen[event.id] = event
            known = {name: str(event.data[name]) for name in SHOWN if event.data.get(name) is not None}
            said = ", ".join(f"{name} {it if ' ' in it else it[:40]}" for name, it in known.items())  # ids are long
            show(f"event  {event.type}: {said}", " " * 7)

    def wait(self, wanted: int) -> None:
        """Takes in what webhooks bring until there are as many events as wanted, or patience ends."""
        until = time.monotonic() + PATIENCE
        while len(self.seen) < wanted and time.monotonic() < until:
            try:
                event = self.arrived.get(timeout=0.2)
            except queue.Empty:
                continue
            try:
                self.add(self.account.complete(event))
            except RemoteError:  # not now; it must not be lost
                self.arrived.put(event)

    @property
    def topics(self) -> set[str]:
        """The topics of all events so far."""
        return {event.type for event in self.seen.values()}


@contextmanager
def receiver(connector: Connector, events: Events) -> Iterator[str]:
    """A server for webhook calls: believes only what is signed, answers at once, keeps the events for later."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                found = connector.receive("platform", headers=self.headers, body=body, secret=SECRET)
            except ConnectorError as error:
                show(f"refused a call: {error}")
                self.send_response(401)
            else:
                for event in found:
                    events.arrived.put(event)
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Says nothing: the events say it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(account: Account, events: Events, action: str, input_: dict[str, Any]) -> dict[str, Any]:
    """Carries an action out and takes in the events that come of it."""
    outcome: dict[str, Any] | ConnectorError
    try:
        outcome = account.run(action, input_)
    except ConnectorError as error:
        outcome = error
    for event in account.follow(action, outcome, timeout=PATIENCE, input=input_):
        events.add(event)
    if isinstance(outcome, ConnectorError):
        raise outcome
    return outcome


def demo(account: Account, events: Events, folder: Path, steps: Steps) -> None:
    """The main job."""
    me = account.probe()
    steps.add(bool(me["memberId"]), "signed in", f"{me['fullName']}, {me['timeZone']}")

    profiles = account.run("list_social_profiles")["socialProfiles"]
    steps.add(all(profile["label"].strip() for profile in profiles), "profiles", f"{len(profiles)} with labels")

    image = folder / "sunrise.png"
    image.write_bytes(picture())
    media = run(account, events, "upload_media", {"file": str(image)})
    steps.add(media["state"] == "READY", "image uploaded", f"{image.stat().st_size} bytes, {media['state']}")

    notes = folder / "notes.txt"
    notes.write_text("Not a picture.")
    try:
        run(account, events, "upload_media", {"file": str(notes)})
        steps.add(False, "text file refused", "it was taken")
    except InputError as error:
        steps.add(True, "text file refused", error.message)

    due = datetime.now(UTC) + timedelta(seconds=5)
    post = {
        "text": "The sun is up, and so is our spring menu.",
        "socialProfileIds": list(FINAL),
        "scheduledSendTime": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "media": [{"id": media["mediaId"]}],
    }
    print(f"\nTried first, without sending: {account.try_('schedule_message', post).url}\n")
    scheduled = run(account, events, "schedule_message", post)
    steps.add(
        scheduled["complete"] and len(scheduled["messageIds"]) == 2,
        "post scheduled",
        f"for {due:%H:%M:%S} UTC, 2 profiles",
    )

    suggestion = run(
        account,
        events,
        "suggest_content_to_amplify",
        {"text": "Our spring menu is here.", "suggestionReason": "Everybody asks for it.", "topics": ["Menus"]},
    )
    steps.add(bool(suggestion["suggestionId"]), "suggested to Amplify", str(suggestion["suggestionId"]))

    events.wait(len(events.seen) + 2 * len(FINAL))
    for profile, wanted in FINAL.items():
        told = [
            event.data["state"]
            for event in events.seen.values()
            if event.type.endswith(wanted) and event.data.get("socialProfileId") == profile
        ]
        what = "post published" if wanted == "messages.published" else "post that fails"
        steps.add(len(told) == 1, what, f"profile {profile}: {', '.join(told) or 'nobody told'}")


def main(secret: str = SECRET) -> int:
    """Runs the demo; the stand-in signs with that secret. Returns the exit status."""
    steps = Steps()
    connector = load(ROOT)
    topics = {it.topic for it in connector.operations.values() if it.topic}
    with Sandbox(webhook_seconds=1.0) as sandbox, tempfile.TemporaryDirectory() as folder:
        account = connector.connect(access_token=sandbox.token, base_url=sandbox.base_url)
        events = Events(account)
        with receiver(connector, events) as address:
            print(f"The stand-in for Hootsuite listens on {sandbox.base_url}")
            print(f"and sends its webhook calls to        {address}\n")
            sandbox.register_webhook(address, secret=secret)
            sandbox.state.profiles[ids.FAILING].reauth = 1  # the reason why its posts fail
            try:
                demo(account, events, Path(folder), steps)
            except Exception as error:  # the table must come, and the status must say so
                steps.add(False, "stopped", f"{type(error).__name__}: {error}")
        for violation in sandbox.violations:
            steps.add(False, "published specification", violation)
    print(f"\n{steps.table()}\n")
    for topic in sorted(topics):
        print(f"  {'ok' if topic in events.topics else 'NO':<3} {topic}")
    print(f"\n{REAL}")
    whole = len(steps.rows) == STEPS and all(ok for ok, _, _ in steps.rows)
    return 0 if whole and topics == events.topics and len(topics) == 6 else 1


if __name__ == "__main__":
    sys.exit(main())
