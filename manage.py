#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    from outreach.core.command_line import CommandLine

    CommandLine(sys.argv).execute()


if __name__ == "__main__":
    main()
