"""No user ever sees, changes or learns of another's things."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from app.domain import Assessment, Bill, Charge
from app.errors import NotFound
from app.store import DailyLimits, Store, StoryChanges, StoryFields, StoryRecord
from app.store.tables import metadata
from tests.store.samples import make_assessment

OWNED = ("stories", "revisions", "assessments", "replies", "user_spending")
USERS = ("ann", "bob", "cleo")
TEXTS = st.sampled_from(["", "one", "two\r\n", "\U0001f680", "x" * 500])
Call = Callable[[str, str], Coroutine[Any, Any, Any]]
WHO = st.sampled_from(USERS)
WHICH = st.integers(min_value=0, max_value=30)


class Isolation(RuleBasedStateMachine):
    """Three users do everything, with their own ids and with each other's; a dict for each user is the truth."""

    store: Store
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.ids: dict[str, str] = {}
        self.stories: dict[str, dict[str, list[StoryRecord]]] = {name: {} for name in USERS}
        self.assessments: dict[str, dict[str, Assessment]] = {name: {} for name in USERS}

    @initialize()
    def add_users(self) -> None:
        for name in USERS:
            self.ids[name] = self.run(self.store.users.add(f"{name} {uuid4()}")).id

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    def pick_story(self, which: int) -> tuple[str, str] | None:
        """Return some user's story, whoever asks: the owner's name and the story's id."""
        known = [(name, story_id) for name in USERS for story_id in self.stories[name]]
        return known[which % len(known)] if known else None

    def attempt(self, who: str, owner: str, key: str, call: Call) -> Any:
        """Call something with an id; when the thing is another's, expect what a random id gets, to the letter."""
        if who == owner:
            return self.run(call(self.ids[who], key))
        with pytest.raises(NotFound) as foreign:
            self.run(call(self.ids[who], key))
        with pytest.raises(NotFound) as missing:
            self.run(call(self.ids[who], str(uuid4())))
        assert vars(foreign.value) == vars(missing.value)
        return None

    @rule(who=WHO, body=TEXTS)
    def add_story(self, who: str, body: str) -> None:
        story = self.run(self.store.stories.add(self.ids[who], StoryFields(text=body, title=who)))
        self.stories[who][story.id] = [story]

    @rule(who=WHO, which=WHICH)
    def get_story(self, who: str, which: int) -> None:
        if found := self.pick_story(which):
            story = self.attempt(who, *found, self.store.stories.get)
            assert story is None or story == self.stories[who][story.id][-1]

    @rule(who=WHO, which=WHICH, body=TEXTS)
    def change_story(self, who: str, which: int, body: str) -> None:
        if found := self.pick_story(which):
            changes = StoryChanges(text=body, question=who)
            story = self.attempt(who, *found, lambda user, key: self.store.stories.update(user, key, changes))
            if story:
                history = self.stories[who][story.id]
                is_new = body != history[-1].revision.text
                assert story.revision.number == history[-1].revision.number + is_new
                if is_new:
                    history.append(story)
                else:
                    history[-1] = story

    @rule(who=WHO, which=WHICH)
    def delete_story(self, who: str, which: int) -> None:
        if found := self.pick_story(which):
            owner, story_id = found
            self.attempt(who, owner, story_id, self.store.stories.delete)
            if who == owner:
                del self.stories[who][story_id]
                kept = {key: item for key, item in self.assessments[who].items() if item.story.id != story_id}
                self.assessments[who] = kept

    @rule(who=WHO, which=WHICH)
    def read_revisions(self, who: str, which: int) -> None:
        if found := self.pick_story(which):
            owner, story_id = found
            first = self.stories[owner][story_id][0].revision
            revisions = self.attempt(who, *found, self.store.stories.revisions)
            revision = self.attempt(who, *found, lambda user, key: self.store.stories.revision(user, key, first.id))
            if who == owner:
                assert list(revisions.items) == [story.revision for story in reversed(self.stories[who][story_id])]
                assert revision == first

    @rule(who=WHO, which=WHICH, claimed=WHICH)
    def add_assessment(self, who: str, which: int, claimed: int) -> None:
        found, other = self.pick_story(which), self.pick_story(claimed)
        if found and other:
            owner, story_id = found
            revision = self.stories[other[0]][other[1]][-1].revision
            add, item = self.store.assessments.add, make_assessment()
            if who == owner and other == found:
                self.assessments[who][item.id] = self.run(add(self.ids[who], story_id, revision.id, item))
            else:
                with pytest.raises(NotFound):
                    self.run(add(self.ids[who], story_id, revision.id, item))

    @rule(who=WHO, body=TEXTS)
    def add_both(self, who: str, body: str) -> None:
        add = self.store.assessments.add_with_story
        item = self.run(add(self.ids[who], StoryFields(text=body), make_assessment()))
        self.assessments[who][item.id] = item
        self.stories[who][item.story.id] = [self.run(self.store.stories.get(self.ids[who], item.story.id))]

    @rule(who=WHO, which=WHICH)
    def get_assessment(self, who: str, which: int) -> None:
        known = [(name, key) for name in USERS for key in self.assessments[name]]
        if known:
            item = self.attempt(who, *known[which % len(known)], self.store.assessments.get)
            assert item is None or item == self.assessments[who][item.id]

    @rule(who=WHO, other=WHO)
    def use_anothers_cursor(self, who: str, other: str) -> None:
        cursor = self.run(self.store.stories.page(self.ids[other], limit=1)).next_cursor
        page = self.run(self.store.stories.page(self.ids[who], cursor=cursor, limit=100))
        assert {story.id for story in page.items} <= set(self.stories[who])

    @rule(who=WHO, which=WHICH)
    def list_assessments_of_a_story(self, who: str, which: int) -> None:
        if found := self.pick_story(which):
            page = self.store.assessments.page
            shown = self.attempt(who, *found, lambda user, key: page(user, story_id=key))
            if shown:
                own = [item for item in self.assessments[who].values() if item.story.id == found[1]]
                assert {item.id for item in shown.items} == {item.id for item in own}

    @invariant()
    def everyone_sees_exactly_their_own(self) -> None:
        for name, user_id in self.ids.items():
            stories = self.run(self.store.stories.page(user_id, limit=100)).items
            assert {story.id: story for story in stories} == {key: all_[-1] for key, all_ in self.stories[name].items()}
            items = self.run(self.store.assessments.page(user_id, limit=100)).items
            assert {item.id: item for item in items} == self.assessments[name]


@pytest.mark.timeout(3600)
@pytest.mark.slow
def test_three_users_see_exactly_their_own_whatever_they_try(database_url):
    with asyncio.Runner() as runner:
        store = Store.open(database_url)
        machine = type("Machine", (Isolation,), {"store": store, "runner": runner})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=int(os.environ.get("COACH_TEST_EXAMPLES", "12")),
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )
        runner.run(store.close())


@pytest.fixture
def two_users(postgres_url):
    """A PostgreSQL store in which ann and bob have a story with an assessment each: the store and their ids."""
    with asyncio.Runner() as runner:
        store = Store.open(postgres_url)
        ids = {name: runner.run(store.users.add(name)).id for name in ("ann", "bob")}
        for user_id in ids.values():
            runner.run(store.assessments.add_with_story(user_id, StoryFields(text="one"), make_assessment()))
            runner.run(store.replies.claim(user_id, "create_story", "key", "0" * 64, lease_s=60))
            runner.run(spend(store, user_id))
        yield runner, store, ids
        runner.run(store.close())


async def spend(store: Store, user_id: str) -> None:
    async with store.spending.purse(DailyLimits(tokens=1000)).paying(Bill(Charge(10, 10), user_id)):
        pass


def owners(table: str):
    query = text(f"SELECT DISTINCT user_id FROM {table}")  # noqa: S608 - a fixed list
    return lambda session: set(session.connection().execute(query).scalars())


@pytest.mark.postgres
@pytest.mark.parametrize("table", OWNED)
def test_postgresql_shows_one_users_rows_even_to_a_query_that_forgot_to_ask_for_one(two_users, table):
    runner, store, ids = two_users
    assert runner.run(store._database.read(owners(table), user_id=ids["ann"])) == {ids["ann"]}
    assert runner.run(store._database.read(owners(table))) == set()
    assert runner.run(store._database.read(owners(table), user_id="")) == set()


@pytest.mark.postgres
@pytest.mark.parametrize("table", OWNED)
def test_postgresql_lets_no_forgetful_statement_change_anothers_rows(two_users, table):
    runner, store, ids = two_users

    def change(session):
        found = session.connection().execute(text(f"UPDATE {table} SET created_at = created_at")).rowcount  # noqa: S608 - a fixed list
        return found, session.connection().execute(text(f"DELETE FROM {table}")).rowcount  # noqa: S608 - a fixed list

    assert runner.run(store._database.write(change, user_id=ids["ann"])) == (1, 1)
    assert runner.run(store._database.read(owners(table), user_id=ids["bob"])) == {ids["bob"]}


@pytest.mark.postgres
def test_postgresql_lets_nobody_give_a_row_to_another(two_users):
    runner, store, ids = two_users

    def give(session):
        session.connection().execute(text("UPDATE stories SET user_id = :bob"), {"bob": ids["bob"]})

    with pytest.raises(RuntimeError, match="42501"):
        runner.run(store._database.write(give, user_id=ids["ann"]))


@pytest.mark.postgres
def test_the_wall_stands_for_the_owner_of_the_tables_and_for_every_table_of_a_users_things(two_users):
    runner, store, _ = two_users

    def walls(session):
        query = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        who = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return set(session.connection().execute(query).scalars()), session.connection().scalar(who)

    named, bypasses = runner.run(store._database.read(walls))
    # A key is looked up before its user is known.
    assert named == {table.name for table in metadata.sorted_tables if "user_id" in table.columns} - {"api_keys"}
    assert not bypasses


def test_no_row_can_refer_to_another_users(store):
    with asyncio.Runner() as runner:
        ids = {name: runner.run(store.users.add(name)).id for name in ("ann", "bob")}
        story = runner.run(store.stories.add(ids["ann"], StoryFields(text="one")))
        insert = text(
            "INSERT INTO revisions (user_id, story_id, id, number, text, sha256, created_at) "
            "VALUES (:bob, :story, :id, 2, 'x', 'x', '2026-01-01')"
        )
        values = {"bob": ids["bob"], "story": story.id, "id": str(uuid4())}
        with pytest.raises(RuntimeError, match="refused a statement"):
            runner.run(
                store._database.write(lambda session: session.connection().execute(insert, values), user_id=ids["bob"])
            )
