/**
 * Where a request comes from: the address of the connection, or, behind so many proxies of our own, what the outermost
 * of them says. What anyone else put into `X-Forwarded-For` counts for nothing.
 */
export const addressOf = (
  remoteAddress: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: number,
): string => {
  const said = [forwardedFor ?? []].flat().join(',').split(',');
  const addresses = [
    remoteAddress ?? '',
    ...said
      .map((address) => address.trim())
      .filter(Boolean)
      .toReversed(),
  ];
  return addresses[Math.min(trustedProxies, addresses.length - 1)]!;
};
