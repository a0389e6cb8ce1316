"""POST that may be repeated: the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

The answer is stored in the transaction of the effect, under a lock that ends with it. A process that is killed leaves
neither, so the repeat does the work; one that has committed leaves both, so the repeat gets the answer. Operations that
wait for somebody else (`calls_out`: a model, a name server, a provider) take the key first instead; if such a process is
killed, the key stays taken for a quarter of an hour, and what was asked outside may be asked twice.
An error is not stored: nothing was done, and the same key may be tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
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
RUNNING = 0
"""Instead of a status: no answer yet."""
GIVEN_UP = timedelta(minutes=15)
"""A request that calls out and has no answer after this time is taken for lost; the key may be used again."""
MAX_LENGTH = 255
SCHEMA = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[ -~]*[!#-~][ -~]*$"}
"""How a key looks: printable ASCII that is not all blanks and quotes."""
ANSWERS = (OutreachError, APIException, Http404, PermissionDenied)
"""What a view raises to answer; anything else is a fault of ours and undoes all that the request did."""

Handler = Callable[..., Any]


def key_of(request: Request) -> str:
    """The key of a POST by somebody who is signed in, else empty. Raises `Invalid` for one that is malformed."""
    text = request.headers.get(HEADER)
    if request.method != "POST" or text is None or not request.user.is_authenticated:
        return ""
    key = text.strip().strip('"')
    if not key or len(text) > MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise Invalid(
            HEADER, _("The key must be 1 to 255 printable ASCII characters."), code="idempotency_key_malformed"
        )
    return key


def once(handler: Handler, key: str, *, calls_out: bool) -> Handler:
    """`handler` that does its work once for `key` and gives the stored answer after that.

    With `calls_out` the key is taken first, in a transaction of its own, and the answer is stored when it has come.
    """
    return partial(_claimed if calls_out else _within, handler, key)


def _within(handler: Handler, key: str, request: Request, *args: Any, **kwargs: Any) -> Any:
    claim = Claim(credential_of(request), key, _fingerprint(request))
    refused: Exception | None = None
    with transaction.atomic():
        stored = claim.stored()
        if stored is not None:
            return _replay(stored)
        try:
            response = handler(request, *args, **kwargs)
        except ANSWERS as error:
            refused = error
        else:
            if response.status_code < 400:
                _answer(claim.row(), response)
    if refused is not None:
        raise refused
    return response


def _claimed(handler: Handler, key: str, request: Request, *args: Any, **kwargs: Any) -> Any:
    claim = Claim(credential_of(request), key, _fingerprint(request))
    with transaction.atomic():
        stored = claim.stored()
        if stored is not None:
            return _replay(stored)
        row = claim.row()
        row.save()
    try:
        response = handler(request, *args, **kwargs)
    except BaseException:
        row.delete()
        raise
    if response.status_code < 400:
        _answer(row, response)
    else:
        row.delete()
    return response


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


@dataclass(frozen=True)
class Claim:
    """A request with a key, and what is known of it."""

    credential: str
    key: str
    fingerprint: str

    def stored(self) -> StoredAnswer | None:
        """The answer to an earlier request with this key, under a lock until the caller's transaction ends.

        Raises `Refused` `in_flight` while that one runs, and `Permanent` when it was another request.
        """
        with connection.cursor() as cursor:
            lock = f"answer {self.credential} {self.key}"
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            (is_ours,) = cursor.fetchone()
        if not is_ours:
            raise _in_flight()
        row = StoredAnswer.objects.filter(credential=self.credential, key=self.key).first()
        if row is None:
            return None
        age = clock.now() - row.created_at
        if age > KEPT or (row.status == RUNNING and age > GIVEN_UP):
            row.delete()
            return None
        if row.fingerprint != self.fingerprint:
            sentence = _("This key was used for another request. Use a new key for each request.")
            raise Permanent(sentence, code="idempotency_key_reused")
        if row.status == RUNNING:
            raise _in_flight()
        return row

    def row(self) -> StoredAnswer:
        """A row that says the request is running; not saved."""
        return StoredAnswer(
            credential=self.credential,
            key=self.key,
            fingerprint=self.fingerprint,
            status=RUNNING,
            created_at=clock.now(),
        )


def _in_flight() -> Refused:
    return Refused(_("The first request with this key is still running. Try again in a moment."), code="in_flight")


def _replay(row: StoredAnswer) -> Response:
    body = decrypt(row.body_token) if row.body_token else None
    return Response(body, status=row.status, headers={REPLAYED: "true"})


def _answer(row: StoredAnswer, response: Any) -> None:
    """Keep `response` as the answer of `row`."""
    body = json.loads(JSONRenderer().render(response.data) or b"null") if isinstance(response, Response) else None
    row.status = response.status_code
    row.body_token = encrypt(body) if body is not None else ""
    row.save()


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
