"""Providers and routes over REST. Keys go in and never come out."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.views import APIView, given
from outreach.llm import spending
from outreach.llm.kinds import KINDS
from outreach.llm.models import ModelProvider, TraceContent
from outreach.llm.purposes import PURPOSES
from outreach.llm.setup import selectors, services
from outreach.llm.setup.forms import policy_values
from outreach.llm.setup.services import ProviderData


class ModelProviderIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40, help_text="What routes call it: `name/model`")
    kind = serializers.ChoiceField(choices=[(kind.name, kind.name) for kind in KINDS.values()])
    base_url = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="Empty: the kind's own address"
    )
    key = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, write_only=True, help_text="Left out: the stored key stays"
    )
    is_local = serializers.BooleanField(
        required=False, default=False, help_text="It may be on this machine or in a private network"
    )
    uses_responses = serializers.BooleanField(
        required=False, default=False, help_text="Ask through OpenAI's responses API"
    )
    is_free = serializers.BooleanField(
        required=False, default=False, help_text="Of a new provider: none of its models costs anything"
    )
    timeout_seconds = serializers.IntegerField(required=False, default=60, min_value=1, max_value=600)
    concurrent_calls = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=1_000, help_text="Null: no limit"
    )
    requests_per_minute = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=1_000_000
    )
    tokens_per_minute = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=1_000_000_000
    )


class ModelProviderOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField(allow_blank=True)
    base_url = serializers.CharField()
    api = serializers.CharField(help_text="chat, responses or anthropic")
    is_fixed = serializers.BooleanField(help_text="Set in outreach.toml; cannot be changed here")
    has_key = serializers.BooleanField()
    is_local = serializers.BooleanField()
    timeout_seconds = serializers.FloatField()
    concurrent_calls = serializers.IntegerField(allow_null=True)
    requests_per_minute = serializers.IntegerField(allow_null=True)
    tokens_per_minute = serializers.IntegerField(allow_null=True)
    prices = serializers.DictField(
        help_text="What was stated, by model (`*`: all): US dollars for a million tokens in and out"
    )
    unpriced = serializers.ListField(
        child=serializers.CharField(),
        help_text="Models in use without a known price; under a spend cap they are not asked",
    )
    learned_limits = serializers.DictField(help_text="What its headers told, by model: calls and tokens a minute")
    paused_until = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    test = serializers.DictField(help_text="The last test: at, model, answer, error, latency_ms")
    models = serializers.ListField(child=serializers.CharField())
    purposes = serializers.ListField(child=serializers.CharField())


class ModelPolicySerializer(serializers.Serializer[Any]):
    usd_per_day = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True, help_text="Null: no cap")
    usd_per_campaign = serializers.DecimalField(
        max_digits=9, decimal_places=2, allow_null=True, help_text="For campaigns without a cap of their own"
    )
    trace_content = serializers.ChoiceField(choices=TraceContent.choices, help_text="What traces keep of texts")
    trace_days = serializers.IntegerField(min_value=0, max_value=3650, help_text="Texts are deleted then; 0: never")
    spent_today_usd = serializers.DecimalField(max_digits=12, decimal_places=6, read_only=True)


class ModelPriceIn(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200, help_text="`*`: all models of the provider")
    input = serializers.DecimalField(
        max_digits=12, decimal_places=6, min_value=0, allow_null=True, help_text="US dollars for a million tokens"
    )
    output = serializers.DecimalField(
        max_digits=12, decimal_places=6, min_value=0, allow_null=True, help_text="Both null: the price table holds"
    )


class ModelTestIn(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200)


class ModelTestOut(serializers.Serializer[Any]):
    is_working = serializers.BooleanField()
    model = serializers.CharField()
    answer = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    latency_ms = serializers.IntegerField(allow_null=True)
    trace_id = serializers.UUIDField()


class ModelRouteIn(serializers.Serializer[Any]):
    chain = serializers.ListField(
        child=serializers.CharField(max_length=240), help_text="`provider/model`, first to last; empty: no own choice"
    )
    temperature = serializers.FloatField(required=False, default=0.4, min_value=0, max_value=2)
    max_output_tokens = serializers.IntegerField(required=False, default=900, min_value=16, max_value=32_000)


class ModelRouteOut(serializers.Serializer[Any]):
    route = serializers.CharField()
    chain = serializers.ListField(child=serializers.CharField())
    served_by = serializers.CharField(allow_blank=True, help_text="The route whose chain it uses")
    is_fixed = serializers.BooleanField(help_text="Set in outreach.toml; cannot be changed here")


def provider_as_json(line: selectors.ProviderLine) -> dict[str, Any]:
    """One provider as API and command show it."""
    row = line.row
    return {
        "name": line.name,
        "kind": line.kind.name if line.kind else "",
        "base_url": line.provider.base_url,
        "api": line.provider.api,
        "is_fixed": row is None,
        "has_key": row.has_key if row else bool(line.provider.api_key_env and not line.missing_key),
        "is_local": row.is_local if row else False,
        "timeout_seconds": line.provider.timeout_seconds,
        **{name: getattr(line.provider, name) for name in services.LIMITS},
        "prices": {model: price.model_dump(mode="json") for model, price in line.provider.prices.items()},
        "unpriced": line.unpriced,
        "learned_limits": {
            row.model: {"requests_per_minute": row.requests_per_minute, "tokens_per_minute": row.tokens_per_minute}
            for row in line.learned
        },
        "paused_until": line.spared_until,
        "last_error": line.last_error,
        "test": line.test,
        "models": line.model_names,
        "purposes": [purpose.route for purpose in line.purposes],
    }


def route_as_json(line: selectors.RouteLine) -> dict[str, Any]:
    """One route as API and command show it."""
    served_by = line.served_by.route if line.served_by else ""
    return {"route": line.purpose.route, "chain": line.chain, "served_by": served_by, "is_fixed": line.is_fixed}


class ModelProviderViewSet(viewsets.ViewSet):
    """Providers of language models: connect, test, remove."""

    lookup_field = "name"
    lookup_value_regex = "[a-z0-9][a-z0-9_-]*"
    required_role = Role.ADMINISTRATOR
    serializer_class = ModelProviderOut

    @extend_schema(operation_id="model_provider_list", responses=ModelProviderOut(many=True))
    def list(self, request: Request) -> Response:
        """All providers in force."""
        return Response([self._shown(line) for line in selectors.provider_lines()])

    @extend_schema(responses=ModelProviderOut)
    def retrieve(self, request: Request, name: str) -> Response:
        """One provider."""
        return self._answer(name)

    @extend_schema(request=ModelProviderIn, responses={201: ModelProviderOut})
    def create(self, request: Request) -> Response:
        """Connect a provider. Nothing is asked of it yet: test it next."""
        data = ProviderData(**given(ModelProviderIn, request.data))
        row = services.save_provider(data, actor=Actor.of(request.user))
        return self._answer(row.name, status.HTTP_201_CREATED)

    @extend_schema(request=ModelProviderIn, responses=ModelProviderOut)
    def update(self, request: Request, name: str) -> Response:
        """Change a provider. The stored key stays when none is given, unless the address changes."""
        data = ProviderData(**given(ModelProviderIn, request.data))
        services.save_provider(data, actor=Actor.of(request.user), provider=self._row(name))
        return self._answer(name)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:
        """Remove a provider with its key. Refused while a route names it."""
        services.remove_provider(provider=self._row(name), actor=Actor.of(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ModelTestIn, responses=ModelTestOut)
    @action(detail=True, methods=["post"], calls_out=True)
    def test(self, request: Request, name: str) -> Response:
        """One real call. An answer with `is_working` false says what is wrong."""
        actor = Actor.of(request.user)
        return Response(
            ModelTestOut(services.test_provider(name=name, actor=actor, **given(ModelTestIn, request.data))).data
        )

    @extend_schema(request=ModelPriceIn, responses=ModelProviderOut)
    @action(detail=True, methods=["put"])
    def price(self, request: Request, name: str) -> Response:
        """State what a model costs, 0 for free. Work that waits for a price goes on."""
        data, actor = given(ModelPriceIn, request.data), Actor.of(request.user)
        row, read, written = self._row(name), data["input"], data["output"]
        services.set_price(provider=row, model=data["model"], read=read, written=written, actor=actor)
        return self._answer(name)

    def _row(self, name: str) -> ModelProvider:
        return get_object_or_404(ModelProvider, name=name)

    def _answer(self, name: str, code: int = status.HTTP_200_OK) -> Response:
        line = selectors.provider_line(name)
        if line is None:
            raise Http404
        return Response(self._shown(line), status=code)

    def _shown(self, line: selectors.ProviderLine) -> dict[str, Any]:
        return ModelProviderOut(provider_as_json(line)).data


class ModelPolicyView(APIView):
    """Spend caps, and what traces keep for how long."""

    required_role = Role.ADMINISTRATOR

    @extend_schema(responses=ModelPolicySerializer)
    def get(self, request: Request) -> Response:
        """What is in force."""
        return Response(ModelPolicySerializer({**policy_values(), "spent_today_usd": spending.spent_today()}).data)

    @extend_schema(request=ModelPolicySerializer, responses=ModelPolicySerializer)
    def put(self, request: Request) -> Response:
        """Change it. What outreach.toml sets stays in force."""
        services.save_policy(**given(ModelPolicySerializer, request.data), actor=Actor.of(request.user))
        return self.get(request)


class ModelRouteViewSet(viewsets.ViewSet):
    """Which models serve which purpose, in which order."""

    lookup_field = "route"
    lookup_value_regex = "[a-z]+"
    required_role = Role.OPERATOR
    serializer_class = ModelRouteOut

    @extend_schema(operation_id="model_route_list", responses=ModelRouteOut(many=True))
    def list(self, request: Request) -> Response:
        """All purposes."""
        return Response([route_as_json(line) for line in selectors.route_lines()])

    @extend_schema(request=ModelRouteIn, responses=ModelRouteOut)
    def update(self, request: Request, route: str) -> Response:
        """Choose the models for one purpose."""
        if route not in PURPOSES:
            raise Http404
        services.save_route(route=route, actor=Actor.of(request.user), **given(ModelRouteIn, request.data))
        return Response(next(route_as_json(line) for line in selectors.route_lines() if line.purpose.route == route))
