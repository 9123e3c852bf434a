/** How far a long call is, for whoever watches. */
export function report(what: string, done: number, total?: number | null): void;
