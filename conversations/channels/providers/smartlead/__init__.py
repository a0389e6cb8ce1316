"""E-mail handed over to a Smartlead campaign, which sends it from its own mailboxes."""
