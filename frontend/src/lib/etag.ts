/** The version of a row that carries the time of its last change, as the API writes it: microseconds since 1970. */
export function etagOf(updatedAt: string): string {
  // A Date knows milliseconds only.
  const fraction = /\.(\d+)/.exec(updatedAt)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(updatedAt) / 1000);
  return `"${seconds}${fraction.padEnd(6, '0').slice(0, 6)}"`;
}
