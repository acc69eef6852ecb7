"""What AWS was recorded to answer, as one list that each of our doubles of AWS is held to."""

from .double import RECORDED, RecordedFact
from .recorded_changes import ACM
from .recorded_sign_in import NO_ROLE
from .recorded_stages import POLICY

__all__ = ["ACM", "NO_ROLE", "POLICY", "RECORDED", "RecordedFact"]
