"""Robots and their knowledge over the API: who may write them, their lists, and trying what they answer."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import connection

from events.models import Event
from messaging.models import KnowledgeEntry, Message, Robot, RobotPace, Thread
from messaging.robots import trial
from messaging.robots.phrases import EN
from messaging.robots.queries import KNOWLEDGE
from messaging.robots.responders import Answer
from messaging.services import robot_pace
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user
from tests.messaging.robots import admin as an_admin
from tests.messaging.robots import ask, know, know_faq, robot, visit
from tests.messaging.test_robots_openai import Service, says, sends

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db):
    return as_user(an_admin())


@pytest.fixture
def supervisor(db):
    return as_user(factories.supervisor())


class TestRobots:
    def test_an_admin_makes_changes_and_retires_one_that_answers(self, boss, team):
        know("Do you sell boats?", "Yes, boats.")
        given = {"name": "shop", "nickname": "Shop", "team": str(team.pk), "welcomeText": "Hi!"}
        made = boss.post("robots/create", given).json()
        assert (made["team"]["id"], made["welcomeText"], made["responder"], made["active"]) == (
            str(team.pk), "Hi!", "faq", True,
        )  # fmt: skip
        browser = visit(Robot.objects.get(pk=made["id"]))
        assert ask(browser, "Do you sell boats?")["content"] == "Yes, boats."
        changed = boss.put(f"robots/{made['id']}", made | {"threshold": 1, "config": {}})
        assert changed.json() == made | {"threshold": 1.0, "updatedAt": changed.json()["updatedAt"]}
        assert boss.get(f"robots/{made['id']}").json() == changed.json()
        assert boss.delete(f"robots/{made['id']}").json() == {"id": made["id"], "deleted": True}
        assert boss.get(f"robots/{made['id']}").json()["active"] is False
        events = Event.objects.filter(object_id=made["id"]).order_by("pk")
        assert [each.type for each in events] == ["robot.created", "robot.updated", "robot.updated"]
        assert events[1].data["changed"] == ["threshold"]

    def test_a_write_is_conditional(self, boss):
        made = robot()
        read = boss.get(f"robots/{made.pk}")
        assert boss.put(f"robots/{made.pk}", {"nickname": "A"}, headers={"If-Match": read["ETag"]}).json()
        for write in (boss.put, boss.delete):
            late = write(f"robots/{made.pk}", {"nickname": "B"}, headers={"If-Match": read["ETag"]})
            assert (late.status_code, late.json()["code"]) == (412, "conflict")
            assert late.json()["current"]["nickname"] == "A"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"threshold": 2}, "threshold"), ({"offerAfter": 0}, "offerAfter"),
            ({"offerAfter": 10**30}, "offerAfter"), ({"handOverAfter": -1}, "handOverAfter"),
            ({"welcomeText": "x" * 3000}, "welcomeText"), ({"responder": "nobody"}, "responder"),
            ({"avatar": "javascript:1"}, "avatar"), ({"name": ""}, "name"),
            ({"team": "00000000-0000-7000-8000-000000000000"}, "team"), ({"config": []}, "config"),
            ({"config": {"x": "y" * 30_000}}, "config"), ({"suggestions": ["x"] * 6}, "suggestions"),
            ({"key": "sk-1"}, "key"), ({"active": None}, "active"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_said_at_its_field(self, boss, given, field):
        made = robot()
        refused = boss.put(f"robots/{made.pk}", given)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == field
        assert boss.post("robots/create", {"name": "x", "nickname": "x"} | given).status_code == 400

    @pytest.mark.parametrize("name", ["key", "apiKey", "api_key", "openai-token", "accessToken", "PASSWORD"])
    def test_a_secret_never_gets_in_and_so_never_out(self, boss, plugged, name):
        made = robot(responder=plugged(lambda question: Answer("x")))
        for config in ({name: "sk-1"}, {"deep": [{name: "sk-1"}]}):
            refused = boss.put(f"robots/{made.pk}", {"config": config}).json()["errors"][0]
            assert refused["field"] == "config" and "sk-1" not in str(refused)
        assert boss.put(f"robots/{made.pk}", {"config": {"maxTokens": 5, "monkey": 1}}).status_code == 200

    @pytest.mark.parametrize(("responder", "config"), [("openai", {"apiKey": "x"}), ("gone", {"old": 1})])
    def test_one_of_older_rules_can_be_switched_off(self, boss, responder, config):
        made = robot()
        Robot.objects.filter(pk=made.pk).update(responder=responder, config=config)
        assert boss.put(f"robots/{made.pk}", {"nickname": "Old"}).status_code == 200
        assert boss.delete(f"robots/{made.pk}").status_code == 200
        assert Robot.objects.get(pk=made.pk).active is False
        refused = boss.put(f"robots/{made.pk}", {"config": config | {"more": 1}}).json()["errors"][0]
        assert refused["field"] in ("config", "responder")

    def test_neither_address_nor_key_of_the_service_is_in_any_answer(self, boss, settings):
        settings.ROBOT_OPENAI_URL, settings.ROBOT_OPENAI_KEY = "https://llm.example.com/v1", "sk-very-secret"
        made = robot(responder="openai")
        for path in ("robots/list", f"robots/{made.pk}"):
            said = boss.get(path).content.decode()
            assert "sk-very-secret" not in said and "llm.example" not in said

    def test_a_name_is_one_robots(self, boss):
        robot("Shop")
        refused = boss.post("robots/create", {"name": "Shop", "nickname": "x"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "name")

    def test_supervisors_read_them_and_agents_do_not(self, supervisor, api):
        made = robot()
        assert [each["id"] for each in supervisor.get("robots/list").json()] == [str(made.pk)]
        assert supervisor.put(f"robots/{made.pk}", {"nickname": "x"}).json()["code"] == "insufficient_scope"
        assert api.get("robots/list").json() == []
        assert api.get(f"robots/{made.pk}").status_code == 404

    def test_the_list_is_narrowed_and_takes_two_statements(self, boss, team, django_assert_num_queries):
        robot("First", team=team)
        second = robot("Second", active=False, responder="openai")

        def names(query: str) -> list[str]:
            return [each["name"] for each in boss.get(f"robots/list?{query}").json()]

        assert names("") == ["First", "Second"]
        assert names("active=false") == names("responder=openai") == names("q=seco") == ["Second"]
        assert names(f"team={team.pk}") == ["First"] and names("team=none") == ["Second"]
        page = boss.get("robots/list?limit=1&ordering=-name")
        assert page.json()[0]["id"] == str(second.pk) and 'rel="next"' in page["Link"]
        with django_assert_num_queries(2):
            boss.get("robots/list")
        with django_assert_num_queries(2):
            boss.get(f"robots/{second.pk}")


class TestKnowledge:
    def test_a_supervisor_writes_it_and_robots_know_it_at_once(self, supervisor):
        browser = visit(robot())
        given = {
            "question": "Do you sell boats?",
            "similar": ["Any boats?"],
            "answer": "Yes.",
            "language": "en",
        }
        made = supervisor.post("knowledge/create", given).json()
        assert {name: made[name] for name in given} == given and made["robot"] is None
        assert ask(browser, "Any boats?")["content"] == "Yes."
        changed = supervisor.put(f"knowledge/{made['id']}", made | {"answer": "No."}).json()
        assert changed["answer"] == "No."
        assert ask(browser, "Any boats?")["content"] == "No."
        assert supervisor.delete(f"knowledge/{made['id']}").json() == {"id": made["id"], "deleted": True}
        assert supervisor.get(f"knowledge/{made['id']}").status_code == 404
        assert ask(browser, "Any boats?")["content"] == EN["miss"]
        types = Event.objects.filter(object_id=made["id"]).order_by("pk").values_list("type", flat=True)
        assert list(types) == ["knowledge.created", "knowledge.updated", "knowledge.deleted"]

    def test_an_agent_reads_it_and_does_not_write(self, api):
        entry = know("Do you sell boats?", "Yes.")
        assert api.get(f"knowledge/{entry.pk}").json()["answer"] == "Yes."
        body = {"question": "x", "answer": "x"}
        for refused in (
            api.post("knowledge/create", body),
            api.put(f"knowledge/{entry.pk}", body),
            api.delete(f"knowledge/{entry.pk}"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "role_not_permitted")

    def test_a_token_that_is_limited_to_teams_neither_reads_nor_writes_it(self, team):
        entry = know("Do you sell boats?", "Yes.")
        limited = as_user(an_admin(), team_ids=[team.pk])
        assert limited.get("knowledge/list").json() == []
        assert limited.get(f"knowledge/{entry.pk}").status_code == 404
        assert limited.delete(f"knowledge/{entry.pk}").status_code == 404
        assert limited.post("knowledge/create", {"question": "x", "answer": "x"}).status_code == 403
        assert KnowledgeEntry.objects.count() == 1

    def test_a_write_is_conditional(self, supervisor):
        entry = know("Do you sell boats?", "Yes.")
        read = supervisor.get(f"knowledge/{entry.pk}")
        supervisor.put(f"knowledge/{entry.pk}", {"answer": "No."}, headers={"If-Match": read["ETag"]})
        for write in (supervisor.put, supervisor.delete):
            late = write(f"knowledge/{entry.pk}", {"answer": "Maybe."}, headers={"If-Match": read["ETag"]})
            assert (late.status_code, late.json()["current"]["answer"]) == (412, "No.")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"question": " "}, "question"), ({"answer": ""}, "answer"), ({"answer": "x" * 10_001}, "answer"),
            ({"similar": ["x" * 501]}, "similar"), ({"language": "tlh"}, "language"), ({"x": 1}, "x"),
            ({"robot": "00000000-0000-7000-8000-000000000000"}, "robot"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_said_at_its_field(self, supervisor, given, field):
        entry = know("Do you sell boats?", "Yes.")
        for write, path in ((supervisor.put, str(entry.pk)), (supervisor.post, "create")):
            refused = write(f"knowledge/{path}", {"question": "x", "answer": "x"} | given)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)

    def test_the_list_is_narrowed_pages_and_takes_two_statements(self, api, django_assert_num_queries):
        mine, number = robot(), 0
        know("Do you sell boats?", "Yes, at 100% wind.", robot=mine, language="en")
        for number in range(5):
            know(f"Question {number}", "x", similar=[f"Other way {number}"], enabled=number != 3)

        def found(query: str) -> list[str]:
            return [each["question"] for each in api.get(f"knowledge/list?{query}").json()]

        assert (
            found(f"robot={mine.pk}") == found("language=en") == found("q=100%25") == ["Do you sell boats?"]
        )
        assert found("enabled=false") == found("q=way 3") == ["Question 3"]
        assert len(found("robot=none")) == 5 and found("q=zzz") == []
        place, read = "knowledge/list?limit=2&ordering=createdAt", []
        while place:
            page = api.get(place)
            read += [each["question"] for each in page.json()]
            links = dict(reversed(each.split("; ")) for each in page["Link"].split(", "))
            place = links.get('rel="next"', "").strip("<>").rpartition("/api/")[2]
        assert read == ["Do you sell boats?", *(f"Question {each}" for each in range(5))]
        with django_assert_num_queries(2):
            api.get("knowledge/list")
        with django_assert_num_queries(2):
            api.get("knowledge/list?q=boats")

    def test_a_page_of_much_knowledge_comes_from_an_index(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO messaging_knowledgeentry (id, question, answer, language, enabled)"
                " SELECT gen_random_uuid(), 'Question ' || n, 'x', '', true FROM generate_series(1, 5000) n"
            )
            cursor.execute("ANALYZE messaging_knowledgeentry")
            for path in ("created_at", "updated_at"):
                sql, params = KNOWLEDGE.statement([], path, True, None, 50, None, ("SELECT 0", []))
                cursor.execute(f"EXPLAIN {sql}", params)
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan on messaging_knowledgeentry" not in plan and "Sort" not in plan, plan


class TestTrying:
    def test_it_tells_the_answer_and_its_entry_without_a_conversation(self, supervisor):
        know_faq()
        mine = robot()
        tried = supervisor.post(f"robots/{mine.pk}/try", {"question": "retrun goods"}).json()
        assert tried["answered"] and tried["answer"].startswith("Within 30 days")
        assert 0.5 <= tried["confidence"] <= 1 and not tried["handsOver"]
        (entry,) = tried["entries"]
        assert entry["question"] == "How do I return goods?"
        assert KnowledgeEntry.objects.filter(pk=entry["id"]).exists()
        assert not Thread.objects.exists() and not Message.objects.exists()
        assert RobotPace.objects.count() == 1  # that somebody tried: nothing of the desk's budget

    def test_it_tells_what_it_does_not_know_and_when_it_hands_over(self, supervisor):
        know_faq()
        mine = robot(active=False)
        tried = supervisor.post(f"robots/{mine.pk}/try", {"question": "Quux"}).json()
        assert (tried["answered"], tried["answer"], tried["entries"]) == (False, EN["miss"], [])
        nearly = {"question": "return my parcel to another address"}
        offered = supervisor.post(f"robots/{mine.pk}/try", nearly).json()
        assert not offered["answered"] and offered["suggestions"]
        wished = supervisor.post(f"robots/{mine.pk}/try", {"question": "转人工", "language": "zh"}).json()
        assert wished["handsOver"] and "转接" in wished["answer"]

    def test_a_language_model_is_asked_and_its_failure_told(self, supervisor, settings):
        service = Service()
        settings.ROBOT_OPENAI_URL, settings.ROBOT_OPENAI_KEY = service.url, "sk-very-secret"
        entry, mine = know("Do you sell boats?", "Yes."), robot(responder="openai")
        tried = supervisor.post(f"robots/{mine.pk}/try", {"question": "Do you sell boats?"}).json()
        assert (tried["answer"], tried["entries"][0]["id"]) == ("It is a model speaking.", str(entry.pk))
        service.answers = [sends(401, b"sk-very-secret")]
        failed = supervisor.post(f"robots/{mine.pk}/try", {"question": "Do you sell boats?"}).json()
        assert (failed["failure"], failed["handsOver"]) == ("status 401", True)
        service.answers = [says("[[PERSON]]")]
        assert supervisor.post(f"robots/{mine.pk}/try", {"question": "Sue me"}).json()["handsOver"]
        service.shutdown()
        service.server_close()

    def test_it_is_counted_for_who_tries_and_apart_from_visitors(self, supervisor, plugged, monkeypatch):
        now = SimpleNamespace(now=lambda: datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC))
        monkeypatch.setattr(robot_pace, "timezone", now)
        monkeypatch.setattr(robot_pace, "TRIES_PER_DAY", 2)
        mine = robot(responder=plugged(lambda question: Answer("Yes")))
        limits = {"robotDeskAnswersPerMinute": 1, "robotDeskAnswersPerDay": 1}
        change_settings(group="chat", values=limits | {"robotDeskAnswersPerDay": 3}, actor=an_admin())
        forget_kept()
        answers = [supervisor.post(f"robots/{mine.pk}/try", {"question": "x"}) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert (answers[2].json()["code"], answers[2]["Retry-After"]) == ("throttled", str(12 * 3600 - 29))
        change_settings(group="chat", values=limits, actor=an_admin())
        forget_kept()
        assert ask(visit(mine), "x")["content"] == "Yes"  # visitors have theirs
        quick = robot("Quick")
        monkeypatch.setattr(robot_pace, "TRIES_PER_MINUTE", 3)
        answers = [supervisor.post(f"robots/{quick.pk}/try", {"question": "x"}) for _ in range(2)]
        assert [each.status_code for each in answers] == [200, 429]
        assert answers[1]["Retry-After"] == "31"

    def test_a_desk_that_asks_no_model_tries_none(self, supervisor, plugged):
        mine = robot(responder=plugged(lambda question: Answer("Yes")))
        change_settings(group="chat", values={"robotDeskAnswersPerDay": 0}, actor=an_admin())
        forget_kept()
        assert supervisor.post(f"robots/{mine.pk}/try", {"question": "x"}).status_code == 429
        assert not RobotPace.objects.exists()

    def test_two_at_once_ask_models_and_no_more(self, supervisor, plugged):
        mine = robot(responder=plugged(lambda question: Answer("Yes")))
        held = [trial._places.acquire(blocking=False) for _ in range(trial.AT_ONCE)]
        try:
            assert supervisor.post(f"robots/{mine.pk}/try", {"question": "x"}).status_code == 429
        finally:
            for _ in held:
                trial._places.release()
        assert not RobotPace.objects.exists()  # who was refused is not counted
        assert supervisor.post(f"robots/{mine.pk}/try", {"question": "x"}).status_code == 200

    @pytest.mark.parametrize(
        "body", [{}, {"question": ""}, {"question": 1}, {"question": "x" * 2001}, {"question": "x", "y": 1}]
    )
    def test_strange_questions_are_refused(self, supervisor, body):
        assert supervisor.post(f"robots/{robot().pk}/try", body).status_code == 400
