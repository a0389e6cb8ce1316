"""What comes in: raw store, webhooks, IMAP, bounces, auto-replies, matching to the thread."""
