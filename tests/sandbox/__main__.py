"""`python -m tests.sandbox`: the stand-in for people. Serves until Ctrl-C or SIGTERM.

In: flags. Out: what to paste into a shell; at the end, where requests or answers left the specification.
Exit: 0, or 1 if there were such violations.
"""

import argparse
import signal
import sys
import textwrap
import time

from .server import Sandbox

WEBHOOK_SECRET = "bakery"
EXAMPLE = """\
example:
  python -m tests.sandbox --speed 60
      serves on free ports, an hour passing in a minute; paste the two
      export lines that it prints, then:
  curl -H "Authorization: Bearer $HOOTSUITE_ACCESS_TOKEN" \\
      "$HOOTSUITE_BASE_URL/v1/socialProfiles"
"""


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    limit = {"requests_per_second": None} if options.no_rate_limit else {}
    received: list[int] = []  # not an Event: a second signal while the first is handled would lock it for good
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: received.append(number))
    sandbox = Sandbox(
        speed=options.speed, seed=options.seed, port=options.port, upload_port=options.upload_port, **limit
    )
    if options.webhook:
        try:
            sandbox.register_webhook(options.webhook, secret=options.webhook_secret)
        except ValueError as error:
            parser.error(f"argument --webhook: {error}")
    with sandbox:
        _say(_greeting(sandbox))
        while not received:
            time.sleep(0.05)
    _say(f"\nStopped after {len(sandbox.requests)} requests.")
    for line in _webhook_report(sandbox):
        _say(textwrap.fill(line, 80, break_on_hyphens=False, break_long_words=False))
    if sandbox.violations:
        _say(f"{len(sandbox.violations)} times the published specification was left:")
        for violation in dict.fromkeys(sandbox.violations):
            _say(textwrap.fill(violation, 80, initial_indent="- ", subsequent_indent="  "))
    return 1 if sandbox.violations else 0


def _greeting(sandbox: Sandbox) -> str:
    checked = "every exchange is checked against the published specifications"
    unchecked = "not checked: the specifications are not in ../shared/openapi"
    webhooks = ""
    if sandbox.hooks:
        (hook,) = sandbox.hooks
        assert hook.signing
        webhooks = f"""
  webhook   {hook.url}
  secret    {hook.signing.secret}
            Each batch is signed in X-Hootsuite-Signature: the HMAC-SHA512 of
            the raw body in hex, keyed with the secret's text. Addresses in
            webhookUrls get theirs unsigned."""
    return f"""\
A stand-in for Hootsuite, on this machine only. Stop it with Ctrl-C.
  API       {sandbox.base_url}
  uploads   {sandbox.upload_url}
  token     {sandbox.token}
  contract  {checked if sandbox.contract else unchecked}{webhooks}

export HOOTSUITE_BASE_URL={sandbox.base_url}
export HOOTSUITE_ACCESS_TOKEN={sandbox.token}"""


def _webhook_report(sandbox: Sandbox) -> list[str]:
    sent = [
        f"{hook.url}: {sum(one.accepted for one in hook.deliveries)} of {len(hook.deliveries)} webhook requests "
        f"accepted, {hook.waiting} events left{', disabled' if hook.disabled else ''}."
        for hook in sandbox.hooks
    ]
    elsewhere = dict.fromkeys(one.url for one in sandbox.not_delivered)
    return sent + [f"{url}: not http:// on this machine, so nothing was sent there." for url in elsewhere]


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox",
        description="A stand-in for the Hootsuite API: same answers, same refusals, no account.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=_port, default=0, metavar="N", help="port of the API (default: a free one)")
    add(
        "--upload-port",
        type=int,
        default=0,
        metavar="N",
        help="port of the upload host (default: a free one)",
    )
    add("--speed", type=_speed, default=1.0, metavar="X", help="seconds that pass in a real one (default: 1)")
    add("--seed", type=int, default=1, metavar="N", help="same seed, same ids, same empty fields (default: 1)")
    add("--no-rate-limit", action="store_true", help="allow more than 20 requests in a second")
    add("--webhook", metavar="URL", help="an address on this machine that is told of every message (default: none)")
    add(
        "--webhook-secret",
        default=WEBHOOK_SECRET,
        metavar="TEXT",
        help=f"what those webhooks are signed with (default: {WEBHOOK_SECRET})",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < 1_000_000:
        raise argparse.ArgumentTypeError("must be above 0 and below 1000000")
    return speed


if __name__ == "__main__":
    sys.exit(main())
