"""What we remember about the person of a conversation: facts with the words that they come from, how long they last.

Six kinds, one table. *Short-term* and *long-term* memory are the rows of `Memory`; *semantic* memory is their order by
meaning (`recalling`). The *conversation* itself is its messages; its *episode* and its *context* are read from readings,
states and open rows whenever they are shown (`replies.remembering`), so they never disagree with them.
"""
