"""Numbers rounded so that they do not contradict what is said of them."""


def apart(value: float, limit: float, digits: int) -> str:
    """A number in so many digits, or as many more as show that it is not a limit beside which it is read."""
    tries = (f"{value:.{more}f}" for more in range(digits, digits + 6))
    return next((text for text in tries if float(text) != round(limit, 9)), f"{value:.{digits}f}")
