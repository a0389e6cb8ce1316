"""Whether a text speaks of stopping at all: of ending, removing, leaving alone, or of not writing. Pure.

The trained reader alone is never enough to suppress. People who chat about other things ("civil approaches are for
losers", "I am getting your messages") sometimes sound like an opt-out to it, but name none of this. Stems of six
languages, in the folded spelling of `optouts.normalise`, common misspellings among them.
"""

from __future__ import annotations

import re

_ENDING = (
    (
        r"stop\w*|st0p|stp|quit\w*|ceas\w+|desist\w*|refrain\w*|uns\w{0,3}[bc]\w*|opt|remo?v\w*|delet\w+|eras\w+|purg\w+|"
        r"off|out of|leav\w+|alone|los(?:e|ing)|forget|block\w*|ban|spam\w*|junk|lists?|consent\w*|enough|last|final\w*|"
        r"end|drop|scratch|strike|cross|exclud\w+|withdraw\w*|revok\w+|peace|go away|goodbye|bye|done|report\w*|harass\w*|"
        r"pester\w*|bother\w*|lawyer|legal|gdpr|unsolicited|solicit\w*|cut|over|blacklist\w*|shred|bin|trash\w*|sever\w*|"
        r"no more|approach(?:ed|ing)|part (?:as|ways)|object\w*|silence|register|registry|vanish|police|clos(?:e|ed)|nomas"
    ),
    (
        r"стоп|отпис|отпиш|отпеш|атпи|подпис|рассыл|удал|убер|убра|исключ|вычерк|сотр|прекра|перест|хват|довол|отст|отвя|отва|"
        r"забуд|спам|блок|бан|баз|согласи|поко|жалоб|жалу|суд|фас|беспоко|надоел|достал|задолб|последн|конч|законч|заверш|"
        r"закр|снят|сним|спис|отказ|завяз|уйм|закон|роскомнадзор"
    ),
    r"baja|basta|dej[ae]|elimin|borr|quit|saqu|sac|olvid|ultim|bloque|denunci|molest|cans|desus|suscrib|ahorr",
    (
        r"abmeld|abgemeld|austrag|verteiler|losch|entfern|streich|aufhor|hor|ruhe|schluss|letzt|genug|widersp|sperr|belastig|"
        r"anwalt|abseh|sehen|raus|liste"
    ),
    (
        r"retir|supprim|desabon|desins|desinc|arret|cess|enlev|ray|efface|paix|tranquil|dernier|assez|oppos|harcel|plainte|"
        r"refus|epargn|lach"
    ),
    r"descadas|remov|tir|exclu|apag|chega|paz|incomod|cancel|esque[cq]",
)
_NO = (
    r"(?:\b(?:no|not|never|none|nothing|without|zero|dont|nor|neither|нет|не|ни|без|никогда|nein|nicht|nichts|kein\w*|nie|"
    r"ne|pas|plus|jamais|rien|aucun\w*|nunca|nada|ningun\w*|nao|sem|nenhum\w*|ni|sin)\b|n't\b|\bn')"
)
_CONTACT = (
    r"\b(?:contact\w*|e?-?mail\w*|messag\w*|writ\w+|call\w*|text\w*|send\w*|hear\w*|inbox|sales|outreach|follow\w*|interest\w*|"
    r"correspond\w*|reach\w*|advert\w*|market\w*|newsletter\w*|touch|receiv\w*|number|"
    r"(?:при|пере|на|по)?(?:пис|пес|пиш|звон|сыл|сла|шли)\w*|сообщ\w*|предлож\w*|реклам\w*|почт\w*|получ\w*|контакт\w*|связ\w*|трев\w*|напомин\w*|"
    r"интерес\w*|слов\w*|escri\w*|corre\w*|mensaj\w*|llam\w*|mand\w*|envi\w*|recib\w*|public\w*|schreib\w*|nachricht\w*|kontakt\w*|"
    r"\w*ruf\w*|werb\w*|schick\w*|zusend\w*|ecri\w*|relanc\w*|envo\w*|appel\w*|recev\w*|pub|sollicit\w*|nouvelles|courrier|escrev\w*|"
    r"mensag\w*|lig\w+|receb\w*|procur\w*|contat\w*)"
)
_SPEAKS = re.compile(rf"\b(?:{_ENDING[0]})\b|\b(?:{'|'.join(_ENDING[1:])})")
_NOT_TO_WRITE = re.compile(rf"{_NO}.{{0,60}}?{_CONTACT}")


def is_spoken_of(normal: str) -> bool:
    """Whether a normalised text names stopping, removal, or contact and a "no"."""
    return _SPEAKS.search(normal) is not None or _NOT_TO_WRITE.search(normal) is not None
