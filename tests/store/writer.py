"""Write stories until killed; each id is printed once its write was answered.

python tests/store/writer.py URL USER_ID
"""

import asyncio
import sys

from app.store import Store, StoryChanges, StoryFields
from tests.store.samples import make_assessment


async def write_for_ever(url: str, user_id: str) -> None:
    """Add stories with assessments, change them and delete every third, from four tasks at once."""
    store = Store.open(url)

    async def write(worker: int) -> None:
        count = 0
        while True:
            count += 1
            word = f"{worker}-{count}"
            added = await store.assessments.add_with_story(user_id, StoryFields(text=word * 300), make_assessment(word))
            story_id = str(added.story.id)
            if count % 3 == 0:
                await store.stories.delete(user_id, story_id)
                sys.stdout.write(f"deleted {story_id}\n")
            else:
                await store.stories.update(user_id, story_id, StoryChanges(title=word))
                sys.stdout.write(f"kept {story_id}\n")
            sys.stdout.flush()

    await asyncio.gather(*(write(worker) for worker in range(4)))


if __name__ == "__main__":
    asyncio.run(write_for_ever(sys.argv[1], sys.argv[2]))
