/** A real server on this machine, in a process or a container of its own, to be stopped and started again. */
export interface RunningServer extends AsyncDisposable {
  /** On 127.0.0.1; stays the same when it is started again. */
  readonly port: number;
  /** Starts it where it stood, with the data it had. Resolves once it answers; rejects at once if it ends. */
  start(): Promise<void>;
  /** Ends it in good order, or by force when that takes too long. */
  stop(): Promise<void>;
  /** Ends it without a chance to tidy up. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
  /** Keeps it from running, with all connections open, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Asks the server something that it answers only when it works. Rejects, or gives false, until then. */
export type ReadinessProbe = (port: number) => Promise<boolean>;
