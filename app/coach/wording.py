"""Word a gap for one story: what is there, what is missing and the question whose answer would close it."""

from app.analysis.gaps import GapSign
from app.analysis.observe import Observations
from app.catalog import Rubric
from app.domain import GapCode

_ADVICE = {
    GapCode.MISSING_SITUATION: "Open with one sentence: where was this, when, for whom, and what was at stake if nothing changed?",
    GapCode.MISSING_TASK: "Say in one sentence what was yours: what were you asked to do, or what did you take on, and what was the goal?",
    GapCode.BLOATED_SETUP: "Which two facts does a listener need to follow the action? Keep those and move on to what you did.",
    GapCode.WEAK_OWNERSHIP: "For each of these steps: what did you yourself decide, write, say or build? Tell those with “I”.",
    GapCode.THIN_ACTION: "How exactly did you do it, in what order, and which option did you turn down, and why?",
    GapCode.MISSING_RESULT: "How did it end? Say what changed for whom, even if the outcome was poor.",
    GapCode.MISSING_METRIC: "Which number would show it, what was it before, and when did you measure it again?",
    GapCode.NO_BASELINE: "What was this number before you began, what was the target, and over what time did it move?",
    GapCode.VAGUE_RESULT: "What could somebody else have seen or counted that shows this?",
    GapCode.NO_LEARNING: "What do you do differently since then, and what did you leave behind that others still use?",
    GapCode.HEDGING: "What are you sure of? State your own part plainly, and keep doubt for facts you don't know.",
    GapCode.BLAMES_OTHERS: "What was your own share in it, and how would the other person tell what happened?",
}


class Wording:
    """Words the gaps of one story.

    Args:
        observed: What the rules saw in the story.
        rubric: Titles and definitions of the gap codes.
    """

    def __init__(self, observed: Observations, rubric: Rubric) -> None:
        self._facts = observed.facts
        self._rubric = rubric

    def message(self, sign: GapSign) -> str:
        """Return one sentence on what is there and what is missing."""
        facts = self._facts
        match sign.code:
            case GapCode.MISSING_SITUATION:
                return "A listener can't tell where, when or for whom this happened, or why it mattered."
            case GapCode.MISSING_TASK:
                return "Nothing says what your own responsibility or goal was."
            case GapCode.BLOATED_SETUP:
                return f"Setting the scene takes {round(100 * facts.setup_share)} % of the words; the action should carry the story."
            case GapCode.WEAK_OWNERSHIP:
                return (
                    f"Of the deeds in the action, {facts.own_acts} say “I”, {facts.group_acts} a group and {facts.unowned_acts} nobody: "
                    "your own part can't be told."
                )
            case GapCode.THIN_ACTION:
                missing = "no decision with its reason" if not facts.decisions else "too few concrete steps"
                return f"The action names what was done without showing how: {missing}."
            case GapCode.MISSING_RESULT:
                return "The story stops before any outcome."
            case GapCode.MISSING_METRIC:
                return "An outcome is told and no number measures it."
            case GapCode.NO_BASELINE:
                return "There is a number for the outcome, and nothing tells how good it is."
            case GapCode.VAGUE_RESULT:
                return "The outcome is told in words that nobody could check."
            case GapCode.NO_LEARNING:
                return (
                    "The lesson is one that anybody could state; nothing of your own was learned or left behind."
                    if facts.platitudes
                    else "Nothing says what you learned, would do differently, or what lasted."
                )
            case GapCode.HEDGING:
                return f"Your own claims are played down in {len(facts.hedges)} sentences."
            case GapCode.BLAMES_OTHERS:
                return "A failure or conflict is put on others with contempt, without your own share."

    def advice(self, sign: GapSign) -> str:
        """Return the question whose answer would close the gap."""
        return self.general_advice(sign.code)

    def general_advice(self, code: GapCode) -> str:
        """Return the question that a gap of this code raises in any story."""
        return _ADVICE[code]
