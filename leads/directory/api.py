"""Leads, companies and addresses over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leads import selectors, services
from leads.directory import erasing
from leads.models import Channel, Company, Identity, Lead
from leads.qualification.selectors import judged
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class IdentitySerializer(ModelSerializer[Identity]):
    class Meta:
        model = Identity
        fields = ["id", "lead", "channel", "address", "is_primary", "status", "status_reason", "created_at"]
        read_only_fields = fields


class IdentityInputSerializer(serializers.Serializer[Identity]):
    lead = serializers.PrimaryKeyRelatedField(queryset=Lead.objects.alive())
    channel = serializers.ChoiceField(choices=Channel.choices)
    address = serializers.CharField(max_length=500)
    is_primary = serializers.BooleanField(required=False)


class IdentityChangeSerializer(serializers.Serializer[Identity]):
    is_primary = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(choices=Identity.Status.choices, required=False)


class LeadSerializer(ModelSerializer[Lead]):
    identities = IdentitySerializer(many=True, read_only=True)
    company_name = serializers.CharField(source="company.name", read_only=True, default="")

    class Meta:
        model = Lead
        fields = [
            "id", "kind", "full_name", "first_name", "last_name", "title", "company", "company_name", "description", "url", "country",
            "region", "city", "postal_code", "time_zone", "language", "status", "tags", "attributes", "research", "source",
            "external_id", "session_key", "batch", "content_hash", "activity_at", "last_contacted_at", "last_replied_at",
            "erased_at", "identities", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class LeadInputSerializer(ModelSerializer[Lead]):
    """Editable fields. `seen_at` is the `updated_at` you read: 409 if the lead has changed since."""

    tags = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=50)
    email = serializers.CharField(required=False, max_length=320, write_only=True, help_text="New leads only")
    phone = serializers.CharField(required=False, max_length=60, write_only=True, help_text="New leads only")
    network = serializers.CharField(required=False, max_length=500, write_only=True, help_text="New leads only")
    attributes = serializers.DictField(required=False)
    research = serializers.DictField(required=False)
    seen_at = serializers.CharField(required=False, max_length=40)

    class Meta:
        model = Lead
        fields = [
            "kind", "full_name", "first_name", "last_name", "title", "company", "description", "url", "country", "region", "city",
            "postal_code", "time_zone", "language", "status", "tags", "attributes", "research", "source", "external_id",
            "session_key", "activity_at", "email", "phone", "network", "seen_at",
        ]  # fmt: skip
        validators: list[Any] = []


class EraseSerializer(serializers.Serializer[Lead]):
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Kept in the history: do not name anyone"
    )


class LeadFilter(django_filters.FilterSet):
    """`search` finds names, addresses and companies by their beginning."""

    search = django_filters.CharFilter(method="by_search")
    country = django_filters.CharFilter(method="by_country")
    tag = django_filters.CharFilter(method="by_tag")
    qualified_only = django_filters.BooleanFilter(method="by_verdict", help_text="Only those whose last verdict is yes")
    min_score = django_filters.NumberFilter(method="by_score", help_text="Least score of the last verdict, 0 to 1")
    location = django_filters.CharFilter(method="by_location", help_text="A city or region, as it is written")

    class Meta:
        model = Lead
        fields = ["status", "language", "batch", "company", "session_key", "kind"]

    def by_verdict(self, queryset: QuerySet[Lead], _name: str, value: bool) -> QuerySet[Lead]:
        return judged(queryset, is_qualified=True) if value else queryset

    def by_score(self, queryset: QuerySet[Lead], _name: str, value: Decimal) -> QuerySet[Lead]:
        return judged(queryset, min_score=float(value))

    def by_location(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        return queryset.filter(Q(city=value) | Q(region=value))

    def by_search(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        return queryset & selectors.lead_query(search=value[:200])

    def by_country(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        return queryset.filter(country=value.upper())

    def by_tag(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        return queryset.filter(tags__contains=[value.lower()])


class LeadViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Lead],
):
    """People and listings that we might contact."""

    queryset = Lead.objects.alive().select_related("company").prefetch_related("identities")
    serializer_class = LeadSerializer
    filterset_class = LeadFilter
    http_method_names = ["get", "post", "patch", "head", "options"]

    @extend_schema(request=LeadInputSerializer, responses={201: LeadSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(LeadInputSerializer, request.data)
        values.pop("seen_at", None)
        addresses = {name: values.pop(name, "") for name in ("email", "phone", "network")}
        lead = services.create_lead(actor=Actor.of(request.user), fields=values, **addresses)
        return Response(LeadSerializer(lead).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LeadInputSerializer, responses=LeadSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(LeadInputSerializer, request.data, partial=True)
        for name in ("email", "phone", "network"):
            values.pop(name, None)
        seen_at = values.pop("seen_at", "")
        lead = services.update_lead(
            lead=self.get_object(), actor=Actor.of(request.user), fields=values, seen_at=seen_at
        )
        return Response(LeadSerializer(lead).data)

    @extend_schema(request=EraseSerializer, responses=LeadSerializer)
    @action(detail=True, methods=["post"], queryset=Lead.objects.select_related("company"), filterset_class=None)
    def erase(self, request: Request, pk: str) -> Response:
        """Permanently erase personal data; opt-outs stay as digests. Repeating it changes nothing.

        409 `lead_merged` for a lead that was merged into another: erase that one.
        """
        values = given(EraseSerializer, request.data)
        lead = self.get_object()
        if lead.erased_at is None or lead.merged_into_id:
            erasing.erase(lead=lead, actor=Actor.of(request.user), **values)
        return Response(LeadSerializer(lead).data)


class CompanySerializer(ModelSerializer[Company]):
    class Meta:
        model = Company
        fields = [
            "id", "name", "domain", "website", "country", "city", "industry", "segment", "is_sme", "employee_count", "tax_id",
            "registration_number", "phone", "status", "research_text", "tags", "attributes", "source", "external_id", "session_key",
            "batch", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class CompanyInputSerializer(ModelSerializer[Company]):
    """Editable fields. `seen_at` is the `updated_at` you read: 409 if the company has changed since."""

    tags = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=50)
    attributes = serializers.DictField(required=False)
    seen_at = serializers.CharField(required=False, max_length=40)

    class Meta:
        model = Company
        fields = [
            "name", "domain", "website", "country", "city", "industry", "segment", "is_sme", "employee_count", "tax_id",
            "registration_number", "phone", "status", "research_text", "tags", "attributes", "source", "external_id", "session_key",
            "seen_at",
        ]  # fmt: skip
        validators: list[Any] = []


class CompanyFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="by_search")

    class Meta:
        model = Company
        fields = ["country", "industry", "segment", "status", "tax_id", "registration_number", "domain", "batch"]

    def by_search(self, queryset: QuerySet[Company], _name: str, value: str) -> QuerySet[Company]:
        return queryset & selectors.company_query(search=value[:200])


class CompanyViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Company],
):
    """Firms."""

    queryset = Company.objects.all()
    serializer_class = CompanySerializer
    filterset_class = CompanyFilter
    http_method_names = ["get", "post", "patch", "head", "options"]

    @extend_schema(request=CompanyInputSerializer, responses={201: CompanySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(CompanyInputSerializer, request.data)
        values.pop("seen_at", None)
        company = services.create_company(actor=Actor.of(request.user), fields=values)
        return Response(CompanySerializer(company).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CompanyInputSerializer, responses=CompanySerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(CompanyInputSerializer, request.data, partial=True)
        seen_at = values.pop("seen_at", "")
        company = services.update_company(
            company=self.get_object(), actor=Actor.of(request.user), fields=values, seen_at=seen_at
        )
        return Response(CompanySerializer(company).data)

    @extend_schema(responses=LeadSerializer(many=True), operation_id="companies_leads_list")
    @action(detail=True, methods=["get"], filterset_class=None)
    def leads(self, request: Request, pk: str) -> Response:
        """The people of a company. To put a lead into another one, change its `company`."""
        rows: Any = LeadViewSet.queryset.filter(company=self.get_object())
        return self.get_paginated_response(LeadSerializer(self.paginate_queryset(rows), many=True).data)


class IdentityViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Identity],
):
    """Addresses of leads. An address belongs to one lead: 409 for one of another."""

    queryset = Identity.objects.select_related("lead")
    serializer_class = IdentitySerializer
    filterset_fields = ["lead", "channel", "address", "status"]
    http_method_names = ["get", "post", "patch", "head", "options"]

    @extend_schema(request=IdentityInputSerializer, responses={201: IdentitySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(IdentityInputSerializer, request.data)
        identity = services.add_identity(actor=Actor.of(request.user), **values)
        return Response(IdentitySerializer(identity).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=IdentityChangeSerializer, responses=IdentitySerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = given(IdentityChangeSerializer, request.data)
        identity = services.update_identity(identity=self.get_object(), actor=Actor.of(request.user), **values)
        return Response(IdentitySerializer(identity).data)
