"""Whether a text asks us to stop: what is certain, by rules. Pure; always asked before any model.

Tier 1 is a keyword that is the whole message (the carriers' lists of many languages). Tier 2 is a direct request in
words, a misspelt or spaced keyword, a stop sign. Tier 3 is what both halves of the trained reader are sure of. All
suppress at once. The rules want a verb directed at us and its
object ("stop texting", "remove me from your list"), never a single word, because ordinary talk is full of "stop".
What only sounds like it (`suspect`, and the trained reader) holds the follow-ups and asks a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.consent import keywords
from conversations.consent.spelling import fold, join_spaced
from conversations.reading import reactions, signatures
from conversations.replies import stopping


@dataclass(frozen=True)
class OptOut:
    """`tier` 1 to 3; `evidence` is what matched, for the ledger."""

    tier: int
    evidence: str


MAX_DIRECT = 600
"""Characters: longer texts carry footers and quotations of rules; what they say below is suspected, not certain."""
MAX_READ = 6_000
_DISPLEASED = frozenset("👎🖕😡🤬😠💩🤮")


def find(text: str, *, is_sms: bool = True) -> OptOut | None:
    """The strongest certain sign that `text` opts out, or None."""
    if is_reaction(text):
        return None
    word, is_carriers = keywords.read_stop(text, is_sms=is_sms)
    if word:
        return OptOut(1 if is_carriers else 2, word)
    if not any(map(str.isalnum, text)):
        signs = [c for c in text if c in keywords.EMOJI_STOP]
        return OptOut(2, signs[0]) if signs and "?" not in text else None
    normal = normalise(text)
    whole = normal.strip(" .,!?;:-—…\"'()[]*«»").strip()
    if not whole:
        return None
    words = re.findall(r"[\w-]+", whole)
    if (
        len(words) <= 5
        and "?" not in text
        and any(w in keywords.words("bare") for w in words)
        and all(w in keywords.words("bare") or w in keywords.words("polite") for w in words)
    ):
        return OptOut(2, whole)
    for sentence in sentences(normal[:MAX_DIRECT]):
        if evidence := _in_sentence(sentence):
            return OptOut(2, evidence)
    return None


def suspect(text: str) -> str:
    """What makes `text` sound like an opt-out without saying so for certain; empty when nothing does."""
    if is_reaction(text):
        return ""
    if not any(map(str.isalnum, text)):
        return next((c for c in text if c in _DISPLEASED or c in keywords.EMOJI_STOP), "")
    if word := keywords.read_stop(text)[0]:
        return word
    for sentence in sentences(normalise(text[:MAX_READ])):
        if _NOT_MEANT.search(sentence) or _FOOTER.search(sentence) or signatures.is_about_newsletter(sentence):
            continue
        if (match := _SUSPECTED.search(sentence)) and not _ELSEWHERE.search(sentence):
            return match[0]
    return ""


def is_negated(text: str) -> bool:
    """Whether it speaks of stopping in order not to: "please don't remove me", "we had to stop this"."""
    return any(_NOT_MEANT.search(sentence) for sentence in sentences(normalise(text[:MAX_READ])))


def may_be_certain(text: str, part: str) -> bool:
    """Whether `part` of `text` may opt out by the trained reader alone.

    Not a question, a negation, a footer, an "instead", nor what they mean to do themselves ("I'll end this one"), nor
    another matter than our writing ("stop being mean", "my messages are not sending").
    """
    normal = normalise(part)
    return (
        len(text) <= MAX_DIRECT
        and "?" not in part
        and not is_negated(text)
        and not signatures.is_about_newsletter(part)
        and not _FOOTER.search(normal)
        and not _ELSEWHERE.search(normal)
        and not asks_for_something(part)
        and not _OWN_DOING.search(normal)
        and not _OTHER_MATTER.search(normal)
        and stopping.is_spoken_of(normal)
    )


def asks_for_something(text: str) -> bool:
    """Whether it tells us to send, tell or ring, or asks what it costs: who wants no more of us tells us not to."""
    normal = normalise(text)
    if _PRICE.search(normal) and not stopping.is_spoken_of(normal):
        return True
    return any(_ASKS.search(sentence) and not _AND_THEN.search(sentence) for sentence in sentences(normal))


def is_reaction(text: str) -> bool:
    """Whether a phone tells how they reacted to one of our messages, repeating it."""
    return reactions.of_text(text) is not None


def normalise(text: str) -> str:
    """Folded spelling, no emoji, one blank between words; line breaks become sentence ends."""
    text = re.sub(r"\n+", " . ", join_spaced(fold(text)))
    text = re.sub(r"[^\w\s.,!?;:'\"@+()/%$€₽«»\-—–&#]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def sentences(normal: str) -> list[str]:
    """Clauses of a normalised text."""
    parts = re.split(r"(?<=[.!?;])\s+|\s[—–-]\s|(?<=\w)[!;]+\s*|\s\.\s", normal)
    return [p.strip() for p in parts if p.strip(" .,!?;:")]


_LEAD = (
    r"(?:^|[,:.]\s*|\b(?:and|so|but|then|ok|okay|hey|hi|hello|no|sorry|thanks|guys|sir|madam|dear \w+)\s*,?\s+)"
    r"(?:(?:please|pls|plz|kindly|just|now|immediately|also|i said|i say|again|asap)\s*,?\s+)*"
    r"(?:(?:can|could|would|will) (?:you|u)(?: guys| all)?\s+(?:be (?:so|very) (?:kind|good|nice) (?:as )?to\s+)?|may i ask you to\s+|you (?:need to|have to|must|should)\s+|i(?:'d| would)? (?:want|need|like|ask|asked|told|beg|demand|am asking|'m asking) (?:that )?(?:you|u)(?: guys)? (?:to\s+)?)?"
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
    rf"{_LEAD}(?:remove|delete|erase|unlist|purge|wipe)\s+(?:me|us|my (?:number|e-?mail|address|data|info\w*|details|contact\w*|name|personal data|phone|email address|phone number|contact details)|this (?:number|e-?mail(?: address)?|address))(?:\s+and confirm\b.{{0,30}})?{_TAIL}$",
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
    rf"{_LEAD}leave (?:me|us|(?:my|our) (?:team|staff|people|company|office)) (?:alone|in peace)\b|^go away[.!]*$|^get lost[.!]*$|\b(?:fuck|piss|bugger|sod) off\b|^(?:fuck|screw) (?:you|u)\b",
    r"^(?:please,? )?no (?:more|further) (?:\w+ )?(?:e-?mails?|texts?|messages?|msgs|calls?|contact|spam|communication)s?(?: please| thanks| thank you| from you| ever)*[.!]*$",
    r"\bopt (?:me|us) out\b|^(?:remove|delete|unsubscribe) (?:me|us)\W*(?:please|pls|plz|thanks|thank you|thx|asap|now|today|immediately)?\W*$|^no more[.!]*$",
    r"\b(?:withdraw|revoke|retract)(?:ing)? (?:my|our|any|all) (?:\w+ )?(?:consent|permission)|\b(?:gdpr|right to (?:erasure|be forgotten))\b.{0,80}\b(?:my|me)\b|\bi object to\b.{0,40}\b(?:processing|marketing|contact)",
    r"\b(?:report(?:ed|ing)|flagg?(?:ed|ing)|marked|marking) (?:you|this|it|your \w+|you guys) (?:as|for) (?:spam|junk|spamming)\b|^this is spam[.!]*$|\b(?:cease and desist)\b",
    rf"{_LEAD}(?:delete|erase|remove|destroy|wipe|purge)\s+(?:everything|whatever|(?:all|any|every)(?: of)?(?: the| your)?(?: personal)? (?:data|details|information|records?))\b[^.!?]{{0,40}}\b(?:about|on|concerning|regarding) (?:me|us)\b",
    rf"{_LEAD}(?:delete|erase|destroy|purge)\s+(?:all )?(?:of )?(?:my|our) (?:personal )?(?:data|details|information|records?){_TAIL}$",
    r"\b(?:no|without(?: any)?|lack (?:a|any)) (?:lawful|legal) (?:basis|grounds?)\b[^.!?]{0,40}\b(?:my|me|us|our)\b",
    r"\bnever (?:contact|text|e-?mail|message|write to|call) (?:me|us|this (?:number|address|e-?mail))\b.{0,20}$",
    r"^(?:please,? )?(?:do not|don't|dont) (?:call|write|text|e-?mail|ring)(?:,| and| or)+ (?:do not |don't |dont )?(?:call|write|text|e-?mail|message|ring)(?: me| us| again| ever| please|, (?:do not|don't) .{3,25})*\W*$",
    rf"{_LEAD}(?:refrain|desist|abstain) from sending (?:me |us )?(?:any |further |additional |more )*(?:correspondence|{_OUR_MAIL}){_TAIL}$",
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
    r"\b(?:пожалуюсь|жалобу|жаловаться|обращусь|заявление)\b.{0,40}\b(?:фас|роскомнадзор\w*|прокуратур\w*|в суд)\b|^это спам[.!]*$|\bзабудьте (?:мой|этот) (?:номер|адрес)|\bпотеряйте мой номер",
    r"^(?:пожалуйста,? |прошу,? )?не (?:звоните|звони|пишите|пиши|шлите|шли)(?:,| и|, и) не (?:звоните|звони|пишите|пиши|шлите|шли)(?: (?:мне|нам|больше|сюда|никогда))*\W*$",
    r"^(?:отпишусь|отписаться) как\b|^как отписаться\b",
    r"\bснимите (?:меня|нас) с (?:\w+ )?(?:рассылк\w+|подписк\w+)|\bотмените (?:мою |нашу )?(?:подписку|рассылку)\b",
    r"\b(?:otpi(?:sh|s)i(?:te|shi)?|otpisat'?|otpisyvaj(?:te)?|otpisat'?sya)\b(?: (?:menya|nas|mena|pozhaluj?sta|plz|pls))*|\b(?:ne|bolshe ne) (?:pishite|pishi|zvonite|prisylajte|shlite)\b|\b(?:udalite|uberite|isklyuchite) (?:menya|nas|moj|moi)\b|\b(?:k?hvatit|perestan'?te|prekratite) (?:spamit'?|pisat'?|slat'?|zvonit'?)",
]
_SPANISH = [
    r"\b(?:denme|deme|dame|darme|darnos|quiero (?:darme )?de|solicito (?:la|mi)) (?:de )?baja\b",
    r"\b(?<!no me )(?<!no )(?:elimin|borr|saqu|quit|sac|remuev)\w*(?:me|nme|nos)\b.{0,25}\b(?:listas?|base|bases|envios|correos|datos)\b",
    r"\bno (?:me |nos |vuelv\w+ a )+(?:escrib|contact|llam|mand|envi|molest)\w*\b(?:.{0,25}\b(?:mas|nunca|otra vez)\b|(?: (?:por favor|correos|mensajes|publicidad|nada))*\W*$)",
    r"\b(?:dej|par)(?:en|e|a|ad) de (?:\w+ )?(?:escribir|enviar|mandar|molestar|llamar|spam|contactar)\w*",
    r"\bno (?:quiero|deseo|queremos) (?:recibir|mas|seguir recibiendo)\b.{0,25}\b(?:correos?|mensajes?|e-?mails?|publicidad|nada)\b",
    r"\bsi (?:me|nos) vuelv\w+ a \w+.{0,20}\b(?:denunci|demand|reporto|bloque)\w*|\bprefi?er\w+ no (?:recibir|ser contactad\w+)\b",
    r"\bdejen?me en paz\b|\bno mas (?:correos|mensajes|e-?mails|llamadas)\b",
]
_GERMAN = [
    r"\b(?:keine|nie wieder|keinerlei) (?:weiteren? )?(?:e-?mails?|mails?|nachrichten|werbung|anrufe|sms|newsletter)\b.{0,20}\b(?:mehr|erhalten|bekommen|bitte|schicken|senden)\b",
    r"\b(?:aus|von) (?:ihrem|dem|diesem|eurem|der|ihrer) (?:mail|e-?mail-?)?(?:verteiler|liste|mailingliste|datenbank) (?:nehmen|loschen|streichen|entfernen|austragen|raus)\b",
    r"\b(?:losch|entfern|streich|nehm|trag)\w* sie (?:bitte )?(?:mich|uns|(?:meine|unsere)[nr]? \w+)\b.{0,30}\b(?:verteiler|liste|datenbank|daten|aus|raus)\b",
    r"\b(?:schreiben|kontaktieren|belastigen|mailen|rufen) sie (?:mich|mir|uns)(?: bitte)? (?:nicht mehr|nie wieder|nicht wieder)\b",
    r"\bhor(?:en sie|t|)? auf\b.{0,20}\b(?:zu schreiben|mails?|e-?mails?|spam\w*|zu nerven)\b|\b(?:lassen sie|lasst|lass) (?:mich|uns) in ruhe\b",
    r"\b(?:sehen|seht) (?:sie |ihr )?(?:bitte )?von (?:\w+ )?(?:nachfass|kontakt|werbe|weiteren)\w*(?: \w+)? ab\b",
    r"\bvon weiteren? (?:\w+ )?\w+ (?:bitte )?ab(?:zu)?sehen\b|\bverbitte (?:ich )?mir\b",
    r"^(?:bitte )?(?:mich )?(?:abmelden|austragen|abbestellen)(?: bitte)?[.!]*$|\bwiderspreche (?:ich )?der (?:nutzung|verarbeitung|zusendung|werbung)",
]
_FRENCH = [
    r"\b(?:desinscri\w+|desabonne\w*)[- ]moi\b|\b(?:me|nous) (?:desinscrire|desabonner)\b",
    r"\b(?<!ne me )(?:retir|supprim|enlev|ray|effac)\w*[- ](?:moi|nous|mon|mes|notre)\b.{0,35}\b(?:listes?|base|fichiers?|adresse|donnees|mails?)\b",
    r"\b(?:merci de )?ne (?:plus )?(?:m'|me |nous )(?:ecri|contact|appel|envo|sollicit)\w*(?:-?nous|-?moi)?\b.{0,12}(?:\bplus\b|$)|\bmerci de ne plus (?:m'|me |nous )\w+",
    r"\b(?:arretez?|cessez) (?:de |tout )?(?:m'|me |nous |les |vos |ce |ces )?(?:ecrire|envoyer|e-?mails?|messages?|spam|harceler|contacter|contact|solliciter)\b",
    r"\bje ne (?:veux|souhaite|desire) plus (?:recevoir|de (?:e-?mails|messages|pub))|\bplus (?:de|aucun) (?:e-?mails?|messages?|sms)\b.{0,10}$",
    r"\b(?:inutile|pas la peine) de (?:me|nous) (?:relancer|recontacter|ecrire|rappeler)\b(?!.{0,30}\b(?:avant|maintenant, mais|en|d'ici)\b)",
    r"\b(?:laissez|laisse|fichez|foutez)[- ]moi (?:tranquille|la paix)\b",
]
_PORTUGUESE = [
    r"\bdescadastr(?:e|em|ar|ando|ado|ada)\b|^descadastro\W*$|\b(?:meu|pedir|solicito|quero) (?:o )?descadastro\b|\bcancelar (?:a |minha |a minha )?inscricao\b",
    r"\b(?<!nao )(?:me (?:remov|retir|exclu|tir|apag)\w*|(?<!nao me )(?:remov|retir|exclu|tir|apag)\w*(?:-?me|\s+(?:me|(?:[oa]s? )?(?:meu|minha|nosso|nossa)s?))\b).{0,25}\b(?:listas?|base|mailing|cadastro)\b",
    r"\b(?:parem?|pare|chega) de (?:me )?(?:escrever|mandar|enviar|incomodar|ligar|encher|spam)\b",
    r"\bnao autoriz\w+ (?:o )?(?:uso d[oe]s? meus? dados|(?:o )?contat\w+|(?:o )?envio)\b",
    r"\bnao (?:me |nos )?volt\w+ a (?:me |nos )?(?:contact|contat|escrev|lig|mand|envi|incomod)\w*(?!.{0,20}\b(?:antes|ate)\b)",
    r"\bnao (?:me )?(?:escrev|contat|lig|mand|envi)\w*\b.{0,25}\bmais\b|\bnao quero (?:mais )?receber\b|\bme deixem? em paz\b",
]
_RULES = [re.compile(rule) for rule in (*_ENGLISH, *_RUSSIAN, *_SPANISH, *_GERMAN, *_FRENCH, *_PORTUGUESE)]

_NOT_MEANT = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|won't|wouldn't|don't|do not|didn't|did not|never|not|please don't|hard to) (?:you )?(?:stop|quit|remove|delete|take (?:me|us) off|unsubscribe|opt (?:me )?out)\b"
    r"|\b(?:don't|do not|didn't|did not|not) (?:really )?(?:want|wish|mean|intend|plan|going|ask) to (?:unsubscribe|opt out|be (?:removed|unsubscribed|taken off|opted out)|leave (?:the|your) list)\b|\bby accident\b|\bслучайно\b"
    r"|\bwhy (?:did|have) (?:you|i)\b|\bhesitate\b|\bdid you (?:stop|remove)|\bhow (?:do|can|does|would|could) (?:your|our|my|we|they|people|users?|customers?|clients?)\b"
    r"|\b(?:unsubscribe|opt-?out) (?:link|button|page|rate|option|form|flow|feature|footer|header|process|list)\b(?!.{0,40}\b(?:not work|doesn't work|did nothing|still)\b)|\blink (?:is )?broken"
    r"|\b(?:got|have|need|had) to stop (?:this|the|our|these|losing|wasting|doing)\b|\bif i (?:reply|text|say|write)\b|\bstop by\b"
    r"|\b(?:by mistake|in error|an? (?:accident|mistake))\b|\b(?:have|is there|need|want|looking for) (?:you )?(?:a|any) (?:way|tool) to\b(?! (?:get|be) (?:off|out|removed)| (?:stop|end) (?:this|these|it|you|your)\b)"
    r"|\bbaja d(?:el|e la|e nuestro) (?:plan|contrato|servicio|cuenta)\b"
    r"|\bне (?:удаляйте|убирайте|исключайте|прекращайте|переставайте|останавливайтесь|отписывайте|вычеркивайте)\b|\bпочему (?:вы |ты )?(?:перестал|прекратил|больше)|\bкак отписать (?!меня|нас)"
    r"|\b(?:no|nunca) (?:dej|par|ces)\w* (?:nunca )?de\b|\b(?:nao|nunca) (?:par|deix|cess)\w* de\b|\bn'arrete\w* (?:pas|surtout|jamais)\b|\b(?:horen sie|hor|hort) (?:bitte |bloss )?nicht auf\b|\bnicht aufhoren\b"
    r"|\bno (?:me|nos) (?:borr|quit|elimin|sac|saqu)|\bnao (?:me|nos) (?:remov|tir|retir|exclu)|\bnicht (?:loschen|entfernen|aus dem verteiler|abmelden)|\bne (?:me|nous) (?:retir|supprim|desinscri)"
)
_ELSEWHERE = re.compile(
    r"\b(?:instead|rather|just (?:e-?mail|call|text|ring)|(?:e-?mail|call|text|ring|phone|whatsapp|message) me (?:instead|on|at|via)|prefer (?:e-?mail|a call|to talk|text|phone))\b|, (?:call|text|email|e-mail|ring|phone)\b"
    r"|(?:cc|copy|thread|invite|invitation|meeting|calendar|chat|channel|group|wait(?:ing)? ?list|trial|folder|rota|roster|this (?:e-?mail )?(?:thread|chain|conversation)|loop)\b"
    r"|\b(?:лучше|вместо|(?<!не )(?:позвоните|звоните|пишите|напишите) (?:в|на|мне|лучше)|из (?:копии|переписки|встречи|чата|календаря|приглашени\w+|группы)|до (?:\d|завтра|понедельника|вечера|утра|обеда)|после \d|по (?:выходным|ночам|утрам))\b"
)
_ASKS = re.compile(
    r"(?<!not )(?<!n't )(?<!dont )(?<!stop )(?<!never )\b(?:(?:send|mail|e-?mail|forward|resend) (?:me|us|it|over|across|the|a|your|my colleague)|(?:give|show|tell|quote|ring) (?:me|us))\b(?! (?:another|one more|nothing|no |break|how (?:to|do i) (?:stop|get off|opt|unsub)))"
    r"|\b(?:mand|envi|cuent|escrib|llam|hab?l)(?:[aei]|[ae]n)(?:me|nos)\b|\b(?:dime|diganos|digame)\b"
    r"|(?<!nao )(?<!nao me )\b(?:mand[ae]|enviem?|envia|conta|conte|fala|fale|liga|ligue)\b(?!.{0,12}\b(?:mais nada|nenhum)\b)"
    r"|(?<!ne )(?<!n')\b(?:envoyez|dites|appelez|ecrivez|contactez|rappelez|relancez)(?:[- ](?:moi|nous|m'en)\b| plutot| le | la | les )"
    r"|\b(?:schicken|senden|rufen|melden|mailen|sagen|schreiben) sie (?:mir|uns|mich|sich|es|den|die|das)\b(?!.{0,40}\b(?:nicht|nie|keine\w*)\b)"
    r"|(?<!не )\b(?:пришлите|вышлите|скиньте|скидывайте|присылайте|позвоните|наберите|расскажите|отправьте|напишите|подскажите|обсудим)\b"
    r"|(?<!не )(?<!ни )\bпишите (?:в|на|по|ей|ему|им|лучше|\w{2,}[еуию])\b(?<!мне)(?<!меня)|(?<!не )\b(?:нужен|нужна|нужны|цены|цену|прайс)\b"
    r"|\b(?:we|i)(?:'re| are|'m| am)? (?:need|looking for|interested in|after) (?:a|an|some|something|your|more|new|the)\b|\bplain text\b|\bno objections?\b"
    r"|\b(?:plutot|lieber|stattdessen|mejor|melhor)\b|\b(?:lo|la) (?:consulte|hable|miro|vemos)\b|\bno (?:rush|hurry)\b"
)
_OWN_DOING = re.compile(
    r"^(?:(?:now|so|then|ok|okay|and|but|well|maybe)\W+)*(?:i(?:'ll| will|'m going to| am going to|'m gonna| want to| wanna|'d like to)|let me|lemme|imma)\s+(?!be\b|get\b|have\b|not\b|never\b|no\b|opt\b|unsub)"
)
_OTHER_MATTER = re.compile(
    r"\b(?:stop|quit)\s+(?!text|messag|msg|sms|e-?mail|mail|contact|call|ring|phon|writ|send|spam|reach|solicit|bother|harass|pester|bug|annoy|disturb|hound|badger|nag|chas|follow|bombard|flood|clog|clutter|wast|sell|pitch|advertis|market|try|keep|ask|includ|us|stalk|hassl|push|bring|nothing)\w+ing\b"
    r"|\b(?:messages?|texts?|e?-?mails?|it|this|they)\b.{0,12}(?:\bnot|n't) (?:be )?(?:send|sent|sending|going|work|working|load|loading)\b"
)
_PRICE = re.compile(
    r"\b(?:how much (?:is|are|was|would|will|does|do|for|per|a)|(?:what(?:'s| is| are| does| do| would)?|which) .{0,20}(?:prices?|cost|costs|rates?|fees?)|prices? (?:for|per|of)|сколько .{0,15}(?:стоит|стоят|будет стоить)|(?:какая|какова) .{0,10}(?:цена|стоимость)|почем"
    r"|(?:cuanto|quanto) (?:\w+ )?(?:cuesta|vale|custa|e|sale|fica)|que precio|qual (?:e )?o (?:preco|valor)|(?:was|wie ?viel) .{0,10}koste[nt]|combien .{0,10}(?:cout\w*|c'est)|(?:c'est|ca fait|ca coute) combien|quel .{0,10}(?:prix|tarif))\b"
)
"""Asks what it costs."""
_AND_THEN = re.compile(
    r"\b(?:again|another|one more|once more|still)\b.{0,40}\b(?:and|or)\b|\b(?:еще раз|еще одно)\b|\botra vez\b|\bde nuevo\b.{0,20}\by\b|\bencore une fois\b|\bnoch (?:ein|so)\w*\b"
)
"""Not a request but a threat: "mail me again and I'll report you"."""
_SUSPECTED = re.compile(
    r"\b(?:you|to|please) (?:please )?(?:don't|do not|didn't|did not|would not|not|never|no longer|stop\w*) (?:to |ever |try to )*(?:contact|e-?mail|text|call|write|mail|message|follow|reach|send|approach|bother|disturb|pester)\w*\b(?! (?:about|him|her|them|before|until|the|our (?:client|customer)s))"
    r"|\b(?:if|don't|do not|never|no longer|not|n't)\b.{0,25}\bhear(?:ing)? (?:anything )?from (?:you|your (?:team|company))\b(?: again|\W*$)"
    r"|\b(?:take|strike|scratch|cross|knock|drop|get|leave|keep|cut) (?:me|us|my (?:name|address|e-?mail|number)|our (?:name|address|domain|company)|this (?:address|number)) (?:off|out|from)(?:\W*$| (?:of |from )?(?:your|this|that|these|any|every|future|whatever|all)\b)"
    r"|\b(?:asked|told) you (?:to stop|not to|twice|(?:\w+ )?times)\b|\btake the hint\b|\bno means no\b|\bopt-?out (?:register|registry)\b|\bcease\b.{0,30}\b(?:contact|correspondence|communication)"
    r"|\b(?:wish|want|care|like|prefer|rather) (?:to )?(?:not|no longer) (?:to )?(?:be|get|receive|hear)\b|\b(?:not|no longer|don't|do not) (?:wish|want|care) to (?:be (?:part|contacted|on|included|e-?mailed)|get|receive|hear)\b"
    r"|\bno (?:more )?need (?:to|for you to) (?:keep|continue|carry on|bother|follow up|write|e-?mail|reach out|contact)\b|\bunsub\w*(?: me| us| now| please)?\W*$|^(?:spam|спам)\W*$|^(?:.{0,20}\W)?enough\W*$"
    r"|\b(?:ombudsman|regulator|ftc|the ico|роскомнадзор\w*|cnil)\b|\b(?:block|blocking|blocked|report|reporting|reported) you\b(?! to my)|\b(?:stop|you(?:'re| are)) spamming\b|\b(?:out of|clogging|leave) my (?:inbox|mailbox)\b|\bharass(?:ment|ing (?:me|us|my))\b|\bhear(?:ing)? from (?:each other|one another)\b.{0,12}(?:again|more|longer)|\b(?:strike|scratch|cross) (?:\S+ ){1,4}off(?:,? (?:please|thanks))?\W*$"
    r"|\b(?:take|cross|strike|get|knock|leave|keep) (?:\S+ ){1,4}off (?:whatever|any|every|all|your|this|that|these) (?:\w+ ){0,2}(?:lists?|mailings?|database|crm)\b"
    r"|\b(?:удал|убер|исключ|вычерк|сотр)\w+ (?:\S+ ){1,4}из (?:свои\w*|ваш\w*|эт\w+|всех) (?:\w+ )?(?:списк|баз|рассыл)\w*"
    r"|\bway to (?:get|be) (?:off|out|removed)\b|\b(?:make|let) (?:it|this|these|them) (?:all )?(?:stop|end|go away)\b"
    r"|\bвпредь\b.{0,20}\bне\b|\b(?:удал|убер|исключ|вычерк|сотр)\w+ (?:меня|нас|мой (?:адрес|номер)|мою почту)\b(?! в )|\bне (?:хочу|желаю|хотим|желаем) (?:больше )?(?:получать|видеть|слышать)\b|\b(?:отвал|отстан|отвяж|отцеп)\w*|\bв покое\b"
    r"|\ben paz\b|\bin ruhe\b|\bdescadastr(?:e|em|ar)\b(?! um| o )|\bacoso\b|\bharcelement\b|\bbelastigung\b"
)
"""What is addressed to us and sounds like it; single words that also stand in ordinary talk are left to the reader."""
_FOOTER = re.compile(
    r"\b(?:received|reached you|sent to you) .{0,30}(?:in error|by mistake)|\bintended (?:recipient|for)|\bconfidential\w*|\bscanned (?:for|by)\b|\b(?:notify|inform) the sender\b|\bfrom your system\b"
    r"|по ошибке|конфиденциальн|irrtumlich|vertraulich|par erreur|confidentiel|por error|por engano|\bview (?:this|it) in (?:your )?browser"
)


def _in_sentence(sentence: str) -> str:
    if _NOT_MEANT.search(sentence) or _FOOTER.search(sentence):
        return ""
    for rule in _RULES:
        if match := rule.search(sentence):
            if _ELSEWHERE.search(sentence):
                return ""
            return match[0].strip(" ,.:")
    return ""
