"""What the operations of robots and of their knowledge take and give; messaging.schema imports it."""

from django.conf import settings

from api.schema import (
    ANY,
    DELETED,
    EXAMPLES,
    FLAG,
    TEXT,
    UUID,
    Operation,
    Shape,
    a_list,
    an_object,
    describe,
    shown,
)
from messaging import views
from messaging.robots.queries import KNOWLEDGE, ROBOTS
from messaging.serializers import EntryChange, EntryInput, RobotChange, RobotInput, TryInput

NUMBER = {"type": "number", "description": "How sure of an answer it must be: 0 to 1."}
CONFIG = ANY | {"description": "The responder's own settings. Never a secret: those are in the environment."}
LANGUAGES = TEXT | {"enum": ["", *(code for code, _ in settings.LANGUAGES)]}
ROBOT = Shape("Robot", lambda: shown(ROBOTS, {"config": CONFIG, "threshold": NUMBER}))
ENTRY = Shape("KnowledgeEntry", lambda: shown(KNOWLEDGE, {"language": LANGUAGES}))
TRIED = Shape(
    "TriedAnswer",
    lambda: an_object(
        {
            "answer": TEXT | {"description": "What a visitor would read."},
            "suggestions": a_list(TEXT),
            "answered": FLAG | {"description": "Whether it knows the answer, and is as sure as it must be."},
            "confidence": {"type": "number"},
            "handsOver": FLAG | {"description": "Whether people would have the conversation then."},
            "entries": a_list(an_object({"id": UUID, "question": TEXT}))
            | {"description": "The knowledge that it answers from."},
            "failure": TEXT | {"description": "Why its responder failed; empty where it did not."},
        }
    ),
)

describe(views.RobotList, get=Operation("List robots", ROBOT, many=True, listing=ROBOTS))
describe(
    views.RobotCreate,
    post=Operation(
        "Create a robot",
        ROBOT,
        body=RobotInput,
        example={
            "name": "shop",
            "nickname": "Shop assistant",
            "welcomeText": "Hello! Ask me about your order.",
            "suggestions": ["Where is my parcel?"],
            "responder": "faq",
            "threshold": 0.5,
            "team": EXAMPLES["team"],
        },
        etag=True,
    ),
)
change_robot = Operation(
    "Change the fields that are sent",
    ROBOT,
    body=RobotChange,
    example={"offerAfter": 1, "handOverAfter": 3},
    etag=True,
)
describe(
    views.OneRobot,
    get=Operation("Read a robot", ROBOT, etag=True),
    put=change_robot,
    patch=change_robot,
    delete=Operation("Let a robot rest: what it said stays", DELETED, etag=True),
)
describe(
    views.RobotTry,
    post=Operation(
        "Try what a robot answers, without a conversation",
        TRIED,
        body=TryInput,
        example={"question": "How do I return goods?"},
    ),
)
describe(views.KnowledgeList, get=Operation("List what robots know", ENTRY, many=True, listing=KNOWLEDGE))
describe(
    views.KnowledgeCreate,
    post=Operation(
        "Add a question and its answer",
        ENTRY,
        body=EntryInput,
        example={
            "question": "How do I return goods?",
            "similar": ["Can I send something back?"],
            "answer": "Within 30 days, with the label in the parcel.",
            "language": "en",
        },
        etag=True,
    ),
)
change_entry = Operation(
    "Change the fields that are sent",
    ENTRY,
    body=EntryChange,
    example={"answer": "Within 60 days.", "enabled": True},
    etag=True,
)
describe(
    views.OneEntry,
    get=Operation("Read a question and its answer", ENTRY, etag=True),
    put=change_entry,
    patch=change_entry,
    delete=Operation("Delete a question and its answer", DELETED, etag=True),
)
