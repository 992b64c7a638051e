from enum import StrEnum


class CheckedOperation(StrEnum):
    CREATE_CHAT_CONNECTOR = "create_chat_connector"
    CREATE_DESTINATION = "create_destination"
    CREATE_SOURCE = "create_source"
    START_STREAM = "start_stream"

    def __str__(self) -> str:
        return str(self.value)
