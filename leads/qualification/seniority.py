"""The level of a position from its title, in English and Russian. Pure; None when the title does not say."""

from __future__ import annotations

from leads.segments import lexicon


def _(text: str) -> str:
    return text


LEVELS = {
    "intern": _("Intern"),
    "junior": _("Junior"),
    "middle": _("Middle"),
    "senior": _("Senior"),
    "lead": _("Team lead"),
    "manager": _("Manager"),
    "head": _("Head or director"),
    "executive": _("Executive or owner"),
}
"""From the lowest to the highest; one step apart counts half."""

_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("junior", ("assistant", "ассистент", "помощник", "секретарь")),
    ("intern", ("intern", "trainee", "internship", "стажер", "стажёр", "практикант")),
    ("senior", ("product owner", "владелец продукта", "account executive", "sales executive")),
    ("head", ("vice president", "vp", "svp", "evp", "вице-президент", "deputy director", "заместитель", "зам. директора")),
    (
        "executive",
        (
            "ceo", "cto", "cfo", "coo", "cmo", "cio", "ciso", "cpo", "cro", "cdo", "chro", "chief", "founder",
            "co-founder", "cofounder", "owner", "co-owner", "president", "managing director", "general director",
            "managing partner", "генеральный директор", "гендиректор", "исполнительный директор",
            "технический директор", "финансовый директор", "коммерческий директор", "операционный директор",
            "основатель", "сооснователь", "со-основатель", "владелец", "собственник", "совладелец", "президент",
            "управляющий партнер", "управляющий партнёр", "предприниматель",
        ),
    ),
    ("head", ("head", "director", "директор", "начальник", "руководитель отдела", "руководитель департамента", "руководитель направления", "глава")),
    ("lead", ("lead", "team lead", "teamlead", "tech lead", "techlead", "principal", "staff engineer", "architect", "тимлид", "техлид", "ведущий", "ведущая", "архитектор", "руководитель группы", "руководитель команды")),
    ("head", ("руководитель",)),
    ("manager", ("manager", "менеджер", "supervisor", "управляющий", "заведующий")),
    ("senior", ("senior", "sr", "sr.", "старший", "старшая", "expert", "эксперт")),
    ("junior", ("junior", "jr", "jr.", "младший", "младшая", "entry level", "entry-level")),
    ("middle", ("middle", "mid-level", "mid level", "intermediate")),
)  # fmt: skip
"""The first that matches decides: what would mislead stands before what it would be taken for."""


def level_of(title: str) -> str | None:
    """The level that `title` states."""
    return next((level for level, words in _RULES if lexicon.find(words, title)), None)


def distance(level: str, wanted: list[str]) -> int:
    """Steps from `level` to the nearest of `wanted`."""
    order = list(LEVELS)
    return min(abs(order.index(level) - order.index(other)) for other in wanted)
