/** Where the server keeps what it keeps. What is started for it ends with the scope of the suite. */
export type Settings = (
  scope: AsyncDisposableStack,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** In the data folder, all of it. */
export const noServers: Settings = () => ({});
