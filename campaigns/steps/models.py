"""The steps of a campaign: what is sent or done, when, on which condition, from which sender, and with which files."""

from __future__ import annotations

import copy
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.errors import Permanent
from outreach.core.states import one_of
from outreach.prompts.models import PackVersion

CONDITIONS = (
    "always", "opened", "not_opened", "clicked", "not_clicked", "delivered", "bounced", "connected", "not_connected",
)  # fmt: skip
TIMING = ("delay_days", "is_in_thread", "condition", "condition_step", "instructions")
"""What a change of the plan may keep from leads that are in flight."""


class Step(models.Model):
    """One step of a campaign's sequence: a message, a connection request, or a task for a person.

    `past` holds earlier values for the leads that were in flight when the plan changed for new leads only; each entry
    has the last plan (`until`) that it counts for. `since_plan` is the first plan that has the step.
    """

    class Action(models.TextChoices):
        MESSAGE = "message", _("Message")
        CONNECT = "connect", _("Connection request")
        TASK = "task", _("Task for a person")

    class Condition(models.TextChoices):
        ALWAYS = "always", _("always")
        OPENED = "opened", _("if it was opened")
        NOT_OPENED = "not_opened", _("if it was not opened")
        CLICKED = "clicked", _("if a link was clicked")
        NOT_CLICKED = "not_clicked", _("if no link was clicked")
        DELIVERED = "delivered", _("if it was delivered")
        BOUNCED = "bounced", _("if it bounced")
        CONNECTED = "connected", _("once they are connected")
        NOT_CONNECTED = "not_connected", _("if they are not connected")

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    action = models.TextField(_("action"), choices=Action.choices, default=Action.MESSAGE)
    channel = models.TextField(_("channel"), choices=Channel.choices, blank=True)
    sender = models.ForeignKey("senders.Sender", null=True, blank=True, on_delete=models.PROTECT, related_name="steps")
    pool = models.TextField(_("or any sender with the tag"), blank=True)
    pack_version = models.ForeignKey(
        "prompts.PackVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="steps"
    )
    instructions = models.TextField(_("what the person should do"), blank=True)
    delay_days = models.PositiveSmallIntegerField(_("working days after the previous step"), default=0)
    is_in_thread = models.BooleanField(_("as a reply to the previous step"), default=True)
    condition = models.TextField(_("only"), choices=Condition.choices, default=Condition.ALWAYS)
    condition_step = models.PositiveSmallIntegerField(
        _("of step"), null=True, blank=True, help_text="Step the condition depends on; empty: the previous one"
    )
    since_plan = models.PositiveSmallIntegerField(default=1)
    past = models.JSONField(default=list, blank=True)

    # how one person has it who is in an arm of an experiment: set on copies by `campaigns.arms`, never stored
    arm_id: int | None = None
    only_variant: str = ""
    own_text: str = ""
    own_pool: str = ""
    route: str = ""
    hours: dict[str, str] | None = None
    playbook_id: int | None = None

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="step_once"),
            one_of("action", ("message", "connect", "task")),
            one_of("channel", ("", *Channel.values)),
            one_of("condition", CONDITIONS),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.number}"

    @property
    def is_task(self) -> bool:
        """Whether a person does it; all other steps are messages."""
        return self.action == self.Action.TASK

    @property
    def pack(self) -> PackVersion:
        """The prompt pack of a message. Raises `Permanent` for a task, which has none."""
        if self.pack_version is None:
            raise Permanent(f"Step {self.number} is a task and has no prompt pack.")
        return self.pack_version

    @property
    def first_sender(self) -> Sender:
        """The sender of a message, from a pool the first. Raises `Permanent` for a task, which has none."""
        if self.sender is None:
            raise Permanent(f"Step {self.number} is a task and has no sender.")
        return self.sender

    def timing(self) -> dict[str, Any]:
        """The values that a change may keep from leads in flight."""
        return {name: getattr(self, name) for name in TIMING}

    def as_of(self, plan_number: int | None) -> Step | None:
        """This step as a lead on that plan sees it (`None`: the newest); None when the plan has no such step."""
        if plan_number is None:
            return self
        if self.since_plan > plan_number:
            return None
        for entry in sorted(self.past, key=lambda entry: int(entry["until"])):
            if plan_number <= entry["until"]:
                earlier = copy.copy(self)
                for name in TIMING:
                    setattr(earlier, name, entry[name])
                return earlier
        return self


class StepFile(models.Model):
    """One file that every message of a step encloses, as an attachment or as an image inside the text."""

    step = models.ForeignKey("steps.Step", on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.TextField(_("name that recipients see"))
    is_inline = models.BooleanField(_("show inside the text"), default=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["step", "file", "name"], name="step_file_once")]

    def __str__(self) -> str:
        return self.name
