// Lines for the log of the run. Recorded, never an error. What is at least a warning is shown to people.

export function debug(message: string): void;
export function info(message: string): void;
export function warn(message: string): void;
export function error(message: string): void;
