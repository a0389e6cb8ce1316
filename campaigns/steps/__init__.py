"""The steps of a campaign as they are planned: message, connection request or task, with senders and files."""
