/** What a look at a server has shown. Never anything of its URL but host and port. */
export interface ServerCheck {
  /** Undefined where it could not be told. */
  readonly version: string | undefined;
  /** Why it cannot be used, in words for an operator; undefined when it can. */
  readonly problem: string | undefined;
  /** The problem may pass by itself: nobody answers. Else somebody has to change something. */
  readonly isAway: boolean;
}
