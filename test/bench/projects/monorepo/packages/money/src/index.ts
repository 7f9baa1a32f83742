/** Cents without the fractions of percentages: half a cent goes to the even one. */
export function percentage(cents: number, percent: number): number {
  const exact = (cents * percent) / 100;
  const below = Math.floor(exact);
  if (exact - below !== 0.5) return Math.round(exact);
  return below % 2 === 0 ? below : below + 1;
}
