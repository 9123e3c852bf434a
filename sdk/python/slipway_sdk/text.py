"""Lines as the contract counts them: Python's `splitlines` knows more ends of a line than people see."""


def first_line(text: str) -> str:
    """Without its end; nothing of nothing."""
    line, newline, _ = text.partition("\n")
    return line.removesuffix("\r") if newline else line
