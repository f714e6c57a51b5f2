/** The order matters: most browsers claim to be several. */
const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Windows/, 'Windows'],
  [/Linux/, 'Linux'],
];

/** "Chrome · Windows", of what a browser calls itself. */
export function browserOf(agent: string): string | undefined {
  const name = (known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(agent))?.[1];
  return [name(browsers), name(systems)].filter(Boolean).join(' · ') || undefined;
}
