// What tests outside a component need.

/**
 * What capabilities answer in a test, such as `connect({ http: { send: (endpoint, request) => ({ status: 200, headers: [],
 * body: encode("{}") }) } })`: functions as the contract has them, in camel case, which throw a `Failure`. What is connected
 * later takes the place of what was.
 */
export function connect(capabilities: Record<string, Record<string, (...parameters: any[]) => unknown>>): void;
