"""Background work of learning."""

from __future__ import annotations

from leads.learning.measurements import services
from leads.learning.models import Measurement
from outreach.core.words import gettext as _
from outreach.jobs.models import Job


def measure(job: Job) -> str:
    """One measurement."""
    row = Measurement.objects.get(pk=job.arguments["measurement_id"])
    services.measure(row)
    return row.problem or _("Measured")
