"""Whether a text asks us to stop, English and Russian. Pure; always asked before any model.

Tier 1 is a keyword that is the whole message (the carriers' list and its Russian kin). Tier 2 is a direct request in
words. Both suppress at once; after tier 2 a person is asked to look. The rules want a verb directed at us and its
object ("stop texting", "remove me from your list"), never a single word, because ordinary talk is full of "stop".
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class OptOut:
    """`tier` 1 or 2; `evidence` is what matched, for the ledger."""

    tier: int
    evidence: str


KEYWORDS = frozenset(
    {
        *(
            "stop",
            "stopall",
            "stop all",
            "unsubscribe",
            "end",
            "quit",
            "cancel",
            "revoke",
            "optout",
            "opt out",
            "opt-out",
            "remove",
        ),
        *("стоп", "отписаться", "отписка", "отпишите", "отписать", "отпишись", "отписать меня"),
    }
)
"""Twilio's default opt-out words, `remove`, and what Russians write instead."""
_POLITE = frozenset(
    [
        "please",
        "pls",
        "plz",
        "thanks",
        "thank",
        "you",
        "now",
        "it",
        "all",
        "this",
        "ok",
        "okay",
        "hi",
        "hello",
        "just",
        "already",
        "immediately",
        "asap",
        "пожалуйста",
        "пожалуйса",
        "плиз",
        "спасибо",
        "сейчас",
        "уже",
        "все",
        "немедленно",
        "срочно",
    ]
)
_BARE = frozenset(["stop", "unsubscribe", "optout", "стоп", "отписаться", "отпишите", "отписка"])
MAX_DIRECT = 600
"""Characters: longer texts carry footers and quotations of rules, and are left to a person."""


def find(text: str) -> OptOut | None:
    """The strongest sign that `text` opts out, or None."""
    normal = normalise(text)
    whole = normal.strip(" .,!?;:-—…\"'()[]*«»").strip()
    if not whole:
        return None
    if whole in KEYWORDS:
        return OptOut(1, whole)
    if len(normal) > MAX_DIRECT:
        normal = normal[:MAX_DIRECT]
    words = re.findall(r"[\w-]+", whole)
    bare = [w for w in words if w in _BARE]
    if bare and len(words) <= 5 and all(w in _BARE or w in _POLITE for w in words) and "?" not in text:
        return OptOut(2, whole)
    for sentence in sentences(normal):
        if evidence := _in_sentence(sentence, normal):
            return OptOut(2, evidence)
    return None


def normalise(text: str) -> str:
    """Lower case, plain quotes, ё as е, no emoji, one blank between words; line breaks become sentence ends."""
    text = text.replace("’", "'").replace("‘", "'").replace("`", "'").replace("´", "'").lower().replace("ё", "е")
    text = re.sub(r"\n+", " . ", text)
    text = re.sub(r"[^\w\s.,!?;:'\"@+()/%$€₽«»\-—–&#]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def sentences(normal: str) -> list[str]:
    """Clauses of a normalised text."""
    parts = re.split(r"(?<=[.!?;])\s+|\s[—–-]\s|(?<=\w)[!;]+\s*|\s\.\s", normal)
    return [p.strip() for p in parts if p.strip(" .,!?;:")]


_LEAD = (
    r"(?:^|[,:.]\s*|\b(?:and|so|but|then|ok|okay|hey|hi|hello|no|sorry|thanks|guys|sir|madam|dear \w+)\s*,?\s+)"
    r"(?:(?:please|pls|plz|kindly|just|now|immediately|also|i said|i say|again|asap)\s*,?\s+)*"
    r"(?:(?:can|could|would|will) (?:you|u)(?: guys| all)?\s+|you (?:need to|have to|must|should)\s+|i(?:'d| would)? (?:want|need|like|ask|asked|told|beg|demand|am asking|'m asking) (?:that )?(?:you|u)(?: guys)? (?:to\s+)?)?"
    r"(?:(?:please|pls|plz|kindly|just|now|immediately)\s+)*"
)
_TAIL = r"(?:\s+(?:please|pls|thanks|thank you|now|immediately|asap|right now|today|again|anymore|any more|any longer|ever|ever again|further|forever|period|at all|in the future|here|you (?:guys|people)))*\s*[.,!]*"
_ME = r"(?:me|us|my (?:e-?mail|phone|cell|mobile|number|inbox|address|team|company|staff|office)(?: address| number)?|our (?:team|company|staff|office|employees)|this (?:number|e-?mail|address|phone|inbox|mailbox)(?: address)?|here)"
_OUR_MAIL = r"(?:(?:any|these|those|this|your|such|more|anymore|further|all|the|me|us|so many|unsolicited|marketing|stupid|annoying|your stupid)\s+)*(?:e-?mails?|mails?|texts?|messages?|msgs?|sms|spam|stuff|crap|shit|garbage|junk|newsletters?|ads|advertis\w+|offers?|promotions?|notifications?|calls?|communications?)"
_FROM_LIST = r"(?:from|off|out of|of) (?:(?:your|this|the|that|all|any|every|future|further|these|our|mailing|marketing|e-?mail|contact|calling|text|sms|distribution|sales|call)\s+)*(?:lists?|data ?bases?|db|mailing|mailings?|system|records?|crm|contacts?|e-?mails?|texts?|messages?|communications?|outreach|campaigns?|sequence|cadence|distribution|subscription|rolodex|newsletter|files?)"

_ENGLISH = [
    rf"{_LEAD}(?:stop|quit|cease|desist from|refrain from)\s+(?:texting|messaging|e-?mailing|mailing|contacting|calling|writing(?: to)?|spamming|bothering|harassing|pestering|bugging|msging|reaching out to|soliciting|sms-?ing)(?:\s+(?:and \w+ing\s+)?{_ME})?{_TAIL}(?:$|\?|\band\b|\bi\b|,)",
    rf"{_LEAD}(?:stop|quit|cease)\s+sending\s+(?:(?:me|us|to me|to us)\s*(?:$|[.,!]|{_OUR_MAIL}|this|these|anything)|(?:these|this|your|any more|more)\s+{_OUR_MAIL}|(?:spam|texts|messages|emails|e-mails|mails|sms)\b){_TAIL}",
    rf"{_LEAD}stop\s+(?:with\s+)?(?:these|your|the|all|this|all these|all the)\s+(?:\w+\s+)?(?:e-?mails?|texts?|messages?|spam|sms|calls?|spamming|nonsense){_TAIL}$",
    rf"{_LEAD}(?:remove|take|delete|drop|erase|strike|scrub|exclude)\s+(?:me|us|my (?:[\w-]+ ?){{1,3}}|our (?:[\w-]+ ?){{1,3}}|this (?:[\w-]+ ?){{1,2}}|\S+@\S+)\s*(?:immediately |completely |permanently |right away )?{_FROM_LIST}",
    rf"{_LEAD}(?:remove|delete|erase|unlist)\s+(?:me|us|my (?:number|e-?mail|address|data|info\w*|details|contact\w*|name|personal data|phone|email address|phone number|contact details)|this (?:number|e-?mail(?: address)?|address)){_TAIL}$",
    rf"{_LEAD}take\s+(?:me|us|my \w+(?: \w+)?|this \w+) off{_TAIL}(?:$|\s*(?:this|your|the)\b)",
    rf"{_LEAD}(?:do not|don't|dont|do n't|never|no longer|must not|may not)\s+(?:ever\s+)?(?:try to\s+)?(?:contact|e-?mail|text|message|msg|mail|write(?: to)?|spam|bother|reach out to|disturb|solicit|harass|approach)(?:\s+or \w+)?(?:\s+{_ME})?{_TAIL}\??$",
    rf"{_LEAD}(?:do not|don't|dont|never)\s+(?:ever\s+)?call\s+{_ME}(?:\s+(?:again|anymore|any more|ever|ever again|please))+[.!]*$",
    rf"{_LEAD}(?:do not|don't|dont|never)\s+(?:ever\s+)?send\s+(?:me |us |to me |to us )?(?:{_OUR_MAIL}|anything|any more|any further)\b.{{0,40}}$",
    rf"{_LEAD}(?:un-?subscribe|unsubcribe|unsubscibe|opt)(?:\s+(?:me|us|my e-?mail|this e-?mail|this address|this number))?(?:\s+out)?(?:\s+{_FROM_LIST})?{_TAIL}$(?<!\bopt)",
    r"\bi(?:'d| would)? (?:want|would like|wish|need|like|am trying|'m trying|have tried|tried|asked|prefer) to (?:unsubscribe|opt out|opt-out|be (?:removed|unsubscribed|taken off|deleted|opted out))\b",
    r"^(?:i(?:'m| am)? )?(?:hereby )?(?:opt(?:ing)? out|unsubscribing)\b(?!.{0,20}\?)",
    r"\bhow (?:do|can|could|would) i (?:unsubscribe|opt out|get off (?:this|your|the) list|stop (?:these|your|the|receiving|getting) )",
    r"\b(?:let me|allow me to|want to) unsubscribe[.!]*$",
    rf"\bi (?:do not|don't|dont|did not|didn't|no longer)(?: ever)? (?:want|wish|care|consent|agree|ask|sign up|request|need)(?: to)? (?:to )?(?:receive|be contacted|hear (?:from|anything)|get|be (?:e-?mailed|texted|messaged|on (?:this|your|any))|receiving|getting)\b.{{0,40}}(?:you|{_OUR_MAIL}|again|anymore|any more|list|contacted|this|texted|messaged|e-?mailed)",
    r"\bi (?:do not|don't|dont) want (?:any(?: more)?|your|these|more|any further) (?:\w+ )?(?:e-?mails?|texts?|messages?|spam|calls?|sms)\b",
    r"\b(?:lose|forget|delete) my (?:number|e-?mail|address|contact)",
    rf"{_LEAD}leave (?:me|us) alone\b|^go away[.!]*$|^get lost[.!]*$|\b(?:fuck|piss|bugger|sod) off\b|^(?:fuck|screw) (?:you|u)\b",
    r"^(?:please,? )?no (?:more|further) (?:\w+ )?(?:e-?mails?|texts?|messages?|msgs|calls?|contact|spam|communication)s?(?: please| thanks| thank you| from you| ever)*[.!]*$",
    r"\b(?:withdraw|revoke|retract)(?:ing)? (?:my|our|any|all) (?:\w+ )?(?:consent|permission)|\b(?:gdpr|right to (?:erasure|be forgotten))\b.{0,80}\b(?:my|me)\b|\bi object to\b.{0,40}\b(?:processing|marketing|contact)",
    r"\b(?:report(?:ed|ing)|flagg?(?:ed|ing)|marked|marking) (?:you|this|it|your \w+|you guys) (?:as|for) (?:spam|junk|spamming)\b|^(?:this is )?spam[.!]*$|\b(?:cease and desist)\b",
    r"\bnever (?:contact|text|e-?mail|message|write to|call) (?:me|us|this (?:number|address|e-?mail))\b.{0,20}$",
]
_RUSSIAN = [
    r"(?<!не )\b(?:отпишите|отпиши|отписывайте)(?:те)?\b(?!\s+(?:мне|нам|как|о|сколько|когда|что|в|во|по|позже|завтра|сотрудник\w*|клиент\w*))(?:\s*,?\s*(?:меня|нас|пожалуйста|мой|наш|этот|от|уже|немедленно)\b|[.!]*$)",
    r"(?:^|\b(?:хочу|хотел[аи]? бы|желаю|прошу|дайте|можно|как(?: мне| нам)?|нужно|хотим)\s+)(?:мне\s+)?отписаться(?:\s+от\s+(?:вас|ваш\w*|этой|рассыл\w*|писем|всего|этого|сообщений|уведомлений|спама)[^.!?]{0,30})?\s*[.!?]*$",
    r"(?:^|[,.:]\s*|\b(?:пожалуйста|прошу(?: вас)?|и|мне|нам|сюда|вообще|просьба)\s*,?\s+)(?:мне |нам |сюда |меня |нас )?(?:больше |никогда )*(?:не|ни) (?:пишите|пиши|звоните|присылайте|присылать|шлите|слать|отправляйте|отправлять|беспокойте|беспокоить|тревожьте|спамьте|писать|звонить|пишите и|звоните и)(?:(?: и|,| или) не (?:пишите|звоните|присылайте|шлите|беспокойте))?(?:\s+(?:мне|нам|меня|нас|больше|сюда|пожалуйста|никогда|вообще|ничего|сообщени\w+|писем|письма|спам|рекламу|смс|sms|ваш\w*|свои|эту?|на (?:этот|мой|нашу?|эту) (?:номер|адрес|почту|телефон|ящик)))+\s*[.!]*$",
    r"\bбольше (?:мне |нам |сюда |меня |нас )?не (?:пишите|пиши|звоните|присылайте|шлите|отправляйте|беспокойте|тревожьте|надо (?:мне )?(?:писать|звонить|присылать|слать)|нужно (?:мне )?(?:писать|звонить|присылать|слать))\b",
    r"(?:^|[,.:]\s*|\b(?:пожалуйста|прошу|требую|просьба)\s*,?\s*)(?:срочно |немедленно )?(?:не )?(?<!не )(?:удалите|уберите|исключите|вычеркните|сотрите|убрать|удалить|исключить|вычеркнуть|удали|убери)(?:\s+пожалуйста|\s*,\s*пожалуйста\s*,)?\s+(?:меня|нас|мой|мою|мои|моего|наш[уеи]?|наши|этот|эту|данный|данную)(?:\s+(?:адрес\w*|почт\w*|e-?mail|email|мейл|номер\w*|телефон\w*|данные|контакт\w*|персональные данные|электронн\w+|личные данные|имя))*\s*(?:(?:из|с|от)\s+(?:\w+\s+){0,3}(?:рассыл\w+|баз\w*|списк\w*|контакт\w*|реестр\w*|системы|адресной книги|crm)[^.!?]{0,30})?[.!]*$",
    r"(?:^|[,.:]\s*|\b(?:пожалуйста|прошу|требую|уже)\s*,?\s*)(?:немедленно |уже |просто )?(?:прекратите|прекращайте|перестаньте|хватит|прекрати|перестань|завязывайте|кончайте|харе|хорош|прекратить)\s+(?:уже |мне |нам |меня |нас )*(?:слать|писать|звонить|присылать|спамить|отправлять|рассылать|беспокоить|доставать|названивать|рассылку|спам|рассылки|спама|надоедать|эти? рассылк\w*|ваш\w* рассылк\w*|ваш\w* письм\w*)",
    r"\b(?:отзываю|отозвать|отозвал[аи]?)\s+(?:\w+\s+){0,2}согласие|\bотказываюсь от (?:\w+\s+){0,3}(?:рассылк\w+|получения|писем|обработки|сообщений|рекламы)|\bзапрещаю (?:\w+\s+){0,2}(?:обработку|писать|звонить|использовать)|\bпротив обработки (?:\w+\s+){0,2}данных",
    r"^(?:да )?(?:отстаньте|отвяжитесь|отвалите|отвали|отстань|идите (?:на|в) \w+|пошли вы|иди(?:те)? нахуй|нахуй)\b",
    r"\bне (?:хочу|желаю|хотим|желаем) (?:больше )?(?:получать|видеть|читать) (?:\w+ ){0,3}(?:рассылк\w+|пис(?:ем|ьма)|сообщени\w+|спам\w*|реклам\w+|предложени\w+|смс)|\bне давал[аи]? согласи\w+ на (?:рассылк\w+|обработк\w+|реклам\w+)",
    r"\b(?:пожалуюсь|жалобу|жаловаться|обращусь|заявление)\b.{0,40}\b(?:фас|роскомнадзор\w*|прокуратур\w*|в суд)\b|^(?:это )?спам[.!]*$|\bзабудьте (?:мой|этот) (?:номер|адрес)|\bпотеряйте мой номер",
    r"\bснимите (?:меня|нас) с (?:\w+ )?(?:рассылк\w+|подписк\w+)|\bотмените (?:мою |нашу )?(?:подписку|рассылку)\b",
]
_RULES = [re.compile(rule) for rule in (*_ENGLISH, *_RUSSIAN)]

_NOT_MEANT = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|won't|wouldn't|don't|do not|didn't|did not|never|not|please don't|hard to) (?:you )?(?:stop|quit|remove|delete|take (?:me|us) off|unsubscribe|opt (?:me )?out)\b"
    r"|\bwhy (?:did|have|do|are) (?:you|i)\b|\bhesitate\b|\bdid you (?:stop|remove)|\bhow (?:do|can|does|would|could) (?:your|our|my|we|they|people|users?|customers?|clients?)\b"
    r"|\b(?:unsubscribe|opt-?out) (?:link|button|page|rate|option|form|flow|feature|footer|header|process|list)\b|\blink (?:is )?(?:broken|does)"
    r"|\bне (?:удаляйте|убирайте|исключайте|прекращайте|переставайте|останавливайтесь|отписывайте|вычеркивайте)\b|\bпочему (?:вы |ты )?(?:перестал|прекратил|больше)|\bкак отписать\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:instead|rather|just (?:e-?mail|call|text|ring)|(?:e-?mail|call|text|ring|phone|whatsapp|message) me (?:instead|on|at|via)|prefer (?:e-?mail|a call|to talk|text|phone))\b|, (?:call|text|email|e-mail|ring|phone)\b"
    r"|(?:cc|copy|thread|invite|invitation|meeting|calendar|chat|channel|group|this (?:e-?mail )?(?:thread|chain|conversation)|loop)\b"
    r"|\b(?:лучше|вместо|(?<!не )(?:позвоните|звоните|пишите|напишите) (?:в|на|мне|лучше)|из (?:копии|переписки|встречи|чата|календаря|приглашени\w+|группы)|до (?:\d|завтра|понедельника|вечера|утра|обеда)|после \d|по (?:выходным|ночам|утрам))\b"
)


def _in_sentence(sentence: str, whole: str) -> str:
    if _NOT_MEANT.search(sentence):
        return ""
    for rule in _RULES:
        if match := rule.search(sentence):
            if _ELSEWHERE.search(sentence):
                return ""
            return match[0].strip(" ,.:")
    return ""
