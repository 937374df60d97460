"""`python -m signcore`."""

import sys

from signcore.cli import main

sys.exit(main())
