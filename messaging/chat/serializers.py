"""What comes in from the chat page and the widget."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from messaging.serializers import Few

Short = Annotated[str, Meta(max_length=120)]
Text = Annotated[str, Meta(max_length=500)]
Seq = Annotated[int, Meta(ge=0, le=2_147_483_647)]


class PageInput(Struct, rename="camel"):
    """A page of the embedding site."""

    url: Annotated[str, Meta(max_length=2000)]
    title: Annotated[str, Meta(max_length=300)] = ""


class OpenInput(Struct, rename="camel"):
    """Who opens a chat, and where; `org` is accepted and means this desk."""

    org: Text = ""
    t: Short = "1"
    sid: Short = ""
    visitor: Text = ""
    visitor_uid: Short = ""
    signature: Short = ""
    nickname: Short = ""
    avatar: Text = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    language: Annotated[str, Meta(max_length=20)] = ""
    custom_fields: Few = {}
    device: Few = {}
    page: PageInput | None = None


class SayInput(Struct, rename="camel"):
    """A message, and the address of the chat that it begins; with an attachment `content` is its caption."""

    client_id: str
    content: str = ""
    type: Short = ""
    attachment: UUID | None = None
    t: Short = "1"
    sid: Short = ""


class LeaveInput(Struct, rename="camel"):
    """A message for when somebody is there again, and how to reach its writer."""

    content: str
    client_id: str
    nickname: Short = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    t: Short = "1"
    sid: Short = ""


class HumanInput(Struct, rename="camel"):
    """A wish for a person, and the address of the chat that it may begin."""

    sid: Short = ""


class SeqInput(Struct, rename="camel"):
    seq: Seq | None = None


class DeliveredInput(Struct, rename="camel"):
    seq: Seq


class RateInput(Struct, rename="camel"):
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=1000)] = ""


class DraftInput(Struct, rename="camel"):
    content: Annotated[str, Meta(max_length=20_000)] = ""
