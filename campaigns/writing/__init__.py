"""The Texts page: founders see and change what a step says, preview it, and apply a change to what is not sent yet."""
