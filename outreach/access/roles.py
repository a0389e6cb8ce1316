"""The roles of the product, in one place: state tables, pages, the API and permissions ask here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each role may do everything that the roles below it may."""

    ADMINISTRATOR = "administrator", _("Administrator")
    OPERATOR = "operator", _("Operator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


RANK = {Role.VIEWER: 0, Role.REVIEWER: 1, Role.OPERATOR: 2, Role.ADMINISTRATOR: 3}


def at_least(role: str) -> tuple[str, ...]:
    """`role` and the roles above it, lowest first: what a state table names in `State.roles`."""
    return tuple(str(name) for name, rank in RANK.items() if rank >= RANK[Role(role)])


PERMISSIONS = {"review": Role.REVIEWER, "operate": Role.OPERATOR, "administer": Role.ADMINISTRATOR}
"""What templates ask for: `perms.outreach.review`, `perms.outreach.operate`, `perms.outreach.administer`."""
