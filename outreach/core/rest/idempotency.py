"""POST that may be repeated: the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

The answer is stored in the transaction of the effect, under a lock that ends with it. A process that is killed leaves
neither, so the repeat does the work; one that has committed leaves both, so the repeat gets the answer. What leaves the
database at once (a call to a model or a name server within the request) is outside of this and may happen twice.
An error is not stored: nothing was done, and the same key may be tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Permanent, Refused
from outreach.core.models import StoredAnswer
from outreach.core.secrets import decrypt, encrypt

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=24)
MAX_LENGTH = 255
ANSWERS = (OutreachError, APIException, Http404, PermissionDenied)
"""What a view raises to answer; anything else is a fault of ours and undoes all that the request did."""

Handler = Callable[..., Any]


def key_of(request: Request) -> str:
    """The key of a POST by somebody who is signed in, else empty. Raises `Invalid` for one that is malformed."""
    text = request.headers.get(HEADER)
    if request.method != "POST" or text is None or not request.user.is_authenticated:
        return ""
    key = text.strip().strip('"')
    if not key or len(key) > MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise Invalid(
            HEADER, _("The key must be 1 to 255 printable ASCII characters."), code="idempotency_key_malformed"
        )
    return key


def once(handler: Handler, key: str) -> Handler:
    """`handler` that does its work once for `key` and gives the stored answer after that."""

    def answer(request: Request, *args: Any, **kwargs: Any) -> Any:
        credential, fingerprint = credential_of(request), _fingerprint(request)
        refused: Exception | None = None
        with transaction.atomic():
            _lock(credential, key)
            stored = _stored(credential, key)
            if stored is not None:
                return _replay(stored, fingerprint)
            try:
                response = handler(request, *args, **kwargs)
            except ANSWERS as error:
                refused = error
            else:
                if response.status_code < 400:
                    _store(credential, key, fingerprint, response)
        if refused is not None:
            raise refused
        return response

    return answer


def credential_of(request: HttpRequest | Request) -> str:
    """Who asks: the API key, else the user, whatever token or session they use today."""
    key = getattr(getattr(request, "auth", None), "pk", None)
    return f"key:{key}" if key else f"user:{getattr(request.user, 'pk', None)}"


def prune() -> None:
    """Forget answers of the day before."""
    StoredAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()


def blank_bodies() -> None:
    """Forget what was answered, and keep that it was: somebody's data is being erased."""
    StoredAnswer.objects.exclude(body_token="").update(body_token="")


def _lock(credential: str, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"answer {credential} {key}"])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        raise Refused(_("The first request with this key is still running. Try again in a moment."), code="in_flight")


def _stored(credential: str, key: str) -> StoredAnswer | None:
    row = StoredAnswer.objects.filter(credential=credential, key=key).first()
    if row is not None and row.created_at < clock.now() - KEPT:
        row.delete()
        return None
    return row


def _replay(row: StoredAnswer, fingerprint: str) -> Response:
    if row.fingerprint != fingerprint:
        raise Permanent(
            _("This key was used for another request. Use a new key for each request."), code="idempotency_key_reused"
        )
    body = decrypt(row.body_token) if row.body_token else None
    return Response(body, status=row.status, headers={REPLAYED: "true"})


def _store(credential: str, key: str, fingerprint: str, response: Any) -> None:
    body = json.loads(JSONRenderer().render(response.data) or b"null") if isinstance(response, Response) else None
    StoredAnswer.objects.create(
        credential=credential,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        body_token=encrypt(body) if body is not None else "",
        created_at=clock.now(),
    )


def _fingerprint(request: Request) -> str:
    return hashlib.sha256("\n".join(_parts(request)).encode()).hexdigest()


def _parts(request: Request) -> list[str]:
    """The request in a form that does not change when it is sent again: multipart boundaries do."""
    fields: Any
    data = request.data
    if isinstance(data, QueryDict):
        fields = [[name, [_content(value) for value in values]] for name, values in sorted(data.lists())]
    else:
        fields = data
    return [str(request.method), request.get_full_path(), json.dumps(fields, sort_keys=True, default=str)]


def _content(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    content = hashlib.sha256()
    for chunk in value.chunks():
        content.update(chunk)
    value.seek(0)
    return f"{value.name} {content.hexdigest()}"
