type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the read side says what happens to it; pino's logger is one. Nothing that a person wrote goes there. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
