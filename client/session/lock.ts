interface Locks {
  request<Result>(name: string, held: () => Promise<Result>): Promise<Result>;
}

/** Runs while no other page or worker of this origin does the same, where the platform can tell. */
export const exclusively = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
  const { navigator } = globalThis as unknown as { readonly navigator?: { readonly locks?: Locks } };
  return navigator?.locks === undefined ? await work() : await navigator.locks.request(name, work);
};
