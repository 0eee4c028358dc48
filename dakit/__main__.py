"""``python -m dakit`` is the command ``dakit``."""

import sys

from dakit.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
