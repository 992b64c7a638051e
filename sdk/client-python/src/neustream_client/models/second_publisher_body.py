from enum import StrEnum


class SecondPublisherBody(StrEnum):
    REJECT = "reject"
    REPLACE = "replace"

    def __str__(self) -> str:
        return str(self.value)
