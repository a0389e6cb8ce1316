"""What models cost, how long they take and how good they are, by campaign, pack, model, purpose and day; and each call."""
