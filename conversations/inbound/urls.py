"""Addresses that carriers call. Their paths stand in `conversations.channels.sms.callbacks` for those who hand them out."""

from django.urls import path

from conversations.inbound import webhooks

app_name = "inbound"
urlpatterns = [
    path("webhooks/twilio/<int:sender_id>/message", webhooks.twilio_message, name="twilio_message"),
    path("webhooks/twilio/<int:sender_id>/status", webhooks.twilio_status, name="twilio_status"),
]
