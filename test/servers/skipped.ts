const setting = 'PARLEY_SKIPPED_SUITES';

/** Whether a missing server is a failure. */
export const mustHaveServers = (): boolean => process.env['PARLEY_REQUIRE_SERVERS'] === '1';

/** The file in which suites write down that they did not run, and why. */
export const skippedFile = (): string | undefined => process.env[setting];

export const nameSkippedFile = (file: string): void => {
  process.env[setting] = file;
};
