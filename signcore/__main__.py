"""`python -m signcore`."""

import signal
import sys

from signcore.cli import main

# Whoever pipes the output into `head` has seen enough at some point, which is no error.
if hasattr(signal, "SIGPIPE"):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
sys.exit(main())
