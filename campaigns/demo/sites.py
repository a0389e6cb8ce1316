"""The made-up sites of the demo world as one process: the professional network, and classified ads under their own name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.demo import listings_site, places
from campaigns.demo.network_site.app import Site
from campaigns.demo.network_site.server import SiteServer
from campaigns.demo.network_site.world import World
from leads.sources.network.models import NetworkAccount

NETWORK_ACCOUNT = "Millpond (made up)"


def run() -> None:
    """Serve until this process is told to stop; the network's people live as fast as those of the sandbox."""
    world = World(speed=settings.SANDBOX_SPEED)
    try:
        server = SiteServer(world, host=places.HOST, port=places.port())
    except OSError:  # taken while this demo world was stopped: move, and tell the account
        server, before = SiteServer(world, host=places.HOST), places.network_url()
        places.keep(server.port)
        NetworkAccount.objects.filter(name=NETWORK_ACCOUNT, base_url=before).update(base_url=places.network_url())
        connection.close()
    server.server.set_app(by_host(Site(world)))
    server.run()


def by_host(network: Site) -> Callable[..., Iterable[bytes]]:
    """A WSGI application: `*.classifieds.example` is the site of ads, all else the network."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).partition(":")[0].lower()
        if host != listings_site.DOMAIN and not host.endswith(f".{listings_site.DOMAIN}"):
            return network(environ, start_response)
        query = environ.get("QUERY_STRING", "")
        found = listings_site.respond(host, environ.get("PATH_INFO", "/") + (f"?{query}" if query else ""))
        status = f"{found.status} {HTTPStatus(found.status).phrase}"
        start_response(status, [("Content-Type", found.media_type), ("Content-Length", str(len(found.body)))])
        return [found.body]

    return answer
