"""`make bench`: start-up, first answer, memory and size of every function.

The built functions run as AWS runs them, as processes that ask a Runtime API for work, beside the
smallest function that the runtime library can make (tests/bare). Milliseconds belong to one machine
and one moment; the ratio to that function, measured in the same run, is what says something.
"""
