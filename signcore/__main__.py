"""`python -m signcore`."""

import os
import signal
import sys

# Whoever pipes the output into `head` has seen enough at some point, which is no error.
if hasattr(signal, "SIGPIPE"):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def run() -> int:
    """The command, and what can go wrong before it begins and while it says what it found."""
    if sys.stderr is None:  # it was closed: whoever has something to say may say it to nobody
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no letter of a name shows its number. A stream that was closed is None.
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        from signcore.cli import main

        status = main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("signcore: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        if error.filename is not None:  # writing to a stream names no file
            print(f"signcore: {error.filename}: {error.strerror}", file=sys.stderr)
            return 2
        print(f"signcore: the output cannot be written ({error.strerror})", file=sys.stderr)
        # What is left of it would be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return status


sys.exit(run())
