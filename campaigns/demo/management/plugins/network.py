"""`manage.py network site`: the made-up network on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from campaigns.demo.network_site.server import SiteServer
from campaigns.demo.network_site.world import Login, World
from leads.sources.network.management.commands.network import Command as Network
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


@Network.command()
def site(  # type: ignore[no-untyped-def]
    self,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    speed: Annotated[float, typer.Option(min=0.1, help="How many times faster its time runs")] = 600,
    people: Annotated[int, typer.Option(min=12, max=10_000)] = 120,
    seed: str = "millpond",
    second_factor: Annotated[str, typer.Option(help="totp, code or none")] = "totp",
    as_json: AsJson = False,
) -> None:
    """Run the made-up network in the foreground; Ctrl-C ends it."""
    with explained_errors(as_json=as_json):
        if second_factor not in {"totp", "code", "none"}:
            raise Invalid("second_factor", "The second factor is totp, code or none.", code="wrong_choice")
        login = Login(second_factor="" if second_factor == "none" else second_factor)
        world = World(seed=seed, people_count=people, speed=speed, logins=(login,))
        world.announce_code = lambda code: print(f"Code for {login.username}: {code}", flush=True)
        try:
            server = SiteServer(world, host=host, port=port)
        except OSError as error:
            raise Invalid("port", f"Port {port} on {host} cannot be used: {error.strerror}.") from error
        emit(
            [
                {
                    "url": server.url,
                    "username": login.username,
                    "password": login.password,
                    "totp_secret": login.totp_secret,
                }
            ],
            as_json=as_json,
            title="A made-up network",
        )
        try:
            server.run()
        except KeyboardInterrupt:
            return
