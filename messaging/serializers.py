"""What comes in about conversations (api.inputs reads it); what goes out is in queries."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from accounts.serializers import Reference, Skills
from messaging.models import Visibility

Text = Annotated[str, Meta(max_length=500)]
Few = Annotated[  # custom fields: a few names, each with a plain value
    dict[Annotated[str, Meta(min_length=1, max_length=60)], Text | int | float | bool | None],
    Meta(max_length=30),
]


class CardButton(Struct, rename="camel"):
    """A button of a card: it opens a `url`, or sends a `reply` as its visitor's message."""

    label: str
    url: str = ""
    reply: str = ""


class CardInput(Struct, rename="camel"):
    """A card; the addresses are http(s) ones."""

    title: str
    text: str = ""
    image_url: str = ""
    url: str = ""
    buttons: Annotated[list[CardButton], Meta(max_length=4)] = []


class MessageInput(Struct, rename="camel"):
    """A message to send; `threadUid` is another name of `thread`, and `content` a file's caption."""

    content: str | UnsetType = UNSET
    thread: UUID | UnsetType = UNSET
    thread_uid: UUID | UnsetType = UNSET
    type: str = ""
    attachment: UUID | Reference | None = None
    card: CardInput | None = None
    visibility: str = Visibility.PUBLIC.value
    client_id: str = ""
    mentions: Annotated[list[UUID | Reference], Meta(max_length=50)] = []


class MessageChange(Struct, rename="camel"):
    """What may be changed of a message."""

    content: str | UnsetType = UNSET


class VisitorInput(Struct, rename="camel"):
    """A visitor: by `id` (or `uid`) one that is known, else found or made from the rest."""

    id: UUID | UnsetType = UNSET
    uid: UUID | UnsetType = UNSET
    external_id: Text = ""
    nickname: Text = ""
    email: Text = ""
    avatar: Text = ""


class VisitorChange(Struct, rename="camel"):
    """What may be changed of a visitor."""

    nickname: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    phone: Text | UnsetType = UNSET
    language: Text | UnsetType = UNSET
    avatar: Text | UnsetType = UNSET
    custom_fields: Few | UnsetType = UNSET


class ThreadInput(Struct, rename="camel"):
    """A thread to begin; `members` are the colleagues of a GROUP, oneself need not be named."""

    type: str
    visitor: UUID | VisitorInput | None = None
    agent: UUID | Reference | None = None
    team: UUID | Reference | None = None
    topic: str = ""
    skills: Skills = []
    members: Annotated[list[UUID | Reference], Meta(max_length=50)] = []


class ThreadChange(Struct, rename="camel"):
    """What may be changed of a thread."""

    topic: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    summary: str | UnsetType = UNSET


class TransferInput(Struct, rename="camel"):
    """Whom to give a thread to; the `note` is for them alone."""

    agent: UUID | Reference | None = None
    team: UUID | Reference | None = None
    note: str = ""


class InviteInput(Struct, rename="camel"):
    agent: UUID | Reference


Attachments = Annotated[list[UUID | Reference], Meta(max_length=10)]


class ReplyInput(Struct, rename="camel"):
    """A canned reply; without a `scope` it is the team's where one is named, else the caller's own."""

    shortcut: str
    content: str
    title: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    team: UUID | Reference | None | UnsetType = UNSET
    attachments: Attachments | UnsetType = UNSET


class ReplyChange(Struct, rename="camel"):
    """What may be changed of a canned reply."""

    shortcut: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    team: UUID | Reference | None | UnsetType = UNSET
    attachments: Attachments | UnsetType = UNSET


class RobotChange(Struct, rename="camel"):
    """What may be changed of a robot."""

    name: Text | UnsetType = UNSET
    nickname: Text | UnsetType = UNSET
    avatar: Text | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    welcome_text: str | UnsetType = UNSET
    suggestions: Annotated[list[Text], Meta(max_length=20)] | UnsetType = UNSET
    responder: Text | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    threshold: float | UnsetType = UNSET
    team: UUID | Reference | None | UnsetType = UNSET
    offer_after: int | UnsetType = UNSET
    hand_over_after: int | UnsetType = UNSET


class RobotInput(RobotChange, kw_only=True, rename="camel"):
    """A robot; what is not sent is as the admin's page suggests it."""

    name: Text
    nickname: Text


class EntryChange(Struct, rename="camel"):
    """What may be changed of an entry of the knowledge; without a robot it is of all."""

    question: str | UnsetType = UNSET
    similar: Annotated[list[str], Meta(max_length=100)] | UnsetType = UNSET
    answer: str | UnsetType = UNSET
    language: Text | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    robot: UUID | Reference | None | UnsetType = UNSET


class EntryInput(EntryChange, kw_only=True, rename="camel"):
    """A question and its answer."""

    question: str
    answer: str


class TryInput(Struct, rename="camel"):
    """A question to try a robot with; `language` is that of the visitor's browser."""

    question: Annotated[str, Meta(min_length=1, max_length=2000)]
    language: Annotated[str, Meta(max_length=20)] = ""


class RenderInput(Struct, rename="camel"):
    thread: UUID


class ReadInput(Struct, rename="camel"):
    seq: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None


class TypingInput(Struct, rename="camel"):
    typing: bool = True


class Nothing(Struct):
    """A body without members."""


def id_of(reference: UUID | Reference | None) -> UUID | None:
    """Return the id that a reference names."""
    return reference.id if isinstance(reference, Reference) else reference
