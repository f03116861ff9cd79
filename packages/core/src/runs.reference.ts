/** How often properties are tried: `npm run test:deep` raises it, a plain run stays short, and a mutant's run shorter. */
export function runs(usual: number): number {
  return Math.ceil(usual * factor());
}

/** How long what is tried once is: as long as usual, and in a mutant's run shorter. */
export function atMost(usual: number): number {
  return Math.ceil(usual * Math.min(1, factor()));
}

/** More than this often must what is rare have come up: no run with fewer cases than usual has to show it. */
export function often(usual: number): number {
  return factor() < 1 ? -1 : usual;
}

function factor(): number {
  const asked = Number(process.env.SALLYPORT_DEEP ?? "1");
  return asked > 0 ? asked : 1;
}
