// List and reading pane. Mail is hostile input: text as text, HTML only inside a sandboxed frame.
"use strict";
const WORDS = {
  es: { title: "Correo de prueba", lead: "Todo correo que manda el sistema termina acá.", phone: "Ir al teléfono", list: "Correos", empty: "Todavía no llegó ningún correo.", choose: "Elegí un correo de la lista.", from: "De", to: "Para", reply_to: "Responder a", back: "← Volver", text: "Texto", html: "Diseño", raw: "Original", noSubject: "(sin asunto)" },
  en: { title: "Test mail", lead: "Every mail the system sends ends up here.", phone: "Go to the phone", list: "Mail", empty: "No mail has arrived yet.", choose: "Choose a mail from the list.", from: "From", to: "To", reply_to: "Reply to", back: "← Back", text: "Text", html: "Design", raw: "Source", noSubject: "(no subject)" },
  pt: { title: "E-mail de teste", lead: "Todo e-mail que o sistema envia termina aqui.", phone: "Ir para o telefone", list: "E-mails", empty: "Ainda não chegou nenhum e-mail.", choose: "Escolha um e-mail da lista.", from: "De", to: "Para", reply_to: "Responder a", back: "← Voltar", text: "Texto", html: "Design", raw: "Original", noSubject: "(sem assunto)" },
};
const asked = new URLSearchParams(location.search).get("lang") || navigator.language || "es";
const LANG = WORDS[asked.slice(0, 2)] ? asked.slice(0, 2) : "es";
const W = WORDS[LANG];
document.documentElement.lang = LANG;
document.title = W.title;
for (const node of document.querySelectorAll("[data-word]")) node.textContent = W[node.dataset.word];
const list = document.getElementById("list"), pane = document.getElementById("message");
list.setAttribute("aria-label", W.list);
let shown = "", open = null;

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
function when(at) {
  const date = new Date(at), today = date.toDateString() === new Date().toDateString();
  const style = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return today ? date.toLocaleTimeString(LANG, style) : date.toLocaleDateString(LANG, style);
}
function linked(text) {
  const body = el("div", "text");
  let last = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/g)) {
    body.append(text.slice(last, match.index));
    const link = el("a", "", match[0]);
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    body.append(link);
    last = match.index + match[0].length;
  }
  body.append(text.slice(last));
  return body;
}

async function refresh() {
  const response = await fetch("/mail/messages").catch(() => null);
  if (!response?.ok) return;
  const { items } = await response.json();
  const key = JSON.stringify([items.map((item) => item.index), open]);
  if (key === shown) return;
  shown = key;
  list.replaceChildren();
  if (!items.length) list.append(el("p", "empty", W.empty));
  for (const item of items) {
    const row = el("a", item.index === open ? "item current" : "item");
    row.href = `#${item.index}`;
    const top = el("span", "top");
    top.append(el("strong", "", item.from.replace(/ <.*/, "") || item.from), el("time", "", when(item.at)));
    row.append(top, el("span", "subject", item.subject || W.noSubject), el("span", "preview", item.preview));
    list.append(row);
  }
}

function frame(html) {
  const node = el("iframe");
  // No scripts, no forms, no access to this page; links may open in a new tab.
  node.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  node.referrerPolicy = "no-referrer";
  node.title = W.html;
  node.srcdoc = `<base target="_blank"><meta name="color-scheme" content="light">${html}`;
  return node;
}

async function show() {
  const wanted = location.hash.slice(1);
  open = wanted === "" ? null : Number(wanted);
  document.body.classList.toggle("reading", open !== null);
  await refresh();
  if (open === null) return pane.replaceChildren(el("p", "empty", W.choose));
  const response = await fetch(`/mail/messages/${open}`);
  if (!response.ok) { location.hash = ""; return; }
  const mail = await response.json();
  const back = el("a", "back", W.back);
  back.href = "#";
  const facts = el("dl");
  for (const key of ["from", "to", "reply_to"]) {
    if (mail[key]) facts.append(el("dt", "", W[key]), el("dd", "", mail[key]));
  }
  const tabs = el("div", "tabs"), body = el("div", "body");
  const views = {};
  if (mail.html) views.html = () => frame(mail.html);
  if (mail.text) views.text = () => linked(mail.text);
  const choose = (name) => {
    body.replaceChildren(views[name]());
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.view === name));
  };
  for (const name of Object.keys(views)) {
    const tab = el("button", "", W[name]);
    tab.dataset.view = name;
    tab.onclick = () => choose(name);
    tabs.append(tab);
  }
  const raw = el("a", "raw", W.raw);
  raw.href = `/mail/messages/${open}/raw`;
  raw.target = "_blank";
  tabs.append(raw);
  pane.replaceChildren(back, el("h2", "", mail.subject || W.noSubject), facts, tabs, body);
  const first = Object.keys(views)[0];
  if (first) choose(first);
}
addEventListener("hashchange", show);
setInterval(refresh, 2000);
show();
