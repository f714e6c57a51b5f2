// The only file written when the pages are deployed. It is public: nothing secret belongs here.
window.NEXUS = {
  // Where the API is. Empty: on this very address, under /api.
  apiBase: '',
  // Before anybody has signed in: es, pt, en, or empty for the browser's own.
  language: '',
};
