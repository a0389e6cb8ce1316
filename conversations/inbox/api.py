"""Conversations and suggestions over REST: read, answer, take over, snooze, note, correct."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.consent.models import Hold
from conversations.files.services import enclosures_by_hash
from conversations.inbound import proposals
from conversations.inbox import queues, services
from conversations.inbox.memory_api import MemoryActions
from conversations.inbox.queues import View
from conversations.models import CONVERSATION, Conversation, Message
from conversations.outbox.copies import Copies
from conversations.planning.replying import Answer
from conversations.replies import services as replies
from conversations.replies import suggesting
from conversations.replies.models import Reading, Suggestion
from leads.models import Channel
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer

INBOX_FILTERS = ("campaign", "owner", "intent", "channel", "sender")


class ReadingSerializer(ModelSerializer[Reading]):
    class Meta:
        model = Reading
        fields = ("id", "intent", "source", "confidence", "language", "reasons", "facts", "created_at")
        read_only_fields = fields


class ConversationMessageSerializer(ModelSerializer[Message]):
    reading = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = (
            "id", "direction", "channel", "state", "address", "copies", "subject", "body", "language", "author", "interaction",
            "sent_at", "delivered_at", "opened_at", "replied_at", "received_at", "created_at", "reading",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema(responses=ReadingSerializer)
    def get_reading(self, message: Message) -> dict[str, Any] | None:
        found = sorted(message.readings.all(), key=lambda row: row.pk)
        return dict(ReadingSerializer(found[-1]).data) if found else None


class ConversationSerializer(ModelSerializer[Conversation]):
    class Meta:
        model = Conversation
        fields = (
            "id", "lead", "contact", "state", "handler", "assigned_to", "booking_url", "goal", "waiting_since",
            "snoozed_until", "snooze_reason", "last_inbound_at", "last_outbound_at", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class SuggestionSerializer(ModelSerializer[Suggestion]):
    class Meta:
        model = Suggestion
        fields = (
            "id", "conversation", "answers", "channel", "subject", "body", "state", "interaction", "sent_message",
            "edit", "note", "redraft", "decided_by", "decided_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class AnswerInput(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=200_000)
    subject = serializers.CharField(required=False, default="", allow_blank=True, max_length=255)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, default="", allow_blank=True)
    files = serializers.ListField(
        child=serializers.RegexField(r"^[0-9a-f]{64}$"),
        required=False,
        default=list,
        help_text="Content hashes of files that were uploaded to /api/v1/files",
    )
    cc = serializers.ListField(child=serializers.CharField(max_length=320), required=False, default=list, max_length=20)
    bcc = serializers.ListField(
        child=serializers.CharField(max_length=320), required=False, default=list, max_length=20
    )
    send_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="When it leaves; without it: now"
    )
    key = serializers.CharField(
        required=False,
        default="",
        max_length=100,
        help_text="Made by you; the same again gives the message that it made",
    )
    seen = serializers.IntegerField(
        required=False, help_text="Newest message you have seen; 409 if there is a newer one"
    )


class MessageInput(serializers.Serializer[Any]):
    message = serializers.PrimaryKeyRelatedField(queryset=Message.objects.outgoing().exclude(author=None))


class ForwardInput(serializers.Serializer[Any]):
    message = serializers.PrimaryKeyRelatedField(queryset=Message.objects.select_related("conversation", "sender"))
    to = serializers.CharField(max_length=320)
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=10_000)
    key = serializers.CharField(required=False, default="", max_length=100)


class NoteInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=10_000)


class StateInput(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=CONVERSATION.choices)
    booked_for = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Of a booked call")


class SnoozeInput(serializers.Serializer[Any]):
    until = serializers.DateTimeField(allow_null=True, help_text="null ends the snooze")
    reason = serializers.CharField(required=False, default="", allow_blank=True)


class AssignmentInput(serializers.Serializer[Any]):
    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True)


class HoldInput(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(
        choices=[
            ("opt_out", "Opt out"),
            ("keep", "Keep writing"),
            ("theirs", "It is their answer"),
            ("other", "It is somebody else's"),
        ]
    )
    hold = serializers.PrimaryKeyRelatedField(
        queryset=Hold.objects.filter(question=Hold.Question.WHOSE),
        required=False,
        help_text="The message from an unknown address; for `theirs` and `other`",
    )


class IntentInput(serializers.Serializer[Any]):
    message = serializers.PrimaryKeyRelatedField(queryset=Message.objects.filter(direction="in"))
    intent = serializers.ChoiceField(choices=[(str(i), i.label) for i in replies.CORRECTABLE])


class DraftInput(serializers.Serializer[Any]):
    note = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=500,
        help_text="What to change in the draft before, such as `shorter, mention the price`",
    )


class UseInput(serializers.Serializer[Any]):
    body = serializers.CharField(required=False, allow_null=True, default=None, max_length=200_000)
    subject = serializers.CharField(required=False, allow_null=True, default=None, max_length=255)
    key = serializers.CharField(
        required=False,
        default="",
        max_length=100,
        help_text="Made by you; the same again gives the message that it made",
    )


class ConversationViewSet(MemoryActions, viewsets.ReadOnlyModelViewSet[Conversation]):
    """Conversations; `?queue=` gives one of the inbox's queues."""

    queryset = Conversation.objects.all()
    serializer_class = ConversationSerializer
    required_role = Role.REVIEWER
    filterset_fields = ("state", "handler", "assigned_to", "lead")

    def get_queryset(self) -> QuerySet[Conversation]:
        name = self.request.query_params.get("queue", "")
        if name in queues.QUEUES:
            return View.of(self.request.query_params.dict()).rows(user=_user(self.request), now=clock.now())
        return super().get_queryset()

    @extend_schema(
        parameters=[
            OpenApiParameter("queue", enum=[*queues.QUEUES], description="Those of this queue, in its order"),
            OpenApiParameter("q", description="With a queue: search in names, addresses and texts"),
            OpenApiParameter("sort", enum=[*queues.SORTS], description="With a queue"),
            OpenApiParameter("unread", bool, description="With a queue"),
            *(OpenApiParameter(name, description="With a queue: a filter of the inbox") for name in INBOX_FILTERS),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def _shown(self, row: Conversation) -> Response:
        row.refresh_from_db()
        return Response(self.get_serializer(row).data)

    @extend_schema(responses=ConversationMessageSerializer(many=True))
    @action(detail=True)
    def messages(self, request: Request, pk: str) -> Response:
        """All messages, newest first."""
        rows = self.get_object().messages.prefetch_related("readings").order_by("-id")
        assert self.paginator is not None
        page = self.paginator.paginate_queryset(rows, request, view=self) or []
        return self.get_paginated_response(ConversationMessageSerializer(page, many=True).data)

    @extend_schema(request=AnswerInput, responses={201: ConversationMessageSerializer})
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: str) -> Response:
        """Send an answer in your name, at once or at `send_at`."""
        given = _valid(AnswerInput, request)
        files = enclosures_by_hash(given.pop("files"))
        seen = given.pop("seen", None)
        copies = Copies(tuple(given.pop("cc")), tuple(given.pop("bcc")))
        message = services.reply(
            conversation=self.get_object(),
            user=_user(request),
            answer=Answer(files=files, copies=copies, **given),
            seen=seen,
        )
        return Response(ConversationMessageSerializer(message).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ForwardInput, responses={201: ConversationMessageSerializer})
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, pk: str) -> Response:
        """Send a message of this conversation with its files to somebody else."""
        given = _valid(ForwardInput, request)
        if given["message"].conversation_id != self.get_object().pk:
            raise serializers.ValidationError({"message": "It belongs to another conversation."})
        made = services.pass_on(user=_user(request), **given)
        return Response(ConversationMessageSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MessageInput, responses=ConversationMessageSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Cancel an answer that has not left yet."""
        message = _valid(MessageInput, request)["message"]
        if message.conversation_id != self.get_object().pk:
            raise serializers.ValidationError({"message": "It belongs to another conversation."})
        return Response(ConversationMessageSerializer(services.take_back(message=message, user=_user(request))).data)

    @extend_schema(request=NoteInput, responses={201: ConversationMessageSerializer})
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, pk: str) -> Response:
        """Add a note for colleagues; it is never sent."""
        note = services.add_note(conversation=self.get_object(), user=_user(request), **_valid(NoteInput, request))
        return Response(ConversationMessageSerializer(note).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, pk: str) -> Response:
        """Handle it yourself: the AI stops at once."""
        row = self.get_object()
        services.take_over(conversation=row, user=_user(request))
        return self._shown(row)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Give it back to the AI."""
        row = self.get_object()
        services.release(conversation=row, user=_user(request))
        return self._shown(row)

    @extend_schema(request=AssignmentInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def assignment(self, request: Request, pk: str) -> Response:
        """Assign it to someone, or to no one."""
        row = self.get_object()
        services.assign(conversation=row, user=_user(request), **_valid(AssignmentInput, request))
        return self._shown(row)

    @extend_schema(request=SnoozeInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Out of the queue until then; `until: null` wakes it."""
        row, values = self.get_object(), _valid(SnoozeInput, request)
        if values["until"] is None:
            services.wake(conversation=row, user=_user(request))
        else:
            services.snooze(conversation=row, user=_user(request), **values)
        return self._shown(row)

    @extend_schema(request=StateInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str) -> Response:
        """Booked, closed, engaged again, opted out."""
        row = self.get_object()
        services.move(conversation=row, user=_user(request), **_valid(StateInput, request))
        return self._shown(row)

    @extend_schema(request=HoldInput, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        """Decide about somebody who may want us to stop, `opt_out` or `keep` writing; or about a message from an unknown
        address that may be their answer: `theirs`, or `other`."""
        row, values, user = self.get_object(), _valid(HoldInput, request), _user(request)
        if values["decision"] in {"theirs", "other"}:
            found = values.get("hold")
            if found is None or found.conversation_id != row.pk:
                raise Invalid("hold", _("Choose a message that is waiting in this conversation."))
            decide = proposals.attach if values["decision"] == "theirs" else proposals.dismiss
            decide(hold=found, actor=Actor.of(user))
        elif values["decision"] == "opt_out":
            services.opt_out_held(conversation=row, user=user)
        else:
            services.keep_writing(conversation=row, user=user)
        return self._shown(row)

    @extend_schema(request=IntentInput, responses=ReadingSerializer)
    @action(detail=True, methods=["post"])
    def readings(self, request: Request, pk: str) -> Response:
        """Correct what a reply of this conversation wants."""
        values = _valid(IntentInput, request)
        row = self.get_object()
        if values["message"].conversation_id != row.pk:
            raise serializers.ValidationError({"message": "It belongs to another conversation."})
        made = replies.correct(user=_user(request), **values)
        return Response(ReadingSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DraftInput, responses={201: SuggestionSerializer})
    @action(detail=True, methods=["post"], calls_out=True)
    def suggestions(self, request: Request, pk: str) -> Response:
        """Draft an answer to the last reply, or draft it again as `note` says."""
        given = _valid(DraftInput, request)
        made = suggesting.regenerate(conversation=self.get_object(), user=_user(request), **given)
        return Response(SuggestionSerializer(made).data, status=status.HTTP_201_CREATED)


class SuggestionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Suggestion]):
    """Suggested answers. Nothing is sent until a person uses one."""

    queryset = Suggestion.objects.select_related("conversation__lead", "interaction")
    serializer_class = SuggestionSerializer
    required_role = Role.REVIEWER
    filterset_fields = ("state", "conversation")

    @extend_schema(request=UseInput, responses={201: ConversationMessageSerializer})
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Approve and send it, as it is or with your own `body`."""
        message = replies.use_suggestion(suggestion=self.get_object(), user=_user(request), **_valid(UseInput, request))
        return Response(ConversationMessageSerializer(message).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Put it away."""
        row = self.get_object()
        replies.discard(suggestion=row, user=_user(request))
        return Response(self.get_serializer(row).data)


def _valid(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _user(request: Request) -> User:
    user = request.user
    if not isinstance(user, User):
        raise serializers.ValidationError("Sign in.")
    return user
