"""Which campaigns use a version of a prompt pack."""

from __future__ import annotations

from django.urls import reverse

from campaigns.steps.models import Step


def of_versions(ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """(campaign, address of its Texts page) by version, the newest campaign first."""
    found: dict[int, list[tuple[str, str]]] = {}
    rows = Step.objects.filter(pack_version__in=ids).order_by("-campaign", "number")
    for pk, name, campaign, number in rows.values_list("pack_version", "campaign__name", "campaign", "number"):
        found.setdefault(pk, []).append((name, reverse("writing:edit", args=[campaign, number])))
    return found
