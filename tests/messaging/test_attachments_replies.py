"""Files of canned replies: kept with the reply, and copied into each message that is sent from it."""

import json

import pytest
from django.test import Client

from events.models import Event
from messaging.files import links
from messaging.models import Attachment, CannedReply
from messaging.services.attachments import sweep_files
from tests import factories
from tests.messaging.conversations import as_user, thread
from tests.messaging.uploads import PDF, png, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(agent):
    return thread(agent=agent, team=factories.team())


@pytest.fixture
def team(db):
    return factories.team()


def send(api, talk, attachment: dict, **more):
    return api.post("messages/send", {"thread": str(talk.pk), "attachment": attachment["id"]} | more)


class TestReplies:
    @pytest.fixture
    def reply(self, api, agent):
        made = upload(api, png(80, 60), "map.png")
        body = {"shortcut": "map", "content": "Here is the way.", "attachments": [made["id"]]}
        answer = api.post("replies/create", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def test_a_reply_shows_its_files_in_list_one_and_render(self, api, reply, talk):
        (file,) = reply["attachments"]
        assert file["name"] == "map.png" and file["width"] == 80
        assert Client().get(file["thumbnailUrl"]).status_code == 200
        assert api.get(f"replies/{reply['id']}").json() == reply
        assert api.get("replies/list").json() == [reply]
        filled = api.post(f"replies/{reply['id']}/render", {"thread": str(talk.pk)}).json()
        assert filled == {"content": "Here is the way.", "attachments": [file]}
        assert api.get(f"attachments/{file['id']}").json() == file

    def test_one_stored_file_is_sent_many_times_and_lives_as_long_as_one_of_them(self, api, reply, talk):
        (file,) = reply["attachments"]
        sent = [send(api, talk, file).json() for _ in range(3)]
        assert len({each["attachment"]["id"] for each in sent} | {file["id"]}) == 4
        assert len(set(Attachment.objects.values_list("key", flat=True))) == 1
        api.post(f"messages/{sent[0]['id']}/recall", {})
        api.delete(f"replies/{reply['id']}")
        assert sweep_files()["deleted"] == 0
        assert Client().get(sent[1]["attachment"]["url"]).status_code == 200
        for each in sent[1:]:
            api.post(f"messages/{each['id']}/recall", {})
        assert sweep_files()["deleted"] == 1

    def test_a_resend_of_a_copy_stores_one_message(self, api, reply, talk):
        (file,) = reply["attachments"]
        first = send(api, talk, file, clientId="c").json()
        assert send(api, talk, file, clientId="c").json() == first
        assert Attachment.objects.filter(message__isnull=False).count() == 1

    def test_who_does_not_see_the_reply_does_not_send_its_file(self, reply, talk, admin_api):
        (file,) = reply["attachments"]
        assert admin_api.get(f"attachments/{file['id']}").status_code == 404
        assert send(admin_api, talk, file).json()["errors"][0]["code"] == "not_found"

    def test_a_colleague_sends_the_files_of_a_team_s_reply(self, api, agent, talk):
        team = factories.team()
        colleague = factories.agent(teams=[team])
        agent.teams.add(team)
        made = upload(as_user(colleague), PDF, "terms.pdf")
        body = {"shortcut": "terms", "content": "x", "team": str(team.pk), "attachments": [made["id"]]}
        (file,) = as_user(colleague).post("replies/create", body).json()["attachments"]
        sent = send(as_user(agent), talk, file)
        assert sent.status_code == 200 and sent.json()["attachment"]["name"] == "terms.pdf"

    def test_files_are_added_ordered_and_taken_away(self, api, reply):
        (first,) = reply["attachments"]
        path, second = f"replies/{reply['id']}", upload(api, PDF, "b.pdf")
        changed = api.put(path, {"attachments": [second["id"], first["id"]]}).json()
        assert [each["id"] for each in changed["attachments"]] == [second["id"], first["id"]]
        assert api.put(path, changed).json()["updatedAt"] == changed["updatedAt"]
        assert api.put(path, {"attachments": []}).json()["attachments"] == []
        assert Attachment.objects.count() == 0 and sweep_files()["deleted"] == 2

    def test_a_reply_takes_no_file_that_is_not_its_writers_or_is_used(self, api, admin_api, reply, talk):
        sent = send(api, talk, upload(api, png())).json()["attachment"]
        for other in (upload(admin_api, png()), sent):
            answer = api.put(f"replies/{reply['id']}", {"attachments": [other["id"]]})
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "not_found")
        assert CannedReply.objects.get().attachments.count() == 1

    def test_its_events_keep_no_links(self, reply):
        kept = Event.objects.get(type="reply.created").data["attachments"][0]
        assert kept["url"] == "" and kept["id"] == reply["attachments"][0]["id"]
        renewed = links.renewed(json.dumps({"attachments": [kept]}))
        assert b"/files/" in renewed.encode() if isinstance(renewed, str) else b"/files/" in renewed
