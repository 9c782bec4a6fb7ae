"""`GET /api/threads/list?state=queued&ordering=queuedAt`: the queue as the desk gives it away."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Thread
from tests.messaging.conversations import thread, visitor

pytestmark = pytest.mark.django_db


class TestTheOrderOfTheQueue:
    def test_who_lost_no_place_stands_before_who_came_later(self, api, agent, django_assert_num_queries):
        came = timezone.now()
        early, late, back = (thread(visitor=visitor(name)) for name in ("early", "late", "back"))
        for talk, minutes in ((early, 0), (late, 20), (back, 10)):
            Thread.objects.filter(pk=talk.pk).update(queued_at=came + timedelta(minutes=minutes))
            agent.teams.add(talk.team)
        with django_assert_num_queries(2):
            page = api.get("threads/list?state=queued&ordering=queuedAt")
        assert [each["id"] for each in page.json()] == [str(each.pk) for each in (early, back, late)]

    def test_only_the_queue_has_this_order(self, api):
        for state in ("", "&state=open", "&state=queued,open"):
            refused = api.get(f"threads/list?ordering=queuedAt{state}")
            assert (refused.status_code, refused.json()["parameter"]) == (400, "ordering")

    def test_what_never_waited_stands_where_it_began_and_pages_lose_nothing(self, api, agent):
        talks = [thread() for n in range(5)]
        Thread.objects.filter(pk__in=[talks[1].pk, talks[3].pk]).update(queued_at=None)
        agent.teams.set(talk.team for talk in talks)
        for ordering in ("queuedAt", "-queuedAt"):
            seen, path = [], f"threads/list?state=queued&limit=2&ordering={ordering}"
            while path:
                page = api.get(path)
                seen += [each["id"] for each in page.json()]
                following = re.search(r'<[^>]*/api/([^>]*)>; rel="next"', page["Link"])
                path = following and following[1]
            assert seen == [str(talk.pk) for talk in (talks if ordering == "queuedAt" else talks[::-1])]
