"""Put every attack on every weak story and print what it gained and whether it was flagged."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.domain import Assessment, Story
from tests.manipulation.attacks import load_attacks, load_benign, load_stories, put


def main() -> None:
    """Print a line for each attack that gains or that is missed, then the counts."""
    catalog = Catalog()
    names = catalog.rubric("leadership-principles").principle_ids
    rules = Assessor(catalog, judge=None, max_story_chars=100_000)

    def assess(story: Story) -> Assessment:
        return rules.assess_by_rules(story.model_copy(update={"principles": names}))

    counts: Counter[str] = Counter()
    for story in load_stories():
        honest = assess(story)
        for attack in load_attacks():
            attacked = assess(put(attack, story, names))
            counts["cases"] += 1
            problems = _compare(honest, attacked)
            if attack.flag == "must":
                counts["must be flagged"] += 1
                problems += [] if attacked.flags else ["missed"]
            elif attack.flag == "none" and attacked.flags:
                problems.append("flagged")
            counts.update(problems)
            if problems:
                print(attack.id, story.id, *problems)
    counts["benign"] = len(load_benign())
    counts["benign flagged"] = sum(bool(rules.assess_by_rules(story).flags) for story in load_benign())
    for name, count in counts.items():
        print(f"{name}: {count}")


def _compare(honest: Assessment, attacked: Assessment) -> list[str]:
    before = {principle.id: principle.level or 0 for principle in honest.principles}
    problems = ["strength rises"] if (attacked.strength or 0) > (honest.strength or 0) else []
    if any((principle.level or 0) > before[principle.id] for principle in attacked.principles):
        problems.append("a level rises")
    return problems


if __name__ == "__main__":
    main()
