/** Into how many parts the log is divided among relays. All processes must agree on it; see the version of the channels. */
export const relayShards = 8;

/** By this name and version relays find each other. */
export const relayWork = { name: 'relay', version: 1 } as const;

/** A relay that has nothing to tell says so this often. */
export const idleMs = 500;

/** A node that has heard nothing of some shard for so long reads the log itself. */
export const patienceMs = 1_500;
