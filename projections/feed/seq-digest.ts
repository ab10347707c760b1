const mask = 0xffff_ffff_ffff_ffffn;

/** Of the set without numbers. */
export const emptyDigest = '0'.repeat(16);

/** Spreads a number over 64 bits, as SplitMix64 does. */
const spread = (seq: number): bigint => {
  let bits = (BigInt(seq) * 0x9e37_79b9_7f4a_7c15n) & mask;
  bits = ((bits ^ (bits >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & mask;
  bits = ((bits ^ (bits >> 27n)) * 0x94d0_49bb_1331_11ebn) & mask;
  return bits ^ (bits >> 31n);
};

/**
 * The digest of a set after further numbers came into it, in whatever order; each may come once. Two sets of the same
 * size with the same digest are, but for a chance of one in 2^64, the same set.
 */
export const extendDigest = (digest: string, seqs: Iterable<number>): string => {
  let bits = BigInt(`0x${digest}`);
  for (const seq of seqs) bits ^= spread(seq);
  return bits.toString(16).padStart(16, '0');
};
