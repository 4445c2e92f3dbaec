"""A process killed amid its writes loses nothing that it was told is stored."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import NotFound
from app.store import Store

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]


def kill_after(answers: int, url: str, user_id: str) -> list[tuple[str, str]]:
    """Run the writer, kill it after some answers, and return all that it was answered."""
    program = PROJECT / "tests" / "store" / "writer.py"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, program, url, user_id], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(answers)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    done = [line.split() for line in lines if line.endswith("\n")]
    assert len(done) >= answers
    return [(what, story_id) for what, story_id in done]


@pytest.mark.anyio
async def test_what_was_answered_is_there_after_a_kill(store, database_url):
    user = await store.users.add("ann")
    for answers in (1, 17, 40):
        done = kill_after(answers, database_url, user.id)
        for what, story_id in done:
            if what == "kept":
                story = await store.stories.get(user.id, story_id)
                assert story.title
                assert story.revision.text == story.title * 300
                assert len((await store.assessments.page(user.id, story_id=story_id)).items) == 1
            else:
                with pytest.raises(NotFound):
                    await store.stories.get(user.id, story_id)
    if database_url.startswith("sqlite"):

        def check(session):
            return session.connection().exec_driver_sql("PRAGMA integrity_check").scalars().all()

        assert await store._database.read(check) == ["ok"]


def test_a_deletion_that_a_kill_cut_off_is_completed_by_the_next_process(sqlite_url):
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    program = (
        "import asyncio, os, signal, sys\n"
        "from sqlalchemy import event\n"
        "from app.store import Store, StoryFields\n"
        "async def main():\n"
        "    store = Store.open(sys.argv[1])\n"
        "    user = await store.users.add('ann')\n"
        "    story = await store.stories.add(user.id, StoryFields(text='canary-doomed ' * 99))\n"
        "    def die(_, __, statement, *rest):\n"
        "        if 'wal_checkpoint' in statement: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    event.listen(store._database.engine, 'before_cursor_execute', die)\n"
        "    await store.stories.delete(user.id, story.id)\n"
        "asyncio.run(main())\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, sqlite_url], cwd=PROJECT, check=False)
    assert killed.returncode == -signal.SIGKILL
    wal = path.with_name(f"{path.name}-wal")
    assert b"canary-doomed" in wal.read_bytes()
    left: list[bytes] = []

    async def write_something() -> None:
        async with Store.open(sqlite_url) as store:
            await store.users.add("bob")
            left.extend(file.read_bytes() for file in (path, wal))

    asyncio.run(write_something())
    assert not any(b"canary-doomed" in content for content in left)
