// Text and bytes. The engine in a component has no `TextEncoder` and no `TextDecoder`.

const REPLACEMENT = 0xfffd;
const CHUNK = 4096;

export function encode(text) {
  // Of no unit of text come more than three bytes.
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    code = text.codePointAt(at);
    if (code >= 0x10000) {
      at += 1;
      bytes[length++] = 0xf0 | (code >> 18);
      bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
    } else if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = 0x80 | (code & 0x3f);
      continue;
    } else {
      code = code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
      bytes[length++] = 0xe0 | (code >> 12);
    }
    bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[length++] = 0x80 | (code & 0x3f);
  }
  return bytes.slice(0, length);
}

// With its content as bytes: people write text where the contract has bytes.
export function encoded(file) {
  return typeof file?.content === "string" ? { ...file, content: encode(file.content) } : file;
}

// One after the other, each on lines of its own.
export function joined(contents) {
  const lengths = contents.map((content) => content.length + 1);
  const whole = new Uint8Array(Math.max(0, lengths.reduce((sum, length) => sum + length, -1)));
  let at = 0;
  contents.forEach((content, index) => {
    if (index > 0) {
      whole[at - 1] = 0x0a;
    }
    whole.set(content, at);
    at += lengths[index];
  });
  return whole;
}

// Null if it is not UTF-8.
export function decode(bytes) {
  return decoded(bytes, null);
}

// With a mark in the place of what is not UTF-8.
export function decodeLossy(bytes) {
  return decoded(bytes, REPLACEMENT);
}

function decoded(bytes, replacement) {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    // Most text is plain, and an interpreter is slow: as much of it as possible is taken at once.
    const end = Math.min(bytes.length, at + CHUNK);
    let plain = at;
    while (plain < end && bytes[plain] < 0x80) {
      plain += 1;
    }
    if (plain > at) {
      text += String.fromCharCode.apply(undefined, bytes.subarray(at, plain));
      at = plain;
      continue;
    }
    const [code = replacement, length] = sequence(bytes, at);
    if (code === null) {
      return null;
    }
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

// A character of several bytes and how many they are; or undefined, and how many belong to what was begun.
function sequence(bytes, at) {
  const first = bytes[at];
  const more = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
  if (more === 0) {
    return [undefined, 1];
  }
  // The second byte of some is narrower: no overlong forms, no surrogates, nothing above the last character.
  let lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  let highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  let code = first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const byte = bytes[at + index];
    if (!(byte >= lowest && byte <= highest)) {
      return [undefined, index];
    }
    code = (code << 6) | (byte & 0x3f);
    [lowest, highest] = [0x80, 0xbf];
  }
  return [code, more + 1];
}
