"""English verb forms: which words tell a deed, which a state, and which are participles."""

_IRREGULAR = """
arise arose arisen|be was been|bear bore borne|beat beat beaten|become became become|begin began begun|
bend bent bent|bet bet bet|bid bid bid|bind bound bound|bite bit bitten|blow blew blown|break broke broken|
bring brought brought|broadcast broadcast broadcast|build built built|burn burnt burnt|buy bought bought|
catch caught caught|choose chose chosen|cling clung clung|come came come|cost cost cost|creep crept crept|
cut cut cut|deal dealt dealt|dig dug dug|do did done|draw drew drawn|drink drank drunk|drive drove driven|
eat ate eaten|fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|flee fled fled|
fling flung flung|fly flew flown|forbid forbade forbidden|forecast forecast forecast|forget forgot forgotten|
forgive forgave forgiven|freeze froze frozen|get got got|give gave given|go went gone|grind ground ground|
grow grew grown|hang hung hung|have had had|hear heard heard|hide hid hidden|hit hit hit|hold held held|
hurt hurt hurt|keep kept kept|kneel knelt knelt|know knew known|lay laid laid|lead led led|lean leant leant|
learn learnt learnt|leave left left|lend lent lent|let let let|lie lay lain|light lit lit|lose lost lost|
make made made|mean meant meant|meet met met|mislead misled misled|mistake mistook mistaken|
overcome overcame overcome|overrule overruled overruled|override overrode overridden|oversee oversaw overseen|
pay paid paid|prove proved proven|put put put|quit quit quit|read read read|rebuild rebuilt rebuilt|
redo redid redone|redraw redrew redrawn|rerun reran rerun|resend resent resent|reset reset reset|
rethink rethought rethought|rewrite rewrote rewritten|rid rid rid|ride rode ridden|ring rang rung|
rise rose risen|roll rolled rolled|run ran run|say said said|see saw seen|seek sought sought|sell sold sold|
send sent sent|set set set|sew sewed sewn|shake shook shaken|shed shed shed|shoot shot shot|show showed shown|
shrink shrank shrunk|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|slide slid slid|
speak spoke spoken|speed sped sped|spend spent spent|spin spun spun|split split split|spread spread spread|
spring sprang sprung|stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck|
string strung strung|strive strove striven|swap swapped swapped|swear swore sworn|sweep swept swept|
swim swam swum|swing swung swung|take took taken|teach taught taught|tear tore torn|tell told told|
think thought thought|throw threw thrown|understand understood understood|undertake undertook undertaken|
undo undid undone|unwind unwound unwound|uphold upheld upheld|wake woke woken|wear wore worn|win won won|
wind wound wound|withdraw withdrew withdrawn|write wrote written
"""
_FORMS = [entry.split() for entry in _IRREGULAR.replace("\n", "").split("|")]

PAST = frozenset(form[1] for form in _FORMS)
PARTICIPLE = frozenset(form[2] for form in _FORMS) | {
    "gotten",
    "proved",
    "shaven",
    "mown",
    "spilt",
    "spelt",
    "dreamt",
    "leapt",
}

_NOT_ED = frozenset(
    """
    need needed indeed hundred speed feed seed bed red shed deed breed greed weed proceed exceed succeed
    agreed-upon sacred naked wicked embed bleed heed creed united beloved so-called unused unlimited limited
    detailed complicated experienced distributed unplanned skilled unskilled aged talented dedicated shared
    fixed advanced scheduled
    """.split()
)
BE = frozenset("am is are was were be been being 'm 's 're".split())
GET = frozenset("get gets got gotten getting".split())

STATES = frozenset(
    """
    am is are was were be been being 'm have has had having 've feel feels felt think thinks thought know knows
    knew believe believes believed want wants wanted wish wished hope hoped need needs needed like liked love
    loved hate hated prefer preferred mean means meant seem seemed appear appeared remember remembered forget
    forgot understand understood belong belonged own owned owe owed cost costs look looks sit sat stand stood
    live lived guess suppose supposed reckon figure assume assumed expect expected doubt doubted imagine
    imagined notice noticed realise realised realize realized see sees saw hear hears heard learn learned learnt
    come came go went become became enjoy enjoyed wonder wondered care cared dread dreaded feared worry worried
    fear join joined work worked works suspect suspected inherit inherited get got happen happened suffer
    suffered struggle struggled sleep slept
    """.split()
)
"""Verbs that name a state, a perception or a place in an organisation rather than a deed of one's own."""

_ADJECTIVAL = frozenset(
    """
    worried annoyed pleased tired surprised excited interested involved used supposed based located called named
    known scared relieved delighted frustrated stuck lost left concerned convinced committed due gone born
    married engaged overwhelmed exhausted thrilled disappointed satisfied impressed embarrassed upset angry
    nervous stressed broken understaffed overloaded fed closed open said determined prepared qualified
    experienced trained busy finished done happy afraid confused bored related mixed aimed meant hurt ashamed
    amazed shocked stunned puzzled amused grateful aware limited crowded needed expected allowed
    """.split()
)


def is_past(word: str) -> bool:
    """Tell whether a lower-case word can be a simple past."""
    return word in PAST or (word.endswith("ed") and len(word) > 3 and word not in _NOT_ED)  # noqa: PLR2004


def is_participle(word: str) -> bool:
    """Tell whether a lower-case word can be the past participle of a passive that tells a deed."""
    if word in _ADJECTIVAL:
        return False
    word = word.removeprefix("re-").removeprefix("un")
    return word in PARTICIPLE or (word.endswith("ed") and len(word) > 3 and word not in _NOT_ED)  # noqa: PLR2004
