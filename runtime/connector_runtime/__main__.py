"""`python -m connector_runtime` is the command `connector`."""

import sys

from .cli import main

sys.exit(main())
