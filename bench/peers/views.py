"""The ticket list as good DRF code: ModelSerializers, select_related, only, paged with a count."""

from django.db.models import Q
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import LimitOffsetPagination

from bench.peers.models import Membership, Person, Team, Ticket, Visitor


class RequesterSerializer(serializers.ModelSerializer):
    uid = serializers.UUIDField(source="id", read_only=True)

    class Meta:
        model = Visitor
        fields = ("id", "uid", "nickname", "email", "avatar")
        read_only_fields = fields


class AssigneeSerializer(serializers.ModelSerializer):
    uid = serializers.UUIDField(source="id", read_only=True)

    class Meta:
        model = Person
        fields = ("id", "uid", "nickname", "email", "avatar", "username")
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer):
    class Meta:
        model = Team
        fields = ("id", "name")
        read_only_fields = fields


class TicketSerializer(serializers.ModelSerializer):
    """The product's ticket, field by field."""

    uid = serializers.UUIDField(source="id", read_only=True)
    priority = serializers.CharField(source="get_priority_display", read_only=True)
    requester = RequesterSerializer(read_only=True)
    assignee = AssigneeSerializer(read_only=True)
    team = TeamSerializer(read_only=True)
    thread = serializers.UUIDField(source="thread_id", read_only=True)
    customFields = serializers.JSONField(source="custom_fields", read_only=True)
    dueAt = serializers.DateTimeField(source="due_at", read_only=True)
    firstResponseAt = serializers.DateTimeField(source="first_response_at", read_only=True)
    resolvedAt = serializers.DateTimeField(source="resolved_at", read_only=True)
    closedAt = serializers.DateTimeField(source="closed_at", read_only=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True)

    class Meta:
        model = Ticket
        fields = (
            *(
                "id",
                "uid",
                "number",
                "title",
                "content",
                "status",
                "priority",
                "type",
                "tags",
                "requester",
                "assignee",
            ),
            *(
                "team",
                "thread",
                "customFields",
                "dueAt",
                "firstResponseAt",
                "resolvedAt",
                "closedAt",
                "createdAt",
            ),
            *("updatedAt", "version"),
        )
        read_only_fields = fields


class Pages(LimitOffsetPagination):
    default_limit = 50


COLUMNS = (
    *(
        "id",
        "number",
        "title",
        "content",
        "status",
        "priority",
        "type",
        "tags",
        "thread_id",
        "custom_fields",
        "due_at",
    ),
    *("first_response_at", "resolved_at", "closed_at", "created_at", "updated_at", "version", "team__name"),
    *(
        "requester__nickname",
        "requester__email",
        "requester__avatar",
        "assignee__nickname",
        "assignee__email",
    ),
    *("assignee__avatar", "assignee__username"),
)


class TicketList(ListAPIView):
    """The newest tickets that the product's own user may see."""

    serializer_class = TicketSerializer
    pagination_class = Pages

    def get_queryset(self):
        me = Person.objects.get(username=self.request.user.username)
        teams = list(Membership.objects.filter(user=me).values_list("team_id", flat=True))
        visible = Q(team__in=teams) | Q(team=None) | Q(assignee=me)
        return (
            Ticket.objects.filter(visible, deleted_at=None)
            .select_related("requester", "assignee", "team")
            .only(*COLUMNS)
            .order_by("-created_at", "-id")
        )
