from enum import StrEnum


class VisibilityBody(StrEnum):
    PUBLIC = "public"
    TOKEN_ONLY = "token-only"
    UNLISTED = "unlisted"

    def __str__(self) -> str:
        return str(self.value)
