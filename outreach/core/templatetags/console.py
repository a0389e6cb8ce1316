"""The console's navigation, written out at once: `{% load console %}`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from outreach.core.sections import Section, sections

register = template.Library()
_LINK = "flex h-[38px] items-center -mx-3 px-3 rounded-default hover:text-primary-600 dark:hover:text-primary-500"
_CURRENT = " bg-base-100 font-semibold text-primary-600 dark:bg-white/[.06] dark:text-primary-500 active"
_HEADING = (
    "font-semibold flex flex-row items-center mb-1 mx-3 py-1.5 px-3 select-none text-font-important-light text-sm "
    "dark:text-font-important-dark cursor-pointer hover:text-primary-600 dark:hover:text-primary-500"
)


@register.simple_tag(takes_context=True)
def console_navigation(context: template.Context) -> SafeString:
    """The sidebar: a folded list for each section, the one with the present page open."""
    path = context["request"].path
    return format_html_join("", "{}", ((_section(section, path),) for section in sections(context["request"])))


def _section(section: Section, path: str) -> SafeString:
    current = next((url for _title, url in section.links if path.startswith(url)), "")
    rows = format_html_join(
        "",
        '<li><a href="{}" class="{}"{}><span class="material-symbols-outlined md-18 mr-3 w-[18px]" aria-hidden="true">{}</span><span>{}</span></a></li>',
        (
            (
                url,
                _LINK + (_CURRENT if url == current else ""),
                SafeString(' aria-current="page"') if url == current else "",
                section.icon,
                title,
            )
            for title, url in section.links
        ),
    )
    return format_html(
        '<details class="mb-1.5"{}><summary class="{}">{}</summary><ol class="flex flex-col gap-0.5 px-6">{}</ol></details>',
        SafeString(" open") if current else "",
        _HEADING,
        section.title,
        rows,
    )


@register.simple_tag(takes_context=True)
def console_sections(context: template.Context) -> tuple[Section, ...]:
    """The same sections for the front page."""
    return sections(context["request"])
