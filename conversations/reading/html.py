"""HTML as a person would read it: what is hidden is left out, quotes are marked with `>`. Pure, without recursion."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from conversations.reading.styles import Look, hidden_selectors, look_of
from conversations.reading.text import MAX_TEXT, clean, single_spaced, visible

MAX_HTML = 1_000_000
MAX_NODES = 60_000
CUT_MARK = "-----Original Message-----"
"""Written where the markup says that everything below is an earlier message."""

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "template",
        "noscript",
        "svg",
        "object",
        "select",
        "textarea",
        "button",
    ]
)
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"])
_CUT_IDS = re.compile(
    r"^(x_)*(divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|reply-intro|isReplyContent|stopSpelling)$",
    re.IGNORECASE,
)
_CUT_CLASSES = re.compile(
    r"(^|\s)(x_)*(OutlookMessageHeader|yahoo_quoted|protonmail_quote|ms-outlook-mobile-reference-message|zmail_extra"
    r"|yandex-quote|moz-forward-container|tutanota_quote|WordSection1Quoted|front-blockquote|rpl-quote)(\s|$)"
)
_QUOTE_CLASSES = re.compile(r"(^|\s)(x_)*(gmail_quote|gmail_extra_quote|mail-quote-collapse|quote_container)(\s|$)")
_SIGNATURE_CLASSES = re.compile(
    r"(^|\s)(x_)*(gmail_signature|moz-signature|protonmail_signature_block|Apple-Mail-Signature|zmail_signature_below)(\s|$)"
)
_SIGNATURE_IDS = re.compile(
    r"^(x_)*(Signature|ms-outlook-mobile-signature|AppleMailSignature|lineBreakAtBeginningOfSignature)$"
)
_OUTLOOK_RULE = re.compile(r"border(?:-top)?:\s*(?:none;\s*border-top:\s*)?solid\s*#(?:b5c4df|e1e1e1)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<(style|script|head|title)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_MANY_BREAKS = re.compile(r"\n{3,}")
_QUICK_HIDDEN = re.compile(
    r"display\s*:\s*none|font-size\s*:\s*0|visibility\s*:\s*hidden|mso-hide|aria-hidden|opacity\s*:\s*0|max-height\s*:\s*0"
    r"|\bhidden\b|color\s*[:=]\s*[\"']?\s*(?:#fff|white|rgba?\(\s*255)",
    re.IGNORECASE,
)


def may_hide(html: str) -> bool:
    """Whether a look at hidden text is worth while."""
    return bool(_QUICK_HIDDEN.search(html[:MAX_HTML]))


def html_to_text(html: str) -> str:
    """The visible text, quotes marked with `>` and an earlier message announced by `CUT_MARK`."""
    return read_html(html)[0]


def read_html(html: str) -> tuple[str, tuple[str, ...]]:
    """The visible text and the pieces that are hidden from readers."""
    html = visible(html[:MAX_HTML])
    # an encoding declaration forbids parsing text
    html = re.sub(r"<\?xml[^>]{0,300}\?>", "", html)
    try:
        parser = lxml_html.HTMLParser(recover=True, remove_comments=True, huge_tree=True)
        tree = lxml_html.document_fromstring(html, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return _without_tags(html), ()
    writer = _Writer(hidden_selectors(html))
    for count, (event, node) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        if count > MAX_NODES or writer.size > MAX_TEXT:
            break
        if isinstance(node.tag, str):
            (writer.open if event == "start" else writer.close)(node)
    text = writer.text()
    if not text.strip() and not writer.hidden:
        text = _without_tags(html)
    return text, tuple(writer.hidden)


def _without_tags(html: str) -> str:
    """What is left of HTML that no parser reads."""
    return clean(_TAG.sub(" ", _UNSEEN.sub(" ", html)))


class _Writer:
    """Collects lines while the tree is walked."""

    def __init__(self, hidden_by_sheet: frozenset[str]) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.size = 0
        self.depth = 0
        self.silent = 0
        self.pre = 0
        self.hidden: list[str] = []
        self.sheet = hidden_by_sheet
        self.looks: list[Look] = [Look()]

    def open(self, node: etree._Element) -> None:
        tag = node.tag.lower()
        if tag in _SILENT:
            self.silent += 1
        if self.silent:
            return
        self.looks.append(look_of(node, self.looks[-1], self.sheet))
        if tag in _BLOCKS:
            self.end_line()
        self._mark(node, tag)
        if tag in _SPACED:
            self.blank()
        if tag == "blockquote":
            self.depth += 1
        elif tag == "br":
            self.end_line(is_forced=True)
        elif tag == "li" and not self.looks[-1].is_hidden:
            self.line = "- "
        elif tag == "pre":
            self.pre += 1
        self.write(node.text)

    def close(self, node: etree._Element) -> None:
        tag = node.tag.lower()
        if tag in _SILENT:
            self.silent -= 1
        elif not self.silent:
            if tag in _BLOCKS:
                self.end_line()
            if tag == "blockquote":
                self.depth -= 1
            if tag in _SPACED:
                self.blank()
            if tag == "pre":
                self.pre -= 1
            if tag in {"td", "th"} and self.line:
                self.line += " "
            self.looks.pop()
        if not self.silent:
            self.write(node.tail)

    def _mark(self, node: etree._Element, tag: str) -> None:
        identity, classes, style = node.get("id", ""), node.get("class", ""), node.get("style", "")
        if _CUT_IDS.match(identity) or _CUT_CLASSES.search(classes) or (tag == "div" and _OUTLOOK_RULE.search(style)):
            self.end_line()
            self.lines.append("> " * self.depth + CUT_MARK)
        elif tag != "body" and (_SIGNATURE_CLASSES.search(classes) or _SIGNATURE_IDS.match(identity)):
            self.end_line()
            self.lines.append("> " * self.depth + "--")

    def write(self, text: str | None) -> None:
        if not text:
            return
        if self.looks[-1].is_hidden:
            if (words := " ".join(text.split())) and len(self.hidden) < 200:
                self.hidden.append(words[:2_000])
            return
        if self.pre:
            first, *rest = text.split("\n")
            self.line += first
            for line in rest:
                self.end_line(is_forced=True)
                self.line = line
            return
        text = single_spaced(re.sub(r"\s+", " ", text))
        self.line += text.lstrip() if not self.line or self.line.endswith(" ") else text

    def end_line(self, *, is_forced: bool = False) -> None:
        if self.line.strip() or is_forced:
            self.lines.append((("> " * self.depth) + self.line.strip()).rstrip())
            self.size += len(self.line)
        self.line = ""

    def blank(self) -> None:
        mark = ("> " * self.depth).rstrip()
        if self.lines and self.lines[-1] != mark:
            self.lines.append(mark)

    def text(self) -> str:
        self.end_line()
        return clean(_MANY_BREAKS.sub("\n\n", "\n".join(self.lines)))[:MAX_TEXT]
