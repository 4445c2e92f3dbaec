"""Texts that try to break out of a report, and stories made of them."""

from hypothesis import strategies as st

from app.analysis.places import Places
from app.domain import (
    Assessment,
    Flag,
    FlagCode,
    FollowUp,
    Gap,
    GapCode,
    Part,
    Severity,
    ShownSignal,
    StarSpan,
    Story,
    Unproven,
)
from tests.unit.reports.samples import assessment, principle

PIECES = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "-->",
    "::error file=a::b",
    "::add-mask::x",
    "##[group]x",
    "##vso[task.setvariable variable=x]y",
    "%0A::set-output name=a::b",
    "![x](http://evil.test/p.png)",
    "[x](javascript:alert(1))",
    "http://evil.test/ www.evil.test ana@evil.test",
    "@ana @org/team #12 GH-12 org/repo#12 !7 ~bug %3 $4",
    "| a | b |",
    "```\nx\n```",
    "\n# heading\n- item\n1. one\n> q\n---\n",
    "=cmd|'/C calc'!A0",
    '"\r\n=1+1',
    ";@SUM(1)",
    "\u202egnp.exe\u202c",
    "\x00\x07\x1b[31m\x9b\x85\u2028\u2029",
    "\ufffe\uffff\U0001ffff",
    "{{ 7*7 }} {% x %} {0} ${x}",
    "&lt;b&gt; &amp; &#x3c;",
    "`code` *b* _i_ ~s~ $m$ \\",
    "שלום عربى",
    "🚲👩‍👩‍👧‍👦 e\u0301",
    "' onmouseover='x",
    "\ud800",
)

texts = (
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), min_size=1, max_size=6)
    .map(" ".join)
    .filter(bool)
)


@st.composite
def told_stories(draw: st.DrawFn) -> tuple[Assessment, Story]:
    """Give a story of hostile text with an assessment that quotes it everywhere."""
    text = draw(texts)
    path = draw(st.one_of(st.sampled_from(["stories/a.md", "-", "/x/y.md", "a,b:c%\n.md"]), texts))
    story = Story(
        text=text,
        title=draw(texts),
        path=path,
        first_line=draw(st.integers(1, 9)),
        first_char=draw(st.sampled_from([0, 17, None])),
    )
    return hostile_assessment(story), story


def hostile_assessment(story: Story) -> Assessment:
    """Return an assessment that quotes all of a story wherever a quote can stand."""
    quote = Places(story.text, story.first_line).evidence(0, len(story.text))
    half = Places(story.text, story.first_line).evidence(0, (len(story.text) + 1) // 2)
    gaps = tuple(
        Gap(
            code=code,
            severity=severity,
            part=Part.RESULT,
            message=f"“{story.text}” is vague.",
            advice=story.text,
            evidence=evidence,
        )
        for code, severity, evidence in (
            (GapCode.VAGUE_RESULT, Severity.ERROR, (quote, half)),
            (GapCode.HEDGING, Severity.WARNING, (half,)),
            (GapCode.NO_LEARNING, Severity.NOTE, ()),
        )
    )
    signals = tuple(
        ShownSignal(id="x", text=story.text, speaks_for=speaks_for, evidence=(half,)) for speaks_for in (True, False)
    )
    shown = principle("dive-deep", 1).model_copy(
        update={"evidence": (quote,), "probes": (story.text,), "signals": signals}
    )
    return assessment(
        story={"id": None, "title": story.title, "path": story.path},
        summary=story.text,
        gaps=gaps,
        star=(StarSpan(part=Part.ACTION, start=0, end=len(story.text)),),
        principles=(shown,),
        flags=(Flag(code=FlagCode.SUSPICIOUS_TEXT, message=story.text, evidence=(half,)),),
        follow_ups=(FollowUp(question=story.text, evidence=half, gap=GapCode.HEDGING),),
        unproven=(Unproven(reason=story.text, evidence=half),),
    )
