"""What goes wrong when a machine is not ready: one sentence that says it, and one that says what to do about it."""


class CannotStartError(Exception):
    """Raised when Frontrow cannot be started, or stopped, as things are; shown without a traceback."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy
