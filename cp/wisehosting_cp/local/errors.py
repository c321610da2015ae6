"""What stops `./dev up`, always with the sentence that says what to do."""


class LocalError(Exception):
    """`./dev up` cannot go on; the text is for people."""


class Busy(LocalError):
    """Another `./dev up` holds the state folder."""


class Unfit(LocalError):
    """The machine or the state folder is not fit; the text names the command that fixes it."""


class PartFailed(LocalError):
    """A part did not start; `log` ends with its last lines."""

    def __init__(self, sentence: str, log: str = "") -> None:
        super().__init__(sentence)
        self.log = log
