"""The one page that makes a daily campaign."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.daily.one_click import DailyAnswers, create_daily
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.qualification.models import Brief
from leads.segments.models import Segment
from outreach.access.pages import INVALID_FORM, problems_in, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.forms import NumberField, ZoneField


class DailyForm(forms.Form):
    """The required input; everything else has a sensible default and can be edited later."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    segment = forms.ModelChoiceField(
        label=gettext_lazy("Audience"), queryset=Segment.objects.none(), empty_label=gettext_lazy("Choose a segment")
    )
    brief = forms.ModelChoiceField(
        label=gettext_lazy("Brief"),
        queryset=Brief.objects.all(),
        required=False,
        empty_label=gettext_lazy("None: everyone in the segment qualifies"),
    )
    offer = forms.CharField(
        label=gettext_lazy("Offer"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What you offer and why it matters to them. Drafts are based on this."),
    )
    playbook = forms.ModelChoiceField(
        label=gettext_lazy("Playbook"),
        queryset=Playbook.objects.in_use(),
        required=False,
        empty_label=gettext_lazy("The team's default"),
        help_text=gettext_lazy("What answers to replies may say, and whether they leave by themselves."),
    )
    booking_url = forms.URLField(label=gettext_lazy("Booking link"), required=False, assume_scheme="https")
    sender = forms.ModelChoiceField(
        label=gettext_lazy("Send from"), queryset=Sender.objects.none(), empty_label=gettext_lazy("Choose a sender")
    )
    pool = forms.CharField(
        label=gettext_lazy("Or any sender tagged"), required=False, max_length=60,
        help_text=gettext_lazy("Senders with this tag take turns. Each lead always hears from the same one."),
    )  # fmt: skip
    daily_limit = NumberField(
        label=gettext_lazy("New leads a day from each sender"), required=False, min_value=1, max_value=1000, initial=20,
        unit=gettext_lazy("people a day"),
    )  # fmt: skip
    time_zone = ZoneField(label=gettext_lazy("Time zone"), initial="UTC")
    keeps_busy = forms.BooleanField(
        label=gettext_lazy("Also people in another running campaign or contacted recently"), required=False
    )
    is_approved_by_rule = forms.BooleanField(
        label=gettext_lazy("Send drafts of quality 0.9 or more without review"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segment: Any = self.fields["segment"]
        segment.queryset = Segment.objects.filter(archived_at=None)
        sender: Any = self.fields["sender"]
        sender.queryset = Sender.objects.active().filter(channel__in=("email", "sms")).order_by("channel", "name")
        sender.label_from_instance = lambda s: f"{s.name} · {s.get_channel_display()} · {s.address}"

    def clean_segment(self) -> Segment:
        segment: Segment = self.cleaned_data["segment"]
        if segment.current is None:
            raise forms.ValidationError(_("This segment has no criteria yet."))
        return segment


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Ask for what a daily campaign needs, create it and start it."""
    initial = {"time_zone": timezone.get_current_timezone_name(), "segment": request.GET.get("segment")}
    form = DailyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("segment").current
        with problems_in(form):
            campaign = create_daily(DailyAnswers(**data, segment_version=version), created_by=viewer(request))
            messages.success(request, _("The campaign is running. It starts with today's best leads within a minute."))
            return redirect("campaigns:detail", campaign.pk)
    status = INVALID_FORM if request.method == "POST" else 200
    return render(request, "campaigns/daily/create.html", {"form": form}, status=status)
