"""Measure what the judge adds to a bare loop over the SDK: the same requests to the same slow server in the same run.

Run it with `make bench-judge`, on an idle machine: the figures are ratios, yet 500 ms a call leave the clock little
room. Each loop runs in a process of its own and the server in another. The bare loop has the messages ready and only
decodes the answers; ours renders prompts, keeps limits and budgets, checks answers and finds quotes. `assess` also runs
the rules engine on each story. Nothing is asserted.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

STORIES = 1000
AT_ONCE = 50
THINKING_S = 0.5
ROUNDS = 3
LOOPS = ("bare", "judge", "assess")
BARS = {"wall_s": 1.10, "cpu_s": 1.5, "rss_mib": 1.6}
_KEY = "sk-bench"
_MODEL = "gpt-5-mini"


def main() -> None:
    """Start a server, run each loop against it and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder, "requests.json")
        requests.write_text(json.dumps(make_requests()), encoding="utf-8")
        server = subprocess.Popen([*_ME, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        with server:  # which closes its stdin at the end
            url = server.stdout.readline().strip() if server.stdout else ""
            runs = {loop: [run_loop(loop, url, requests) for _ in range(ROUNDS)] for loop in LOOPS}
    print(f"{STORIES} stories, {AT_ONCE} at once, {THINKING_S} s a call; median of {ROUNDS}, and multiples of bare")
    middle = {loop: {name: statistics.median(run[name] for run in runs[loop]) for name in BARS} for loop in LOOPS}
    for loop in LOOPS:
        ratios = {name: middle[loop][name] / middle["bare"][name] for name in BARS}
        print(loop.ljust(8) + "".join(f"{name} {middle[loop][name]:8.2f} ({ratios[name]:.2f}x)   " for name in BARS))
    print("bars".ljust(8) + "".join(f"{name} {bar:17.2f}x    " for name, bar in BARS.items()))


_ME = [sys.executable, "-m", "evals.bench_overhead"]


def run_loop(loop: str, url: str, requests: Path) -> dict[str, float]:
    """Run a loop in a process of its own; return its figures."""
    done = subprocess.run([*_ME, loop, url, str(requests)], stdout=subprocess.PIPE, check=True)  # noqa: S603
    return json.loads(done.stdout)


def make_requests() -> dict[str, Any]:
    """Return what the bare loop sends: the messages and parameters that the judge sends for the same stories."""
    from app.judge.dialect import Dialect, Form, Options  # noqa: PLC0415 - the bare loop must not load the project
    from app.judge.prompts import Prompter  # noqa: PLC0415

    catalog, texts = _catalog(), read_texts()
    prompter = Prompter(catalog.prompt("assess"))
    inquiries = [prompter.render(brief, "0" * 16) for brief in make_briefs(catalog, texts)]
    dialect = Dialect(form=Form.BOUNDED_SCHEMA)
    return {
        "system": inquiries[0].messages(show_schema=False, repair=False)[0].content,
        "users": [inquiry.messages(show_schema=False, repair=False)[1].content for inquiry in inquiries],
        "parameters": dialect.parameters(inquiries[0].schema, Options(None, None), 4096),
    }


def read_texts() -> list[str]:
    """Return stories of some 340 words: the labelled ones, cut anew."""
    from evals.bench import write_stories  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        return write_stories(Path(folder, "stories"))[:STORIES]


def make_briefs(catalog: Any, texts: list[str]) -> list[Any]:
    """Return a brief a story, each for the same five principles."""
    from app.domain import Story  # noqa: PLC0415
    from app.judge.findings import Brief  # noqa: PLC0415

    rubric = catalog.rubric("leadership-principles")
    asked = rubric.principle_ids[:5]
    return [Brief(story=Story(text=text), rubric=rubric, role="sdm", level="L6", principles=asked) for text in texts]


def _catalog() -> Any:
    from app.catalog import Catalog  # noqa: PLC0415

    return Catalog()


async def measure(count: int, ask: Callable[[int], Awaitable[object]]) -> dict[str, float]:
    """Ask for each story, so many at once, and return what that took; one is asked before the clock starts."""
    await ask(0)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await ask(number)

    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.gather(*(one(number) for number in range(count)))
    now = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall_s": time.perf_counter() - began,
        "cpu_s": now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime,
        "rss_mib": now.ru_maxrss / 1024,
    }


async def run_bare(url: str, ready: dict[str, Any]) -> dict[str, float]:
    """Send the ready requests with the SDK and nothing else."""
    from openai import AsyncOpenAI  # noqa: PLC0415

    client = AsyncOpenAI(api_key=_KEY, base_url=url, max_retries=0)
    create: Any = client.chat.completions.create

    async def ask(number: int) -> object:
        messages = [
            {"role": "system", "content": ready["system"]},
            {"role": "user", "content": ready["users"][number]},
        ]
        reply = await create(model=_MODEL, messages=messages, **ready["parameters"])
        return json.loads(reply.choices[0].message.content)

    return await measure(len(ready["users"]), ask)


async def run_ours(loop: str, url: str) -> dict[str, float]:
    """Judge or assess the same stories."""
    from app.coach.assess import Assessor  # noqa: PLC0415
    from app.domain import Story  # noqa: PLC0415
    from app.judge.model import open_judge  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    environment = {"COACH_API_KEY": _KEY, "COACH_BASE_URL": url, "COACH_MODEL": _MODEL}
    settings = load_settings({**environment, "COACH_MAX_MODEL_CALLS": str(AT_ONCE), "COACH_MAX_COST_USD": "1000"})
    catalog, texts = _catalog(), read_texts()
    judge = open_judge(settings, catalog)
    if loop == "judge":
        briefs = make_briefs(catalog, texts)
        return await measure(len(texts), lambda number: judge.judge(briefs[number]))
    assessor = Assessor(catalog, judge=judge, max_story_chars=100_000)
    return await measure(len(texts), lambda number: assessor.assess(Story(text=texts[number])))


def serve() -> None:
    """Serve slow, sensible answers until stdin is closed; the address is the first line of stdout."""
    from tests.faults import behaviours as do  # noqa: PLC0415
    from tests.faults.server import ModelServer  # noqa: PLC0415

    with ModelServer(do.slow(THINKING_S)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["serve"]:
            serve()
        case ["bare", url, path]:
            print(json.dumps(asyncio.run(run_bare(url, json.loads(Path(path).read_text(encoding="utf-8"))))))
        case [loop, url, _]:
            print(json.dumps(asyncio.run(run_ours(loop, url))))
        case _:
            sys.exit("usage: python -m evals.bench_overhead")
