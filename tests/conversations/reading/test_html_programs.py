"""Replies in HTML as the usual programs write them: the quote goes, the words stay."""

from __future__ import annotations

import pytest

from tests.conversations.reading.letters import letter, read

QUOTE = "Hi Ben,<br><br>shall we talk? Reply stop if not.<br><br>Ann"
REPLIES = {
    "gmail": '<div dir="ltr">Sounds good, call me.<div><br></div><div>Ben</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, Mar 3, 2026 at 4:02 PM Ann Vale &lt;<a href="mailto:ann@x.example">ann@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0">{quote}</blockquote></div>',
    "owa": '<html><body><div class="elementToProof">Sounds good, call me.</div><div class="elementToProof"><br></div><div>Ben</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Ann Vale &lt;ann@x.example&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ben<br><b>Subject:</b> Rota</font><div>&nbsp;</div></div><div>{quote}</div></body></html>',
    "outlook": '<html><body lang=EN-US><div class=WordSection1><p class=MsoNormal>Sounds good, call me.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Ben<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class=MsoNormal><b>From:</b> Ann Vale &lt;ann@x.example&gt; <br><b>Sent:</b> Tuesday, March 3, 2026 4:02 PM<br><b>To:</b> Ben<br><b>Subject:</b> Rota</p></div></div><p class=MsoNormal>{quote}</p></div></body></html>',
    "apple": '<html><body>Sounds good, call me.<div><br></div><div>Ben<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 3 Mar 2026, at 16:02, Ann Vale &lt;ann@x.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>{quote}</div></blockquote></div><br></div></body></html>',
    "thunderbird": '<html><body><p>Sounds good, call me.</p><p>Ben</p><div class="moz-cite-prefix">On 3/3/26 16:02, Ann Vale wrote:<br></div><blockquote type="cite" cite="mid:x">{quote}</blockquote></body></html>',
    "yahoo": '<html><body><div class="ydp1yahoo-style-wrap"><div>Sounds good, call me.</div><div><br></div><div>Ben</div></div><div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div><div>On Tuesday, March 3, 2026 at 04:02:11 PM GMT+1, Ann Vale &lt;ann@x.example&gt; wrote:</div><div><br></div><div>{quote}</div></div></div></body></html>',
    "proton": '<div>Sounds good, call me.</div><div><br></div><div>Ben</div><div class="protonmail_quote">On Tuesday, March 3rd, 2026 at 4:02 PM, Ann Vale &lt;ann@x.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">{quote}</blockquote></div>',
    "yandex": '<div>Sounds good, call me.</div><div> </div><div>Ben</div><div> </div><div>03.03.2026, 16:02, "Ann Vale" &lt;ann@x.example&gt;:</div><blockquote><p>{quote}</p></blockquote>',
    "mailru": '<HTML><BODY><div>Sounds good, call me.</div><div>&nbsp;</div><div>Ben</div><blockquote style="border-left:1px solid #0857A6">Вторник, 3 марта 2026, 16:02 +03:00 от Ann Vale &lt;ann@x.example&gt;:<br>&nbsp;<div>{quote}</div></blockquote></BODY></HTML>',
    "mailru2": "<div>Sounds good, call me.</div><div>Ben</div><br><div>Вторник, 3 марта 2026, 16:02 +03:00 от Ann Vale &lt;ann@x.example&gt;:</div><br><div>{quote}</div>",
    "roundcube": '<p>Sounds good, call me.</p><p>Ben</p><p id="reply-intro">Am 03.03.2026 16:02, schrieb Ann Vale:</p><blockquote type="cite">{quote}</blockquote>',
    "samsung": '<html><body><div>Sounds good, call me.</div><div><br></div><div>Ben</div><div id="composer_signature">Sent from my Galaxy</div><div><br></div><div>-------- Original message --------</div><div>From: Ann Vale &lt;ann@x.example&gt; </div><div>Date: 3/3/26  16:02  (GMT+01:00) </div><div>To: Ben </div><div>Subject: Rota </div><div><br></div><div>{quote}</div></body></html>',
    "newoutlook": '<html><body><div>Sounds good, call me.</div><div>Ben</div><div id="ms-outlook-mobile-signature"><br>Get Outlook for iOS</div><div id="mail-editor-reference-message-container"><div class="ms-outlook-mobile-reference-message"><hr><b>From:</b> Ann Vale<br><b>Sent:</b> Tuesday<br><b>To:</b> Ben<br>{quote}</div></div></body></html>',
    "zoho": '<div>Sounds good, call me.</div><div>Ben</div><div class="zmail_extra"><div>---- On Tue, 03 Mar 2026 16:02:11 +0100 <b>Ann Vale &lt;ann@x.example&gt;</b> wrote ---</div><blockquote>{quote}</blockquote></div>',
    "icloud nested": "<div>Sounds good, call me.</div><br>Ben<br><blockquote>On Mar 3, 2026, at 4:02 PM, Ann Vale wrote:<br><br><blockquote>{quote}</blockquote></blockquote>",
    "superhuman": '<div><div>Sounds good, call me.</div><div><br></div><div>Ben</div></div><br><div class="gmail_signature"></div><div class="gmail_quote">On Tue, Mar 03, 2026 at 4:02 PM, Ann Vale &lt;<a>ann@x.example</a>&gt; wrote:<br><blockquote>{quote}</blockquote></div>',
    "lotus": '<font>Sounds good, call me.</font><br><br><font>Ben</font><br><br><font>From: &nbsp; &nbsp; &nbsp; &nbsp;</font><font>"Ann Vale" &lt;ann@x.example&gt;</font><br><font>To: &nbsp; &nbsp;</font>Ben<br><font>Date: &nbsp; </font>03/03/2026 16:02<br><font>Subject: &nbsp;</font>Rota<br><hr noshade><br><br>{quote}',
    "bottom": '<div class="moz-cite-prefix">On 3/3/26 16:02, Ann Vale wrote:<br></div><blockquote type="cite">{quote}</blockquote><p>Sounds good, call me.</p><p>Ben</p>',
}


@pytest.mark.parametrize("program", REPLIES)
def test_the_reply_is_told_from_the_quote(program):
    html = REPLIES[program].replace("{quote}", QUOTE)
    found = read(letter(html, kind="text/html; charset=utf-8"))
    assert found.reply.replace("\n\n", "\n") == "Sounds good, call me.\nBen"
    assert "Reply stop if not" in found.split.quoted
