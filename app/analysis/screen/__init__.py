"""Keep text that is no story, such as orders to a grader, from earning anything."""
