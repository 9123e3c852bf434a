// Failures in one line: what kind, what happened, and what to do next.

const KINDS = ["invalid", "unsupported", "refused", "unavailable", "failed"];

export class Failure extends Error {
  constructor(kind, message, hint) {
    if (!KINDS.includes(kind)) {
      throw new TypeError(`a failure is one of ${KINDS.join(", ")}, and not ${kind}`);
    }
    // People read it in one line, and what engines and platforms say often has several.
    super(String(message).replace(/\s*[\r\n]+\s*/g, " "));
    this.name = "Failure";
    this.kind = kind;
    this.hint = hint ?? null;
  }

  static invalid(message, hint) {
    return new Failure("invalid", message, hint);
  }

  static unsupported(message, hint) {
    return new Failure("unsupported", message, hint);
  }

  static refused(message, hint) {
    return new Failure("refused", message, hint);
  }

  static unavailable(message, hint) {
    return new Failure("unavailable", message, hint);
  }

  static failed(message, hint) {
    return new Failure("failed", message, hint);
  }

  whileDoing(what) {
    return new Failure(this.kind, `${what}: ${this.message}`, this.hint);
  }

  // What the contract knows of it: neither a class nor a stack crosses the boundary.
  record() {
    return { kind: this.kind, message: this.message, hint: this.hint };
  }
}
