"""`python -m pyv8bridge`: see cli.py."""

from __future__ import annotations

import signal
import sys

from .cli import main

if __name__ == "__main__":
    # A command should end at once and quietly on Ctrl-C, also in the middle of JavaScript, and when the reader
    # of its output goes away. That is what the system does by itself when Python does not interfere.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Bigints of any length are read and written, beyond the digits that Python converts in text by default.
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    sys.exit(main())
