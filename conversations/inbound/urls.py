"""URLs that carriers call. `conversations.channels.sms.callbacks` builds them."""

from django.urls import path

from conversations.inbound import booking_webhooks, provider_webhooks, webhooks

app_name = "inbound"
urlpatterns = [
    path("webhooks/provider/<slug:adapter>/<int:sender_id>", provider_webhooks.provider, name="provider"),
    path("webhooks/booking/<int:page_id>", booking_webhooks.booking, name="booking"),
    path("webhooks/twilio/<int:sender_id>/message", webhooks.twilio_message, name="twilio_message"),
    path("webhooks/twilio/<int:sender_id>/status", webhooks.twilio_status, name="twilio_status"),
]
