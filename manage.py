#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys


def end_if_interrupted(ignored: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C is not lost where Python can't raise it, as in the destructor after a connection that was awaited."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        os._exit(130)
    sys.__unraisablehook__(ignored)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    sys.unraisablehook = end_if_interrupted
    from outreach.core.command_line import CommandLine

    try:
        CommandLine(sys.argv).execute()
    except Exception as error:
        from outreach.core import availability

        if not availability.is_away(error):
            raise
        sys.exit(availability.sentence(error))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
