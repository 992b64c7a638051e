from enum import StrEnum


class CheckStatus(StrEnum):
    OK = "ok"
    PROBLEM = "problem"
    WARNING = "warning"

    def __str__(self) -> str:
        return str(self.value)
