"""A stand-in for Hootsuite on loopback: stateful, seeded, and honest about what Hootsuite really does.

In: HTTP requests to two ports, the API and the upload host, or `python -m tests.sandbox` for people.
Out: the answers Hootsuite gives, its surprises included, each checked against the published specification; and
webhooks, to addresses on this machine.
Refused: whatever Hootsuite refuses, with its codes. Nothing is kept on disk, nothing leaves this machine.

    with Sandbox(seed=1) as sandbox:
        requests.get(sandbox.base_url + "/v1/me", headers={"Authorization": f"Bearer {sandbox.token}"})
    assert sandbox.violations == []
"""

from .contract import ASSUMPTIONS, DEVIATIONS
from .knobs import Knobs, SandboxClock
from .server import Sandbox
from .state import Behaviour
from .webhooks import Delivery, Hook, NotDelivered

__all__ = [
    "ASSUMPTIONS",
    "DEVIATIONS",
    "Behaviour",
    "Delivery",
    "Hook",
    "Knobs",
    "NotDelivered",
    "Sandbox",
    "SandboxClock",
]
