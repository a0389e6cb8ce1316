"""How each user looks at the lists: saved views, and the columns that were chosen."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outreach.access.models import User
from outreach.core.models import Dated
from outreach.core.states import one_of


class ListKind(models.TextChoices):
    PEOPLE = "people", _("People")
    COMPANIES = "companies", _("Companies")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Named sets of views."""

    def seen_by(self, user: User) -> SavedViewQuerySet:
        """Those of `user`, and those that others share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(Dated):
    """A list as somebody wants to see it again: filters, order, columns. Erasure: filters may name a person; see below.

    A view that searches for a name is its owner's; it goes when the owner deletes it or is removed.
    """

    kind = models.TextField(choices=ListKind.choices)
    name = models.TextField(_("name"))
    filters = models.JSONField(default=dict, help_text="Filter → text, as in the address of the list")
    sort = models.TextField(blank=True)
    columns = ArrayField(models.TextField(), default=list, blank=True)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    is_shared = models.BooleanField(_("everyone sees it"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            one_of("kind", ListKind.choices),
            models.UniqueConstraint(fields=["owner", "kind", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ColumnChoice(Dated):
    """The columns that a user wants in one list."""

    kind = models.TextField(choices=ListKind.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="column_choices")
    columns = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        constraints = [
            one_of("kind", ListKind.choices),
            models.UniqueConstraint(fields=["user", "kind"], name="column_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.kind}"
