"""`make demo`: the main job, from an image to a published post, on the stand-in.

Starts the stand-in on loopback and then uses the public interface of the runtime only. Prints what happens, step by
step, and ends with a table. Exit status 0: all of it happened as it should.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import textwrap
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector_runtime import Account, InputError, load

from tests.sandbox import Sandbox
from tests.sandbox import state as ids

ROOT = Path(__file__).parent.parent
PATIENCE = 30
FINAL = {ids.FACEBOOK_PAGE: "SENT", ids.FAILING: "SEND_FAILED_PERMANENTLY"}

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


class Steps:
    """What was tried and what came of it, for the table at the end."""

    def __init__(self) -> None:
        self.rows: list[tuple[bool, str, str]] = []

    def add(self, ok: bool, what: str, result: str) -> None:
        """Keeps a step and prints it."""
        self.rows.append((ok, what, result))
        line = f"{'ok' if ok else 'NO'}  {what}: {result}"
        print(textwrap.fill(line, 79, subsequent_indent="    ", break_on_hyphens=False), flush=True)

    def table(self) -> str:
        """All steps, a line each."""
        width = max(len(what) for _, what, _ in self.rows)
        return "\n".join(
            f"  {'ok' if ok else 'NO':<3} {what:<{width}}  {result[:48]}" for ok, what, result in self.rows
        )


def demo(account: Account, folder: Path, steps: Steps) -> None:
    """The main job."""
    me = account.probe()
    steps.add(bool(me["memberId"]), "signed in", f"{me['fullName']}, {me['timeZone']}")

    profiles = account.run("list_social_profiles")["socialProfiles"]
    steps.add(all(profile["label"].strip() for profile in profiles), "profiles", f"{len(profiles)} with labels")

    image = folder / "sunrise.png"
    image.write_bytes(picture())
    media = account.run("upload_media", {"file": str(image)})
    steps.add(media["state"] == "READY", "image uploaded", f"{image.stat().st_size} bytes, {media['state']}")

    notes = folder / "notes.txt"
    notes.write_text("Not a picture.")
    try:
        account.run("upload_media", {"file": str(notes)})
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
    print("\n" + account.try_("schedule_message", post).url + " would get the post; now it does\n")
    scheduled = account.run("schedule_message", post)
    steps.add(
        scheduled["complete"] and len(scheduled["messageIds"]) == 2,
        "post scheduled",
        f"for {due:%H:%M:%S} UTC, 2 profiles",
    )

    suggestion = account.run(
        "suggest_content_to_amplify",
        {"text": "Our spring menu is here.", "suggestionReason": "Everybody asks for it.", "topics": ["Menus"]},
    )
    steps.add(bool(suggestion["suggestionId"]), "suggested to Amplify", str(suggestion["suggestionId"]))

    for id_ in scheduled["messageIds"]:
        message = watch(account, id_)
        wanted = FINAL[message["socialProfileId"]]
        what = "post published" if wanted == "SENT" else "post that fails"
        steps.add(message["state"] == wanted, what, f"profile {message['socialProfileId']}: {message['state']}")


def watch(account: Account, message_id: str) -> dict[str, Any]:
    """The message once its state is final, or as it is when patience ends."""
    for _ in range(PATIENCE * 2):
        message = account.run("get_message", {"messageId": message_id})
        if message["state"] in FINAL.values():
            break
        time.sleep(0.5)
    return message


def main() -> int:
    """Runs the demo. Returns the exit status."""
    steps = Steps()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        print(f"The stand-in for Hootsuite listens on {sandbox.base_url}\n")
        account = load(ROOT).connect(access_token=sandbox.token, base_url=sandbox.base_url)
        try:
            demo(account, Path(folder), steps)
        except Exception as error:  # the table must come, and the status must say so
            steps.add(False, "stopped", f"{type(error).__name__}: {error}")
        for violation in sandbox.violations:
            steps.add(False, "published specification", violation)
    print(f"\n{steps.table()}\n\n{REAL}")
    return 0 if len(steps.rows) == 8 and all(ok for ok, _, _ in steps.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
