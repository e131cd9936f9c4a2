"""How many items of a whole each part gets. Pure."""

from collections.abc import Mapping


def shares(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total` divided by weight, in whole numbers that add up: largest remainder (Hamilton), ties by order.

    Raises ValueError where no weight is positive.
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("no weights")
    found = {part: total * weight // whole for part, weight in weights.items()}
    rest = sorted(weights, key=lambda part: -(total * weights[part] % whole))  # stable: ties keep their order
    for part in rest[: total - sum(found.values())]:
        found[part] += 1
    return found
