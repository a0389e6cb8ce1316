#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    from outreach.core.command_line import CommandLine

    try:
        CommandLine(sys.argv).execute()
    except Exception as error:
        from outreach.core import availability

        if not availability.is_away(error):
            raise
        sys.exit(availability.sentence(error))


if __name__ == "__main__":
    main()
