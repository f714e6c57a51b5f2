interface Config {
  apiBase: string;
  language: string;
}

declare global {
  interface Window {
    NEXUS?: Partial<Config>;
  }
}

const written = globalThis.window?.NEXUS ?? {};

/** What `config.js` says; it is written where the pages are deployed. */
export const config: Config = { apiBase: written.apiBase ?? '', language: written.language ?? '' };
