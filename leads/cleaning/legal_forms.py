"""Legal forms of companies in many countries, and a name without them.

Pure: no Django, no database. Forms behind a name are taken off everywhere; forms before it only where a country
writes them there, because "SE Ranking" and "AS Roma" are names.
"""

from __future__ import annotations

ENDINGS = (
    # German
    "gmbh|ggmbh|gesmbh|ges mbh|mbh|gesellschaft mit beschrankter haftung|gesellschaft mbh|aktiengesellschaft|ag|kgaa|kg|kommanditgesellschaft"
    "|kommanditgesellschaft auf aktien|ohg|offene handelsgesellschaft|gbr|ug|ug haftungsbeschrankt|haftungsbeschrankt|e v|ev|eingetragener verein"
    "|e k|ek|e kfm|ekfm|e kfr|eingetragener kaufmann|se|eg|partg|partg mbb|mbb|partnerschaftsgesellschaft|stiftung co kg|og|keg"
    # English
    "|incorporated|inc|corporation|corp|company|co|llc|limited liability company|llp|limited liability partnership|lp|ltd|limited|plc"
    "|public limited company|pllc|pc|pjsc|ojsc|cjsc|jsc|public joint stock company|open joint stock company|closed joint stock company"
    "|joint stock company|pte ltd|pte|pty ltd|pty|proprietary limited|proprietary|pvt ltd|pvt|private limited|private ltd|cic|unlimited|sdn bhd|sdn|bhd|berhad"
    # Romance
    "|sarl|sas|sasu|sa|spa|srl|srls|snc|eurl|sci|scop|selarl|societe anonyme|societe a responsabilite limitee|sl|slu|slne|sau|sociedad anonima"
    "|sociedad limitada|sab de cv|sa de cv|s de rl de cv|sapi de cv|s de rl|ltda|ltda me|me|epp|eireli|sgps|lda|unipessoal lda|scarl|scrl|saas"
    "|societa per azioni|societa a responsabilita limitata|s en c|sac|saic|spr|sc|scs|cia ltda"
    # Benelux, the north
    "|bv|nv|besloten vennootschap|naamloze vennootschap|bvba|sprl|vof|cv|cvba|stichting|as|asa|ab|ab publ|publ|aktiebolag|hb|kb|ans|da|nuf"
    "|aps|ivs|ps|oy|oyj|oy ab|osakeyhtio|ehf|hf"
    # East and south-east of the middle
    "|sp zoo|sp z oo|sp k|sp j|spolka z ograniczona odpowiedzialnoscia|społka z ograniczona odpowiedzialnoscia|spolka akcyjna|społka akcyjna"
    "|sro|spol sro|spol s ro|vos|ks|akciova spolecnost|kft|zrt|nyrt|bt|rt|doo|dd|dooel|ood|eood|ead|ad|uab|ab|mb|sia|ou|osauhing|aktsiaselts|tov|srl d"
    "|аd|ее|оод|еоод|ад|еад|ет|д о о|а д"
    # Greece, Turkey
    "|ae|epe|ike|oe|ee|anonim sirketi|a s|limited sirketi|ltd sti|sti|sirketi|san ve tic|san ve tic ltd sti|sanayi ve ticaret|ticaret"
    # Asia, Gulf
    "|kk|kabushiki kaisha|gk|godo kaisha|yk|tbk|wll|fze|fzc|fzco|fz llc|fz|dmcc|dwc llc|psc|qsc|kscp|saog|bsc|jlt"
)
STARTS = (
    "общество с ограниченной ответственностью|общество с дополнительной ответственностью|публичное акционерное общество"
    "|закрытое акционерное общество|открытое акционерное общество|непубличное акционерное общество|акционерное общество|индивидуальный предприниматель"
    "|товарищество с ограниченной ответственностью|товариство з обмеженою відповідальністю|крестьянское фермерское хозяйство"
    "|крестьянское хозяйство|автономная некоммерческая организация|некоммерческая организация|муниципальное унитарное предприятие"
    "|государственное унитарное предприятие|федеральное государственное унитарное предприятие|частное предприятие|фізична особа підприємець"
    "|государственное бюджетное учреждение|муниципальное бюджетное учреждение|муниципальное казенное учреждение"
    "|федеральное государственное бюджетное учреждение"
    "|ооо|сооо|оао|зао|пао|нао|ао|ип|тоо|чуп|одо|гуп|муп|фгуп|ано|нко|гк|осоо|тов|тзов|прат|пат|ат|фоп|чп|пп|кфх|гкфх|снт|тсж|тсн|жск|потребкооператив"
    "|гбу|гбуз|гау|гауз|гку|гбоу|гапоу|гбпоу|мбу|мбоу|мбдоу|мау|маоу|мку|мкоу|мкп|мп|фгбу|фгбоу|фгбоу во|фгбоу впо|фгаоу|фгаоу во|фгку|фгбну|чоу|чудо|ноу"
    "|суп|уп|чтуп|руп|куп|оаo|фонд|нп"
    "|ooo|oao|zao|pao|too|llc|pjsc|ojsc|cjsc|jsc|uab|sia|ou|pt|the"
)
RUSSIAN_ENDINGS = "ооо|оао|зао|пао|нао|ао|ип|тоо|чуп|одо|гуп|муп|фгуп|осоо|тов|прат|пат|кфх|ooo|oao|zao|pao"
JOINERS = frozenset({"and", "und", "u", "et", "y", "e", "co", "cie"})
"""Words that stand between two forms ("GmbH und Co. KG") and go with the form behind them."""

_ENDINGS = frozenset(f"{ENDINGS}|{RUSSIAN_ENDINGS}|{STARTS}".split("|")) - {"the", "фонд", "pt", "пп", "мп", "ат"}
_STARTS = frozenset(STARTS.split("|"))
_JOINED = frozenset(form.replace(" ", "") for form in _ENDINGS)
_MOST_WORDS = max(len(form.split()) for form in _ENDINGS | _STARTS)
_MOST_LETTERS = 7


def without_forms(words: list[str]) -> list[str]:
    """`words` (in `cleaning.key` form) without legal forms at either end; all of them when nothing else is left."""
    found = list(words)
    while found:
        size = _ending(found) or -_start(found)
        if size > 0:
            found = found[:-size]
            while len(found) > 1 and found[-1] in JOINERS and _ending(found[:-1]):
                found = found[:-1]
        elif size < 0:
            found = found[-size:]
        else:
            break
    return found or words


def _ending(words: list[str]) -> int:
    """How many words at the end are a form; dotted ones ("g m b h") count as one."""
    for size in range(min(max(_MOST_WORDS, _MOST_LETTERS), len(words)), 0, -1):
        tail = words[-size:]
        if " ".join(tail) in _ENDINGS:
            return size
        if size > 1 and all(len(word) <= 3 for word in tail) and min(map(len, tail)) == 1 and "".join(tail) in _JOINED:
            return size
    return 0


def _start(words: list[str]) -> int:
    for size in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[:size]) in _STARTS:
            return size
    return 0
