from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_typer.utils import register_command_plugins

from campaigns.demo import listings_site, places
from campaigns.demo.management import plugins
from leads.sources.listings.sites import BUILT_IN
from outreach.finding import Site
from outreach.web.addresses import RESERVED_HOSTS


class DemoConfig(AppConfig):
    name = "campaigns.demo"
    label = "demo"
    verbose_name = _("Demo world")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_command_plugins(plugins)
        if settings.DEMO:
            BUILT_IN["sandbox"] = Site(search_url=listings_site.SEARCH_URL)
            RESERVED_HOSTS[listings_site.DOMAIN] = places.place
            places.let_browsers_in()
