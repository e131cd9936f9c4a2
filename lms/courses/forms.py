from lms.forms import Form


class NextForm(Form):
    """Nothing to fill in: going on is the act, and doing it twice changes nothing."""
