"""The writers of reviews: taking held answers in, deciding on them, removing their texts."""

from pilothouse.kernel.reviews.actions.deciding import review_decide, review_open, review_sign
from pilothouse.kernel.reviews.actions.keeping import outcomes_tell, reviews_forget, reviews_keep
from pilothouse.kernel.reviews.actions.taking import reviews_take_in

__all__ = [
    "outcomes_tell",
    "review_decide",
    "review_open",
    "review_sign",
    "reviews_forget",
    "reviews_keep",
    "reviews_take_in",
]
