from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.demo import listings_site, places
from leads.sources.listings.sites import BUILT_IN
from outreach.core.rooms import RoomConfig
from outreach.finding import Site
from outreach.web.addresses import RESERVED_HOSTS


class DemoConfig(RoomConfig):
    name = "campaigns.demo"
    verbose_name = _("Demo world")

    def ready(self) -> None:
        super().ready()
        if settings.DEMO:
            BUILT_IN["sandbox"] = Site(search_url=listings_site.SEARCH_URL)
            RESERVED_HOSTS[listings_site.DOMAIN] = places.place
            places.let_browsers_in()
