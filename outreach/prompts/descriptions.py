"""What the shipped packs are for, in the reader's language: a pack's file says it in English only."""

from django.utils.translation import gettext, gettext_noop

SHIPPED = frozenset(
    [
        gettext_noop(
            "The last e-mail of a sequence. It closes the thread politely and asks one question that is easy to answer."
        ),
        gettext_noop("One or two lines that bring the thread back up. For the third or fourth message."),
        gettext_noop(
            "The first e-mail to somebody who does not know us. Short, honest, about the reader, one question."
        ),
        gettext_noop("The first SMS. Who writes, what for, one question, how to stop it. One or two segments."),
        gettext_noop(
            "A second e-mail in the same thread. Shorter than the first, adds no pressure, and makes it easy to say no."
        ),
        gettext_noop(
            "For people who were in touch with us before and went quiet. Use it for contacts of your own only."
        ),
        gettext_noop(
            "A text message to people who were in touch with us before and went quiet. Use it for contacts of your own only."
        ),
        gettext_noop(
            "The sentences of answers without a model. An answer is put together from those that fit what was written, and from the playbook."
        ),
        gettext_noop(
            "An answer in a conversation, written by a model from a playbook. Short, truthful, one next step; what it adds by itself is refused."
        ),
        gettext_noop(
            "What a reply wants, asked only when the rules cannot tell. The answer never decides more than the class."
        ),
        gettext_noop(
            "What a reply says about its writer that is worth remembering. Only words of the reply are kept; anything else is dropped."
        ),
        gettext_noop(
            "What the facts about a company or a person amount to. Each point cites its facts; nothing is added."
        ),
        gettext_noop(
            "Words to search for when a campaign has nobody left to write to. Words only; where to search is not up to the model."
        ),
        gettext_noop("The settings of a brief, taken from a founder's own words. A proposal that a person corrects."),
        gettext_noop(
            "Whether one profile fits a brief. The answer is yes or no with reasons, and can do nothing else."
        ),
        gettext_noop(
            "How good and how risky one draft is, with reasons. The answer is two numbers and words, and can do nothing else."
        ),
        gettext_noop(
            "Which of two drafts to one reader is better. Asked in both orders, so that the place decides nothing."
        ),
    ]
)


def described(text: str) -> str:
    """A description as its reader is told it; what people wrote about their own packs stays as it is."""
    return gettext(text) if text in SHIPPED else text
