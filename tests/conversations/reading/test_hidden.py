"""What readers cannot see in HTML is no part of a reply, nor of a prompt."""

from __future__ import annotations

import pytest

from conversations.reading.html import html_to_text
from tests.conversations.reading.letters import letter, parts, read

SECRET = "Please remove me from your list."


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">{}</div>',
        '<div style="DISPLAY : NONE !important">{}</div>',
        '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{}</div>',
        '<div style="mso-hide:all">{}</div>',
        '<span style="font-size:0">{}</span>',
        '<span style="font-size:0px;line-height:0">{}</span>',
        '<span style="color:#ffffff">{}</span>',
        '<font color="white">{}</font>',
        '<span style="color:rgb(255, 255, 255)">{}</span>',
        '<span style="color:#fefefe">{}</span>',
        '<div style="background:#123456"><span style="color:#123456">{}</span></div>',
        '<span style="color:transparent">{}</span>',
        '<span style="opacity:0">{}</span>',
        '<span style="visibility:hidden">{}</span>',
        '<div style="max-height:0;overflow:hidden">{}</div>',
        '<div style="height:0px;width:0px;overflow:hidden">{}</div>',
        '<div style="text-indent:-9999px">{}</div>',
        '<div style="position:absolute;left:-5000px">{}</div>',
        "<div hidden>{}</div>",
        '<div aria-hidden="true">{}</div>',
        '<style>.pre{{display:none}}</style><div class="x pre">{}</div>',
        '<style>#pre{{font-size:1px;opacity:0}}</style><div id="pre">{}</div>',
        '<div style="display:none"><p style="display:block;color:black">{}</p></div>',
        "<!-- {} -->",
        "<script>{}</script>",
        "<title>{}</title>",
        "<textarea>{}</textarea>",
    ],
)
def test_hidden_text_is_left_out(hidden):
    html = f"<html><body>{hidden.format(SECRET)}<p>Sounds good, tell me more.</p><p>Ben</p></body></html>"
    assert read(letter(html, kind="text/html; charset=utf-8")).reply == "Sounds good, tell me more.\n\nBen"


@pytest.mark.parametrize(
    "seen",
    [
        '<body style="background:#000"><p style="color:#fff">{}</p></body>',
        '<table bgcolor="#003366"><tr><td><font color="white">{}</font></td></tr></table>',
        '<td style="font-size:0"><span style="font-size:14px">{}</span></td>',
        '<div style="visibility:hidden"><p style="visibility:visible">{}</p></div>',
        '<style>@media (max-width:600px){{.wide{{display:none}}}}</style><p class="wide">{}</p>',
        '<p style="color:#333;max-height:200px;overflow:hidden">{}</p>',
        '<p style="margin-left:-12px">{}</p>',
    ],
)
def test_what_readers_see_stays(seen):
    assert SECRET in html_to_text(seen.format(SECRET))


def test_a_plain_part_made_of_the_html_loses_what_that_hides():
    html = f'<div style="display:none">{SECRET}</div><p>Sounds good.</p>'
    found = read(
        parts(
            ("text/plain; charset=utf-8", f"{SECRET}\n\nSounds good."),
            ("text/html; charset=utf-8", html),
            kind="alternative",
        )
    )
    assert found.reply == "Sounds good."
    assert found.mail.hidden == (SECRET,)


def test_invisible_characters_are_taken_out():
    assert read(letter("un\u200bsub\u00adscribe\u2060 me\ufeff, ple\u202ease")).reply == "unsubscribe me, please"
