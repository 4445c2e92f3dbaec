import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.errors import Misconfigured
from app.judge.cache import AnswerCache, Bounds, Entry
from tests.faults.harness import STORY

ENTRY = Entry(text='{"gaps": []}', model="m", boundary="0" * 16, parameters={"seed": 1}, request_id="r-1")

pytestmark = pytest.mark.anyio


def find(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(folder.rglob(pattern))


def files(folder: Path) -> list[Path]:
    return find(folder, "*.json")


async def keep(cache: AnswerCache, content: str = STORY, owner: str | None = None, entry: Entry = ENTRY) -> None:
    await cache.write(cache.place(owner, content), entry)


async def recall(cache: AnswerCache, content: str = STORY, owner: str | None = None) -> Entry | None:
    return await cache.read(cache.place(owner, content))


async def test_an_answer_is_kept_across_processes(tmp_path: Path):
    await keep(AnswerCache(tmp_path))

    assert await recall(AnswerCache(tmp_path)) == ENTRY
    assert await recall(AnswerCache(tmp_path), "something else") is None


async def test_nobody_else_can_enter_the_folder(tmp_path: Path):
    old = os.umask(0)
    try:
        await keep(AnswerCache(tmp_path))
    finally:
        os.umask(old)

    for path in find(tmp_path):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path.name


async def test_a_folder_that_others_could_enter_is_closed(tmp_path: Path):
    AnswerCache(tmp_path)
    folder = find(tmp_path)[0]
    folder.chmod(0o755)

    AnswerCache(tmp_path)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_names_tell_nothing_and_differ_from_cache_to_cache(tmp_path: Path):
    for name in ("a", "b"):
        await keep(AnswerCache(tmp_path / name), owner="maria@example.org")

    one, other = ({str(path.relative_to(tmp_path / name)) for path in files(tmp_path / name)} for name in ("a", "b"))
    assert one.isdisjoint(other)
    assert "maria" not in "".join(one | other)


async def test_users_do_not_see_each_other_and_are_erased_alone(tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await keep(cache, owner="u1")
    await keep(cache, owner="u2")
    await keep(cache)

    assert await recall(cache, owner="u3") is None
    assert cache.erase("u1") == 1
    assert await recall(cache, owner="u1") is None
    assert await recall(cache, owner="u2") == ENTRY
    assert cache.erase() == 1
    assert await recall(cache) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b"gaps", b"gapz"),
        lambda _: b"",
        lambda raw: b"\x00" * len(raw),
        lambda _: b"[" * 100_000,
        lambda _: b"{}",
        lambda raw: json.dumps({**json.loads(raw), "seal": "0" * 64}).encode(),
        lambda raw: json.dumps({**json.loads(raw), "seal": "\u00e9"}).encode(),
        lambda raw: raw + b" " * 600_000,
    ],
)
async def test_a_damaged_file_is_no_answer(damage, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await keep(cache)
    (path,) = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))

    assert await recall(cache) is None

    await keep(cache)
    assert await recall(cache) == ENTRY


async def test_an_answer_to_something_else_is_no_answer(tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await keep(cache, "one")
    (path,) = files(tmp_path)
    place = cache.place(None, "other")
    path.rename(path.with_name(f"{place.name}.json"))

    assert await cache.read(place) is None


async def test_a_file_of_another_cache_is_no_answer(tmp_path: Path):
    mine, theirs = AnswerCache(tmp_path / "mine"), AnswerCache(tmp_path / "theirs")
    await keep(mine)
    await keep(theirs)
    (own,), (foreign,) = files(tmp_path / "mine"), files(tmp_path / "theirs")
    own.write_bytes(foreign.read_bytes())

    assert await recall(mine) is None


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33])
async def test_a_broken_key_is_drawn_anew_and_what_it_sealed_is_lost(key: bytes, tmp_path: Path):
    await keep(AnswerCache(tmp_path))
    find(tmp_path, "key")[0].write_bytes(key)

    cache = AnswerCache(tmp_path)

    assert await recall(cache) is None
    await keep(cache)
    assert await recall(cache) == ENTRY


async def test_what_is_too_old_is_forgotten(tmp_path: Path):
    cache = AnswerCache(tmp_path, Bounds(age_s=60))
    await keep(cache)
    (path,) = files(tmp_path)
    os.utime(path, (time.time() - 61, time.time() - 61))

    assert await recall(cache) is None
    cache.prune()
    assert not files(tmp_path)


async def test_the_oldest_go_when_the_rest_would_not_fit(tmp_path: Path):
    cache = AnswerCache(tmp_path)
    for number in range(4):
        await keep(cache, str(number))
        place = cache.place(None, str(number))
        (path,) = (path for path in files(tmp_path) if path.stem == place.name)
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    size = files(tmp_path)[0].stat().st_size

    small = AnswerCache(tmp_path, Bounds(bytes=2 * size, age_s=10**10))

    assert [await recall(small, str(number)) is None for number in range(4)] == [True, True, False, False]


async def test_interrupted_writes_are_cleared_away(tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await keep(cache)
    stale = files(tmp_path)[0].with_name("0123.new")
    stale.touch()
    os.utime(stale, (time.time() - 4_000, time.time() - 4_000))

    cache.prune()

    assert not stale.exists()
    assert len(files(tmp_path)) == 1


async def test_a_folder_that_can_not_be_used_is_an_error_without_its_name(tmp_path: Path):
    place = tmp_path / "xylophone"
    place.write_text("a file")

    with pytest.raises(Misconfigured) as caught:
        AnswerCache(place)

    assert "xylophone" not in str(caught.value)


async def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path):
    (tmp_path / "other").mkdir()
    (tmp_path / "answers-v1").symlink_to(tmp_path / "other")

    with pytest.raises(Misconfigured):
        AnswerCache(tmp_path)


async def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = AnswerCache(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    await keep(cache)

    assert await recall(cache) is None


async def test_one_at_a_time_asks_the_same(tmp_path: Path):
    cache, other = AnswerCache(tmp_path), AnswerCache(tmp_path)
    place = cache.place(None, STORY)
    order: list[str] = []

    async def take(who: AnswerCache, name: str) -> None:
        async with who.alone(place, 10):
            order.append(f"{name} in")
            await asyncio.sleep(0.02)
            order.append(f"{name} out")

    await asyncio.gather(take(cache, "a"), take(other, "b"))

    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
    assert not find(tmp_path, "*.lock")


async def test_a_lock_is_not_waited_for_without_end(tmp_path: Path):
    cache, other = AnswerCache(tmp_path), AnswerCache(tmp_path)
    place = cache.place(None, STORY)

    async with cache.alone(place, 10), other.alone(place, 0.01):
        pass


_HOLDER = """
import asyncio, sys
from pathlib import Path
from app.judge.cache import AnswerCache
async def main():
    cache = AnswerCache(Path(sys.argv[1]))
    async with cache.alone(cache.place(None, "s"), 10):
        print("held", flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


async def test_a_process_that_is_killed_holds_nobody_up(tmp_path: Path):
    cache = AnswerCache(tmp_path)
    holder = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        holder.wait(10)
        async with asyncio.timeout(10), cache.alone(cache.place(None, "s"), 60):
            pass
    finally:
        holder.kill()
        holder.stdin.close()
        holder.stdout.close()
        holder.wait(10)
