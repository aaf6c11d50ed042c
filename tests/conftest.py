"""For all tests: hypothesis draws the same examples every time and does not look at the clock, so that a busy
machine fails nothing; `make soak` may load the profile `search` to look for new examples."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("steady")
