"""The made-up network as a process of the demo world."""

from __future__ import annotations

from django.conf import settings

from leads.sources.network.site.server import SiteServer
from leads.sources.network.site.world import World


def run() -> None:
    """Serve until this process is told to stop; its people live as fast as those of the sandbox."""
    port = settings.NETWORK_SITE_PORT
    try:
        server = SiteServer(World(speed=settings.SANDBOX_SPEED), port=port)
    except OSError as error:
        raise SystemExit(
            f"The made-up network cannot listen on port {port}: {error.strerror}. Another demo world may run on this machine; "
            "stop it, or set OUTREACH_NETWORK_SITE_PORT to a free port before `up --demo`."
        ) from error
    server.run()
