"""What every test shares: the same random examples in every run, and no time limit on one that a busy machine slows."""

from hypothesis import settings

settings.register_profile("casewise", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("casewise")
