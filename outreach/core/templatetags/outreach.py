"""Badges, icons, times and meters: what templates need in addition to CSS classes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.apps import apps
from django.db import models
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.core import clock, forms, numbers
from outreach.core.actors import actor_label
from outreach.core.dates import from_now, written
from outreach.core.home import Panel
from outreach.core.plots import Plot
from outreach.core.states import machine_of

register = template.Library()


@register.filter
def state_badge(row: models.Model) -> SafeString:
    """A row's state: a dot and a word, with the label and colour of its machine."""
    machine = machine_of(type(row))
    name = getattr(row, machine.field)
    state = machine.states.get(name)
    return status(state.label, state.colour) if state else status(name)


@register.simple_tag
def status(text: Any, colour: str = "grey") -> SafeString:
    """How something stands: a dot and a word; `colour` is grey, blue, green, amber or red."""
    return format_html('<span class="status is-{}">{}</span>', colour, text)


@register.simple_tag
def badge(text: Any, colour: str = "grey") -> SafeString:
    """A badge with any text; `colour` is grey, blue, green, amber or red."""
    return format_html('<span class="badge is-{}">{}</span>', colour, text)


VERBS = {
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "edited": gettext_lazy("Changed"),
    "deleted": gettext_lazy("Deleted"),
    "erased": gettext_lazy("Erased"),
    "merged": gettext_lazy("Merged"),
    "approved": gettext_lazy("Approved"),
    "connected": gettext_lazy("Connected"),
    "tested": gettext_lazy("Test message sent"),
    "verification_failed": gettext_lazy("Verification failed"),
    "rehomed": gettext_lazy("Moved to other senders"),
    "credentials_erased": gettext_lazy("Credentials erased"),
    "refresh_token_renewed": gettext_lazy("Refresh token renewed"),
    "auto_replied": gettext_lazy("Automatic reply"),
    "complained": gettext_lazy("Reported as spam"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "delayed": gettext_lazy("Delivery delayed"),
    "account_added": gettext_lazy("Account added"),
    "account_changed": gettext_lazy("Account changed"),
    "assigned": gettext_lazy("Assigned"),
    "address_found": gettext_lazy("Address found"),
    "decided": gettext_lazy("Decided by a person"),
    "decision_withdrawn": gettext_lazy("Decision withdrawn"),
    "exported": gettext_lazy("Exported"),
    "identity_added": gettext_lazy("Identity added"),
    "identity_changed": gettext_lazy("Identity changed"),
    "merged_away": gettext_lazy("Merged into another record"),
    "opted_out": gettext_lazy("Opted out"),
    "proposal_put_away": gettext_lazy("Proposal dismissed"),
    "proposal_used": gettext_lazy("Proposal used"),
    "proposed": gettext_lazy("Rewording proposed"),
    "qualified": gettext_lazy("Qualified"),
    "restored": gettext_lazy("Restored"),
    "reworded": gettext_lazy("Wording changed"),
    "rewritten": gettext_lazy("Rewritten"),
    "session_forgotten": gettext_lazy("Session forgotten"),
    "sign_in_requested": gettext_lazy("Sign-in requested"),
    "unmerged": gettext_lazy("Merge undone"),
    "withdrawal_requested": gettext_lazy("Withdrawal requested"),
}
"""What was done, where it is no change of state."""


@cache
def _state_names() -> dict[str, str | Promise]:
    """`machine.state` → label, of every table of states."""
    found: dict[str, str | Promise] = {}
    for model in apps.get_models():
        with suppress(LookupError):
            machine = machine_of(model)
            found |= {f"{machine.name}.{name}": state.label for name, state in machine.states.items()}
    return found


@register.filter
def action_name(action: str) -> str:
    """An entry of the audit trail (`sender.paused`) or a message's event (`bounced`) in words."""
    noun, _dot, verb = action.rpartition(".")
    known = _state_names().get(f"{noun or 'message'}.{verb}") or VERBS.get(verb)
    return str(known) if known else verb.replace("_", " ").capitalize()


register.filter("actor_name", actor_label)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A decorative icon of `static/img/icons.svg`; `extra` is a further class, `is-small` or `is-large`."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        extra,
        static("img/icons.svg"),
        name,
    )


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """“5 minutes ago” or “in 2 hours” as a `<time>` whose tooltip is the exact time in the viewer's zone."""
    if moment is None:
        return "—"
    now = clock.now()
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 60:
        words = _("just now") if seconds >= 0 else _("in a moment")
    else:
        words = from_now(-seconds)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), words)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """The exact time in the viewer's zone as a `<time>`."""
    if value is None:
        return "—"
    zone = timezone.get_current_timezone_name().replace("_", " ")
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), zone, exact(value))


@register.filter
def day(value: date | None) -> str:
    """“30 Nov 2026”: a day, or that of a moment in the viewer's zone."""
    if value is None:
        return "—"
    return written(timezone.localtime(value) if isinstance(value, datetime) else value, "d MMM y")


def exact(value: datetime) -> str:
    """Day and minute in the viewer's zone; the zone is theirs, so it is not repeated."""
    return written(timezone.localtime(value), "d MMM y, HH:mm")


register.simple_tag(forms.zone_note)


@register.filter
def weekday(value: date) -> str:
    """“Tuesday, 1 December”; in Russian without a capital, so that it fits into a sentence."""
    return written(value, "EEEE, d MMMM")


@register.filter
def percent(part: float | None, whole: float | None = None) -> str:
    """`part` of `whole` (or `part` alone as a fraction of 1) as a percentage; a dash when there is nothing to divide by."""
    if part is None or whole == 0:
        return "—"
    return numbers.percent(part / whole if whole is not None else part)


@register.filter
def compact(value: int | None) -> str:
    """1234567 as `1.2M`: for tiles, never where the exact number matters."""
    if value is None:
        return "—"
    for size, letter in ((1_000_000, "M"), (10_000, "k")):
        if abs(value) >= size:
            tenths = round(value / (1000 if letter == "k" else size), 1)
            return numbers.decimal(tenths, 0 if tenths == round(tenths) else 1) + letter
    return numbers.count(value)


@register.simple_tag
def meter(value: float | None, total: float | None, label: str, colour: str = "") -> SafeString:
    """A bar of `value` out of `total`; `label` describes it to screen readers."""
    return format_html(
        '<progress class="meter {}" value="{}" max="{}" aria-label="{}">{}</progress>',
        f"is-{colour}" if colour else "",
        value or 0,
        total or 1,
        label,
        percent(value or 0, total or 0),
    )


@register.inclusion_tag("core/_plot.html")
def plot(found: Plot) -> dict[str, Any]:
    """A plot as SVG; the page links css/plots.css."""
    return found.drawing()


@register.inclusion_tag("core/_pager.html", takes_context=True)
def pager(
    context: template.Context,
    *,
    after: Any = None,
    before: Any = None,
    label: str = "",
    is_quiet: bool = True,
    **filters: Any,
) -> dict[str, Any]:
    """A link to the next rows, if any. The page's filters are kept; `filters` adds more."""
    place = {name: value for name, value in (("after", after), ("before", before)) if value}
    query = context["request"].GET.copy()
    for name, value in (filters | place).items():
        query[name] = value
    return {"href": f"?{query.urlencode()}" if place else "", "label": label, "is_quiet": is_quiet}


@register.simple_tag(takes_context=True)
def panel_body(context: template.Context, panel: Panel) -> str:
    """The template of a home panel, rendered with the panel's own context."""
    return render_to_string(panel.template, panel.context, request=context["request"])


@register.filter
def initials(text: str) -> str:
    """Up to two letters for an avatar."""
    words = [word for word in str(text).replace(".", " ").replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing when it has no such key."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""
