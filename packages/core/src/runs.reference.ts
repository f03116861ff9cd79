/** How often properties are tried: `npm run test:deep` raises it, a plain run stays short. */
export function runs(usual: number): number {
  const factor = Number(process.env.SALLYPORT_DEEP ?? "1");
  return Math.ceil(usual * (factor > 0 ? factor : 1));
}
