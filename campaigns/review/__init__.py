"""A person's word on drafts, and rules that speak for one: the queue, approvals, and what follows an approval."""
