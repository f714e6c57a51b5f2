// Asks /ready of its own origin and shows exactly what it says.
"use strict";

const EVERY_MS = 5000;
const PATIENCE_MS = 4000;

const WORDS = {
  es: {
    purpose: "El asistente de WhatsApp de tu negocio.",
    heading: "Estado de la instalación",
    asking: "Preguntando…",
    ready: "Listo",
    readyMeans: "El servicio central está en marcha y su base de datos está al día.",
    missing: "Falta:",
    silent: "Sin respuesta",
    silentMeans: "No se pudo consultar el servicio central (orchestrator_service). ¿Está en marcha?",
    unreadable: "El servicio central respondió algo que esta página no entiende.",
    asked: (time) => `Última consulta: ${time}. Se repite cada 5 segundos.`,
    nextHeading: "Todavía no hay panel",
    next: "Esta página solo muestra si la instalación está lista. El panel para administrar llega en una próxima versión; "
      + "mientras tanto, cada negocio se describe en un archivo que se aplica desde la terminal.",
    known: {
      starting: "el servicio está arrancando",
      noDatabase: "la base de datos (Postgres) no responde",
      schema: (is, must) => `la base de datos está en la versión ${is} y tiene que llegar a la ${must}; se actualiza al arrancar`,
      unsafeCommits: "Postgres funciona con synchronous_commit=off y hay que ponerlo en on",
    },
  },
  en: {
    purpose: "The WhatsApp assistant of your business.",
    heading: "State of the installation",
    asking: "Asking…",
    ready: "Ready",
    readyMeans: "The central service is running and its database is up to date.",
    missing: "Missing:",
    silent: "No answer",
    silentMeans: "The central service (orchestrator_service) could not be asked. Is it running?",
    unreadable: "The central service answered something that this page does not understand.",
    asked: (time) => `Last asked at ${time}. Repeated every 5 seconds.`,
    nextHeading: "There is no admin panel yet",
    next: "This page only shows whether the installation is ready. The admin panel comes with a later version; "
      + "until then each business is described in a file that is applied from the terminal.",
    known: {
      starting: "the service is starting",
      noDatabase: "the database (Postgres) does not answer",
      schema: (is, must) => `the database is at version ${is} and must be at ${must}; it is updated at start`,
      unsafeCommits: "Postgres runs with synchronous_commit=off; set it to on",
    },
  },
  pt: {
    purpose: "O assistente de WhatsApp do seu negócio.",
    heading: "Estado da instalação",
    asking: "Perguntando…",
    ready: "Pronto",
    readyMeans: "O serviço central está no ar e o banco de dados está atualizado.",
    missing: "Falta:",
    silent: "Sem resposta",
    silentMeans: "Não foi possível consultar o serviço central (orchestrator_service). Ele está no ar?",
    unreadable: "O serviço central respondeu algo que esta página não entende.",
    asked: (time) => `Última consulta: ${time}. Repete a cada 5 segundos.`,
    nextHeading: "Ainda não há painel",
    next: "Esta página só mostra se a instalação está pronta. O painel de administração chega em uma próxima versão; "
      + "até lá, cada negócio é descrito em um arquivo que se aplica pelo terminal.",
    known: {
      starting: "o serviço está iniciando",
      noDatabase: "o banco de dados (Postgres) não responde",
      schema: (is, must) => `o banco de dados está na versão ${is} e precisa chegar à ${must}; ele é atualizado ao iniciar`,
      unsafeCommits: "o Postgres está com synchronous_commit=off; mude para on",
    },
  },
};

const language = (navigator.languages ?? [navigator.language])
  .map((tag) => tag.slice(0, 2).toLowerCase())
  .find((tag) => tag in WORDS) ?? "es";
const words = WORDS[language];

const element = (id) => document.getElementById(id);
const say = (id, text) => {
  // Untouched where nothing changed: screen readers announce changes.
  if (element(id).textContent !== text) element(id).textContent = text;
};

/** What the service says in English is told in the visitor's language where we know the sentence, else as it came. */
function translate(reason) {
  const schema = /^the schema is at (\d+) and must be at (\d+)/.exec(reason);
  if (schema) return words.known.schema(schema[1], schema[2]);
  if (reason === "starting") return words.known.starting;
  if (reason === "postgres does not answer") return words.known.noDatabase;
  if (reason.startsWith("postgres runs with synchronous_commit=off")) return words.known.unsafeCommits;
  return reason;
}

function show(state, answer, explanation, missing = []) {
  element("card").dataset.state = state;
  say("answer", answer);
  say("explanation", explanation);
  const reasons = missing.map(translate);
  const list = element("missing");
  if ([...list.children].map((item) => item.textContent).join("\n") !== reasons.join("\n")) {
    list.replaceChildren(...reasons.map((reason) => {
      const item = document.createElement("li");
      item.textContent = reason;
      return item;
    }));
  }
  list.hidden = reasons.length === 0;
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" }).format(new Date());
  say("asked", words.asked(time));
}

async function ask() {
  let answer;
  try {
    answer = await fetch("/ready", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    show("silent", words.silent, words.silentMeans);
    return;
  }
  const body = await answer.json().catch(() => null);
  if (body?.status === "ok") {
    show("ready", words.ready, words.readyMeans);
  } else if (Array.isArray(body?.missing)) {
    show("missing", words.missing, "", body.missing.map(String));
  } else if (answer.status >= 502 && answer.status <= 504) {
    // The proxy in front of the service answers for it.
    show("silent", words.silent, words.silentMeans);
  } else {
    show("silent", words.silent, words.unreadable);
  }
}

async function keepAsking() {
  if (!document.hidden) await ask();
  setTimeout(keepAsking, EVERY_MS);
}

document.documentElement.lang = language;
say("purpose", words.purpose);
say("heading", words.heading);
say("answer", words.asking);
say("next-heading", words.nextHeading);
say("next", words.next);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
keepAsking();
