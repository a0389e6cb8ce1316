"""Tasks of the network source: ids in, one service call, one line out."""

from __future__ import annotations

from leads.sources.network import services
from leads.sources.network.errors import Busy, Trouble
from leads.sources.network.models import NetworkAccount, NetworkProfile
from outreach.core.errors import Invalid, Refused, Retryable
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


def sign_in(account_id: int) -> str:
    """Sign in; problems are recorded on the account."""
    account = NetworkAccount.objects.filter(pk=account_id).first()
    if account is None:
        return _("Unknown account")
    try:
        return services.sign_in(account=account)
    except Busy as error:
        raise Retryable(error.reason) from error
    except (Trouble, Refused) as error:
        return error.reason


def read_profile(profile_id: int) -> str:
    """Read one requested profile; repeats until the account is free."""
    profile = NetworkProfile.objects.select_related("account").filter(pk=profile_id).first()
    if profile is None:
        return _("Unknown profile")
    try:
        services.read_profile(profile=profile)
    except Busy as error:
        raise Retryable(error.reason) from error
    except (Trouble, Refused, Invalid) as error:
        return error.reason
    return _("Profile %(number)s read") % {"number": profile_id}


def fill_gaps() -> str:
    """Scheduled: read one discovered profile of each account, in the gaps between what matters more."""
    count = services.fill_gaps()
    return ngettext("%(count)s profile read", "%(count)s profiles read", count) % {"count": count}
