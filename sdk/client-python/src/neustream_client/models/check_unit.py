from enum import StrEnum


class CheckUnit(StrEnum):
    BPS = "bps"
    HOURS = "hours"
    MS = "ms"
    PX = "px"

    def __str__(self) -> str:
        return str(self.value)
