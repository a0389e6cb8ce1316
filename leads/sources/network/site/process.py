"""The made-up network as a process of the demo world."""

from __future__ import annotations

from django.conf import settings

from leads.sources.network.site.server import SiteServer
from leads.sources.network.site.world import World


def run() -> None:
    """Serve until this process is told to stop; its people live as fast as those of the sandbox."""
    SiteServer(World(speed=settings.SANDBOX_SPEED), port=settings.NETWORK_SITE_PORT).run()
