"""Held-out notices, written before the readers and never tuned to: what each is, and what it should be read as.

Each entry: (name, raw text, kind, first recipient, reason, is_hard). Shapes follow what the mail servers send; all names are fictional.
"""

from __future__ import annotations

_HEAD = "From: {sender}\nTo: dana@outreach.example\nSubject: {subject}\nDate: Mon, 3 Mar 2025 16:12:00 +0000\nMessage-ID: <n1@mx.example>\n"


def dsn(
    status: str,
    diagnostic: str,
    *,
    action: str = "failed",
    recipient: str = "sam@acme.example",
    text: str = "Sorry.",
    extra: str = "",
    original: str = "",
) -> str:
    """A multipart/report as RFC 3464 draws it."""
    return (
        _HEAD.format(
            sender="Mail Delivery System <MAILER-DAEMON@mx.example>", subject="Undelivered Mail Returned to Sender"
        )
        + 'Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        + f"--B\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n--B\nContent-Type: message/delivery-status\n\n"
        + f"Reporting-MTA: dns; mx.example\n\n{original}Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n{extra}Diagnostic-Code: smtp; {diagnostic}\n\n"
        + "--B\nContent-Type: message/rfc822\n\nMessage-ID: <ours.1@outreach.example>\nFrom: dana@outreach.example\nTo: sam@acme.example\nSubject: hi\n\nhello\n--B--\n"
    )


def plain(sender: str, subject: str, body: str, headers: str = "") -> str:
    return (
        _HEAD.format(sender=sender, subject=subject)
        + headers
        + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        + body
    )


Notice = tuple[str, str, str, str, str, bool]

NOTICES: list[Notice] = [
    (
        "dsn unknown user",
        dsn("5.1.1", "550 5.1.1 <sam@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn google",
        dsn(
            "5.1.1",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn mailbox full",
        dsn("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"),
        "bounce",
        "sam@acme.example",
        "mailbox_full",
        False,
    ),
    ("dsn soft full", dsn("4.2.2", "452 4.2.2 mailbox full"), "bounce", "sam@acme.example", "mailbox_full", False),
    (
        "dsn delayed",
        dsn("4.4.1", "connect to mx.acme.example: Connection timed out", action="delayed"),
        "bounce",
        "sam@acme.example",
        "delayed",
        False,
    ),
    (
        "dsn spam policy",
        dsn("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
        "bounce",
        "sam@acme.example",
        "policy",
        False,
    ),
    (
        "dsn dmarc",
        dsn("5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated."),
        "bounce",
        "sam@acme.example",
        "policy",
        False,
    ),
    (
        "dsn domain not found",
        dsn("5.1.2", "Host or domain name not found. Name service error for name=acme.example type=MX: Host not found"),
        "bounce",
        "sam@acme.example",
        "domain",
        True,
    ),
    (
        "dsn nullmx",
        dsn("5.1.10", "556 5.1.10 Recipient address rejected: Domain acme.example does not accept mail (nullMX)"),
        "bounce",
        "sam@acme.example",
        "domain",
        True,
    ),
    (
        "dsn content",
        dsn("5.6.0", "554 5.6.0 Message content rejected: virus found"),
        "bounce",
        "sam@acme.example",
        "content",
        False,
    ),
    (
        "dsn too big",
        dsn("5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
        "bounce",
        "sam@acme.example",
        "content",
        False,
    ),
    (
        "dsn exchange online",
        dsn(
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient sam@acme.example not found by SMTP address lookup",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn 5.0.0 with text",
        dsn("5.0.0", "550 No such user here"),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn 5.5.0 vague",
        dsn("5.5.0", "550 Requested action not taken: mailbox unavailable"),
        "bounce",
        "sam@acme.example",
        "other",
        False,
    ),
    (
        "dsn disabled",
        dsn("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled."),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn original recipient",
        dsn(
            "5.1.1",
            "550 5.1.1 unknown",
            recipient="forwarded@inner.example",
            original="Original-Recipient: rfc822;sam@acme.example\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn mail.ru",
        dsn(
            "5.0.0",
            "550 Message was not accepted -- invalid mailbox.  Local mailbox ivan@mailru.example is unavailable: user not found",
            recipient="ivan@mailru.example",
        ),
        "bounce",
        "ivan@mailru.example",
        "unknown_mailbox",
        True,
    ),
    (
        "dsn yandex spam",
        dsn(
            "5.7.1",
            "554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
            recipient="ivan@yandex.example",
        ),
        "bounce",
        "ivan@yandex.example",
        "policy",
        False,
    ),
    (
        "dsn delivered receipt",
        dsn("2.0.0", "250 ok", action="delivered"),
        "receipt",
        "sam@acme.example",
        "delivered",
        False,
    ),
    (
        "dsn expired",
        dsn("4.4.7", "554 5.4.7 [internal] message expired after 48 hours", action="failed"),
        "bounce",
        "sam@acme.example",
        "delayed",
        False,
    ),
    (
        "qmail",
        plain(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<sam@acme.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 User unknown\nGiving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <dana@outreach.example>\nMessage-ID: <ours.1@outreach.example>\nSubject: hi\n\nhello\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "exim",
        plain(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  sam@acme.example\n    host mx.acme.example [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<sam@acme.example>:\n    550 5.1.1 <sam@acme.example> User unknown\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: <ours.1@outreach.example>\nTo: sam@acme.example\nSubject: hi\n\nhello\n",
            "X-Failed-Recipients: sam@acme.example\nAuto-Submitted: auto-replied\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "exim unrouteable",
        plain(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  sam@acme.example\n    Unrouteable address\n",
            "X-Failed-Recipients: sam@acme.example\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "exim warning",
        plain(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Warning: message 1abc delayed 24 hours",
            "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.\n\nThe address to which the message has not yet been delivered is:\n\n  sam@acme.example\n    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "bounce",
        "sam@acme.example",
        "delayed",
        False,
    ),
    (
        "gmail text",
        plain(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
            "Delivery Status Notification (Failure)",
            "** Address not found **\n\nYour message wasn't delivered to sam@acme.example because the address couldn't be found, or is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 No such user\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "exchange text",
        plain(
            "Microsoft Outlook <postmaster@acme.example>",
            "Undeliverable: Quick question",
            "Delivery has failed to these recipients or groups:\n\nsam@acme.example\nThe email address you entered couldn't be found. Please check the recipient's email address and try to resend the message.\n\nDiagnostic information for administrators:\n\nGenerating server: mx.acme.example\n\nsam@acme.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n",
        ),
        "bounce",
        "sam@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "exchange german",
        plain(
            "postmaster@acme.example",
            "Unzustellbar: Frage",
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\nuwe@acme.example\nDie eingegebene E-Mail-Adresse wurde nicht gefunden.\n\nDiagnoseinformationen für Administratoren:\n\nuwe@acme.example\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n",
        ),
        "bounce",
        "uwe@acme.example",
        "unknown_mailbox",
        True,
    ),
    (
        "yandex ru",
        plain(
            "mailer-daemon@yandex.example",
            "Недоставленное сообщение",
            "Это письмо отправлено почтовым сервером yandex.example.\n\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может\nбыть отправлено одному или нескольким адресатам. Технические подробности можно найти ниже.\n\nПожалуйста, не отвечайте на это сообщение.\n\n<ivan@romashka.example>: host mx.romashka.example[192.0.2.9] said: 550 5.1.1\n    <ivan@romashka.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)\n",
        ),
        "bounce",
        "ivan@romashka.example",
        "unknown_mailbox",
        True,
    ),
    (
        "arf",
        _HEAD.format(sender="fbl@isp.example", subject="FW: hello")
        + 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n--B\nContent-Type: text/plain\n\nThis is an abuse report.\n\n--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Rcpt-To: <sam@acme.example>\n\n--B\nContent-Type: message/rfc822\n\nMessage-ID: <ours.1@outreach.example>\nTo: sam@acme.example\nSubject: hello\n\nhi\n--B--\n',
        "complaint",
        "sam@acme.example",
        "complaint",
        False,
    ),
    (
        "ooo en",
        plain(
            "sam@acme.example",
            "Automatic reply: Quick question",
            "I am out of the office until 14 March 2025 with no access to e-mail.\nIn urgent cases contact help@acme.example\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "out_of_office",
        "",
        "2025-03-14",
        False,
    ),
    (
        "ooo ru",
        plain(
            "ivan@romashka.example",
            "Автоответ: Вопрос",
            "Здравствуйте! Я в отпуске с 1 по 14 марта 2025 года. Отвечу по возвращении.\n",
            "X-Autoreply: yes\n",
        ),
        "out_of_office",
        "",
        "2025-03-14",
        False,
    ),
    (
        "ooo de",
        plain("uwe@acme.example", "Abwesenheitsnotiz: Frage", "Ich bin bis einschließlich 21.03.2025 nicht im Büro.\n"),
        "out_of_office",
        "",
        "2025-03-21",
        False,
    ),
    (
        "ooo fr",
        plain(
            "luc@acme.example",
            "Réponse automatique : Question",
            "Je suis absent jusqu'au 20 mars 2025 inclus.\n",
            "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n",
        ),
        "out_of_office",
        "",
        "2025-03-20",
        False,
    ),
    (
        "ooo no header",
        plain(
            "sam@acme.example",
            "Out of office Re: hi",
            "Thanks for your email. I'm on annual leave, returning on Monday 10 March.\n",
        ),
        "out_of_office",
        "",
        "2025-03-10",
        False,
    ),
    (
        "ooo es",
        plain(
            "eva@acme.example",
            "Respuesta automática: hola",
            "Estaré fuera de la oficina hasta el 17 de marzo de 2025.\n",
        ),
        "out_of_office",
        "",
        "2025-03-17",
        False,
    ),
    (
        "ticket",
        plain(
            "Support <support@acme.example>",
            "[Ticket #48211] We received your request",
            "Thank you for contacting us. Your request has been received and a ticket has been created. Our team will get back to you within 24 hours.\n",
            "Auto-Submitted: auto-generated\nPrecedence: bulk\n",
        ),
        "auto_reply",
        "",
        "",
        False,
    ),
    (
        "ticket ru",
        plain(
            "support@zavod.example",
            "Ваше обращение №5521 зарегистрировано",
            "Здравствуйте! Ваше обращение зарегистрировано. Мы ответим вам в ближайшее время.\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "auto_reply",
        "",
        "",
        False,
    ),
    (
        "left company",
        plain(
            "sam@acme.example",
            "Automatic reply: hi",
            "Sam Stone no longer works at Acme. Please contact Mary Hill at mary.hill@acme.example instead.\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "left",
        "mary.hill@acme.example",
        "",
        False,
    ),
    (
        "left company ru",
        plain(
            "ivan@romashka.example",
            "Автоматический ответ",
            "Иван Петров больше не работает в компании. Пишите на info@romashka.example\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "left",
        "info@romashka.example",
        "",
        False,
    ),
    (
        "human with auto word",
        plain(
            "sam@acme.example",
            "Re: automatic reply handling",
            "We need automatic replies handled too. Let's talk about it.\n",
        ),
        "human",
        "",
        "",
        False,
    ),
    (
        "human about delivery",
        plain(
            "sam@acme.example",
            "Re: delivery failure rates",
            "Our delivery failure rates are around 5%. How do you help?\n",
        ),
        "human",
        "",
        "",
        False,
    ),
    (
        "human says vacation",
        plain("sam@acme.example", "Re: Quick question", "I'm back from vacation on Monday, call me then.\n"),
        "human",
        "",
        "",
        False,
    ),
    (
        "human auto-submitted no",
        plain("sam@acme.example", "Re: Quick question", "Interesting, tell me more.\n", "Auto-Submitted: no\n"),
        "human",
        "",
        "",
        False,
    ),
    (
        "human suppress header only",
        plain(
            "sam@acme.example", "Re: Quick question", "Yes please.\n", "X-Auto-Response-Suppress: DR, RN, NRN, OOF\n"
        ),
        "human",
        "",
        "",
        False,
    ),
    (
        "challenge",
        plain(
            "sam@acme.example",
            "Please confirm your message",
            "I'm protecting myself from receiving junk mail. Please click the link below to complete the verification process.\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "auto_reply",
        "",
        "",
        False,
    ),
]
