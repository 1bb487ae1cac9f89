"""``python -m sandbox`` is the command ``backrooms``."""

import sys

from sandbox.cli import main

sys.exit(main())
