"""The words that open, join and carry clauses, and those that name who acts in them."""

from app.analysis.verbs import BE, GET, PAST

ADVERBS = frozenset(
    """
    also then just even never first finally personally still only always often soon later quickly simply
    actually basically really kind sort of kinda sorta probably maybe perhaps instead already once again
    eventually immediately not both all each um uh er like manually directly quietly openly deliberately
    straight myself ourselves themselves now next so there therefore usually rather either too mostly largely
    partly gradually initially meanwhile in fact more less well ever
    """.split()
)
AUXILIARIES = frozenset(
    """
    have has had 've 'd did do does will would could can should must may might shall used going gonna
    """.split()
)
FULL_AUXILIARIES = frozenset({"had", "has", "have", "did", "do", "does"})
CARRIERS = frozenset(
    """
    decided managed started began begun proceeded chose offered agreed went continued stopped kept helped tried
    able ended volunteered arranged opted had got needed made
    """.split()
)
WAS_TOLD = frozenset(
    """
    asked told given assigned tasked hired promoted brought put made appointed chosen moved invited sent paid
    trained taught expected supposed called named thanked praised blamed handed allowed elected pulled scheduled
    included seen known shown raised born
    """.split()
)
OTHERS = frozenset(
    """
    he she they nobody someone somebody everybody everyone management leadership people customers users
    stakeholders finance legal engineering marketing sales operations product security support hr who
    """.split()
)
GROUP_NOUNS = frozenset("team squad group crew department unit desk".split())
DETERMINERS = frozenset(
    """
    the a an my our their his her its this that these those some one two three each every both all
    """.split()
)
PEOPLE = frozenset(
    """
    manager director boss lead ceo cto cfo vp vendor supplier client customer user partner colleague colleagues
    engineer engineers developer developers designer analyst architect head owner officer nurse doctor
    consultant teacher parent parents student students contractor contractors manager's managers operator
    operators supervisor team-mates teammates peers stakeholder board committee
    """.split()
)
SUBORDINATORS = frozenset(
    """
    after before because when while whenever if unless once since although though whereas until till as which
    who whom whose that where wherever why how what whether cos cause
    """.split()
)
BEFORE_OBJECT = frozenset("after so like all of with for from".split())
"""Words after which `that` and `as` open no clause."""
STOPS = frozenset(", ; . : -> → – —".split())
JOINERS = frozenset(", ; : and or but then + & – — -> → / . ( -".split())
OPENERS = ADVERBS | JOINERS | frozenset("ok okay yes well anyway oh and but during".split())
NO_VERB = JOINERS | DETERMINERS | ADVERBS
CAUSED = PEOPLE | GROUP_NOUNS | {"outpost", "shop", "supplier"}
"""Whom a candidate has do something: "had the vendor replace it"."""
MODALS = AUXILIARIES - FULL_AUXILIARIES
BE_INSIDE = ADVERBS | {"been", "being"}
TELLING = SUBORDINATORS | STOPS | {"i", "we", "us"} | DETERMINERS | OTHERS | BE | GET | PAST
"""Words at which something begins or ends or is told; beside them only a past tense in -ed tells anything."""
