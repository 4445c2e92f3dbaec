"""The door to the database: its repositories, its health and its end."""

from typing import Self

from sqlalchemy import Engine, text

from app.store.assessments import Assessments
from app.store.batch_work import BatchWork
from app.store.batches import Batches
from app.store.database import Database
from app.store.executors import Executors
from app.store.keys import Keys
from app.store.pacing import Pacing
from app.store.replies import Replies
from app.store.spending import Spending
from app.store.stories import Stories
from app.store.users import Users


class Store:
    """The database of one installation; made by `Store.open`, ended by `close` or `async with`.

    Every method is one transaction, and none is open outside a method. A cancelled method ends after its transaction
    has, so a cancelled write may have been stored. All of them raise `StoreUnavailable` when the database does not
    answer, is locked, full or read-only.

    Attributes:
        users: The users.
        keys: Their API keys.
        stories: Their stories and revisions.
        assessments: Their assessments.
        replies: What was answered to requests that must be carried out once.
        spending: What calls to the model cost, and the budgets of a day.
        batches: Their batches.
        batch_work: What is done for the stories of batches.
        executors: The processes that work on batches.
        pacing: The rate at which all processes together may ask a model.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.users = Users(database)
        self.keys = Keys(database)
        self.stories = Stories(database)
        self.assessments = Assessments(database)
        self.replies = Replies(database)
        self.spending = Spending(database)
        self.batches = Batches(database)
        self.batch_work = BatchWork(database)
        self.executors = Executors(database)
        self.pacing = Pacing(database)

    @classmethod
    def open(cls, database_url: str) -> Self:
        """Make a store; nothing is connected yet. A missing SQLite file is made, readable by its owner only.

        Args:
            database_url: `sqlite:///PATH` or `postgresql+psycopg://…`.

        Raises:
            Misconfigured: The URL names no database that can be used.
            StoreUnavailable: The SQLite file can't be made.
        """
        return cls(Database(database_url))

    @property
    def engine(self) -> Engine:
        """What the job engine connects with; nobody else needs it."""
        return self._database.engine

    async def ping(self) -> None:
        """Return when the database answers.

        Raises:
            StoreUnavailable: It does not.
        """
        await self._database.read(lambda session: session.connection().execute(text("SELECT 1")).one())

    async def check_schema(self) -> None:
        """Return when the schema is the one that this release was made for.

        Raises:
            Misconfigured: It is missing, older or unknown.
            StoreUnavailable: The database does not answer.
        """
        await self._database.check_schema()

    async def close(self) -> None:
        """Finish what is under way and close every connection; the store can't be used after that."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
