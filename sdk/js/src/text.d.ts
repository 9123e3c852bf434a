// Text and bytes. The engine in a component has no `TextEncoder` and no `TextDecoder`.

/** As UTF-8. */
export function encode(text: string): Uint8Array;
/** Null if it is not UTF-8. */
export function decode(bytes: Uint8Array): string | null;
/** With U+FFFD in the place of what is not UTF-8. */
export function decodeLossy(bytes: Uint8Array): string;
