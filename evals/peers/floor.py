"""The least that asks a model about stories: a loop over the SDK with the rubric and a story a call, nothing else."""

import asyncio
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI


async def ask_all(texts: list[str], rubric: str, url: str, at_once: int) -> int:
    """Ask about each text; return how many answers could be read."""
    client = AsyncOpenAI(api_key="sk-bench", base_url=url, max_retries=0)
    places = asyncio.Semaphore(at_once)

    async def ask(text: str) -> bool:
        async with places:
            reply = await client.chat.completions.create(
                model="gpt-5-mini",
                messages=[
                    {
                        "role": "system",
                        "content": f'{rubric}\nAnswer with {{"reason": str, "pass": bool, "score": 0-1}}',
                    },
                    {"role": "user", "content": text},
                ],
                response_format={"type": "json_object"},
            )
        return "pass" in json.loads(reply.choices[0].message.content or "{}")

    return sum(await asyncio.gather(*map(ask, texts)))


if __name__ == "__main__":
    stories, rubric_file, base_url, places = sys.argv[1:]
    rubric_text = Path(rubric_file).read_text(encoding="utf-8")
    story_texts = [path.read_text(encoding="utf-8") for path in sorted(Path(stories).iterdir())]
    print(asyncio.run(ask_all(story_texts, rubric_text, base_url, int(places))))
