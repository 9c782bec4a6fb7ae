"""The list of tickets."""

import pytest

pytestmark = pytest.mark.django_db


def test_an_empty_list_is_an_empty_array(api):
    response = api.get("tickets/list")
    assert (response.status_code, response.json()) == (200, [])
    assert response["X-Total-Count"] == "0"


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(api, django_assert_num_queries):
    with django_assert_num_queries(2):
        api.get("tickets/list")
