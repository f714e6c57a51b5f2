// The chat: loads it, keeps it live, sends. Text reaches the page as text only, never as HTML.
"use strict";
const $ = (id) => document.getElementById(id);
const state = { businesses: [], messages: new Map(), source: null, typingTimer: 0, generation: 0 };
const query = new URLSearchParams(location.search);
const remembered = (key, fallback) => query.get(key) || localStorage.getItem(`phone.${key}`) || fallback;

const ICONS = {
  pending: ["M12 7v5l3 2", "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16"],
  accepted: ["M5 12.5l4.5 4.5L19 7"],
  answered: ["M1.5 12.5L6 17l9.5-10", "M10.5 15l2 2L22 7"],
  read: ["M1.5 12.5L6 17l9.5-10", "M10.5 15l2 2L22 7"],
  lost: ["M12 7v6", "M12 16.5v.5", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18"],
};
const SAMPLES = { image: ["🖼️", "photo"], audio: ["🎤", "voice"], document: ["📄", "document"], location: ["📍", "location"] };
const KINDS = { ...SAMPLES, sticker: ["🌟", "sticker"], video: ["🎬", "video"] };

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function tickIcon(tick) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `tick ${tick}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", tickWord(tick));
  for (const d of ICONS[tick] || []) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
const tickWord = (tick) => W["tick" + tick[0].toUpperCase() + tick.slice(1)];

// WhatsApp marks *bold* and _italic_ and makes addresses tappable.
function formatted(text) {
  const body = el("span", "body");
  const pattern = /(https?:\/\/[^\s<>"]+)|\*([^*\n]+)\*|(?<![\p{L}\p{N}])_([^_\n]+)_(?![\p{L}\p{N}])/gu;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    body.append(text.slice(last, match.index));
    if (match[1]) {
      const link = el("a", "", match[1]);
      link.href = match[1];
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      body.append(link);
    } else {
      body.append(el(match[2] ? "strong" : "em", "", match[2] || match[3]));
    }
    last = match.index + match[0].length;
  }
  body.append(text.slice(last));
  return body;
}

const clock = (at) => new Date(at).toLocaleTimeString(LANG, { hour: "2-digit", minute: "2-digit" });
function dayName(at) {
  const date = new Date(at), today = new Date(), yesterday = new Date(Date.now() - 864e5);
  if (date.toDateString() === today.toDateString()) return W.today;
  if (date.toDateString() === yesterday.toDateString()) return W.yesterday;
  return date.toLocaleDateString(LANG, { day: "numeric", month: "long", year: "numeric" });
}

function bubble(message) {
  const row = el("div", `row ${message.side}`);
  const box = el("div", "bubble");
  if (message.side === "owner") box.append(el("span", "label", W.fromPhone));
  const quoted = message.quoted && state.messages.get(message.quoted);
  if (quoted) box.append(el("span", "quote", quoted.text || "…"));
  if (message.image) {
    const image = el("img");
    image.src = message.image;
    image.alt = W.photo;
    box.append(image);
  }
  const kind = KINDS[message.kind];
  if (kind && !message.image) box.append(el("span", "kind", `${kind[0]} ${message.text || W[kind[1]]}`));
  else if (message.text) box.append(formatted(message.text));
  const meta = el("span", "meta");
  meta.append(el("time", "", clock(message.at)));
  if (message.tick) meta.append(tickIcon(message.tick));
  box.append(meta);
  row.append(box);
  if (message.options?.length) {
    const options = el("div", "options");
    for (const option of message.options) {
      const button = el("button", "", option.title);
      button.type = "button";
      button.onclick = () => send({ reply: option, quoted: message.id });
      options.append(button);
    }
    row.append(options);
  }
  return row;
}

const list = $("messages");
const atBottom = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;
const toBottom = () => { list.scrollTop = list.scrollHeight; };

function render() {
  const stay = atBottom();
  const typing = list.querySelector(".typing");
  list.replaceChildren();
  let day = "", side = "";
  const ordered = [...state.messages.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  for (const message of ordered) {
    const name = dayName(message.at);
    if (name !== day) { list.append(el("div", "day", name)); day = name; side = ""; }
    const row = bubble(message);
    if (message.side !== side) row.classList.add("first");
    side = message.side;
    list.append(row);
  }
  if (!ordered.length) list.append(emptyChat());
  if (typing) list.append(typing);
  if (stay) toBottom();
}

function emptyChat() {
  const box = el("div", "empty");
  box.append(el("h2", "", W.emptyTitle), el("p", "", W.emptyText));
  const chips = el("div", "chips");
  for (const text of W.suggestions) {
    const chip = el("button", "", text);
    chip.type = "button";
    chip.onclick = () => send({ text });
    chips.append(chip);
  }
  box.append(chips);
  return box;
}

function showTyping(on) {
  clearTimeout(state.typingTimer);
  list.querySelector(".typing")?.remove();
  $("presence").textContent = on ? W.typing : W.online;
  $("presence").classList.toggle("busy", on);
  if (!on) return;
  const stay = atBottom();
  const row = el("div", "row business first typing");
  const dots = el("div", "bubble dots");
  dots.append(el("i"), el("i"), el("i"));
  row.append(dots);
  list.append(row);
  if (stay) toBottom();
  // WhatsApp hides the dots after 25 seconds.
  state.typingTimer = setTimeout(() => showTyping(false), 25000);
}

const chat = () => ({ number: $("number").value.trim(), business: $("business").value });
const post = (path, body) =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function notice(text) {
  $("notice").textContent = text || "";
  $("notice").hidden = !text;
}

async function send(what) {
  $("attach-menu").hidden = true;
  const response = await post("/phone/send", { ...chat(), name: $("name").value.trim() || null, ...what }).catch(() => null);
  if (!response?.ok) return notice(W.failed);
  const message = await response.json();
  if (!state.messages.has(message.id)) state.messages.set(message.id, message);
  render();
  toBottom();
}

function seen() {
  if (document.visibilityState === "visible") post("/phone/seen", chat()).catch(() => {});
}

async function load() {
  const generation = ++state.generation;
  const response = await fetch(`/phone/chat?${new URLSearchParams(chat())}`).catch(() => null);
  if (!response?.ok || generation !== state.generation) return;
  state.messages = new Map((await response.json()).messages.map((message) => [message.id, message]));
  render();
  toBottom();
  seen();
}

function connect() {
  state.source?.close();
  const source = new EventSource(`/phone/events?${new URLSearchParams(chat())}`);
  state.source = source;
  // After a gap anything may have been missed, so every (re)connection loads the chat.
  source.onopen = () => { showTyping(false); load(); };
  source.onerror = () => { $("presence").textContent = W.reconnecting; };
  source.addEventListener("resync", load);
  source.addEventListener("typing", () => showTyping(true));
  source.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    const known = state.messages.get(message.id);
    if (!known) state.messages.set(message.id, message);
    if (message.side !== "customer") { showTyping(false); seen(); }
    render();
    if (!known && !atBottom() && message.side === "customer") toBottom();
  });
  source.addEventListener("tick", (event) => {
    const { ids, tick } = JSON.parse(event.data);
    for (const id of ids) {
      const message = state.messages.get(id);
      if (message) message.tick = tick;
    }
    render();
  });
}

function choose() {
  const { number, business } = chat();
  const valid = /^\+\d{7,15}$/.test(number);
  notice(valid ? state.hint : W.badNumber);
  if (!valid || !business) return;
  for (const [key, value] of Object.entries({ number, business, name: $("name").value.trim() })) {
    localStorage.setItem(`phone.${key}`, value);
    query.set(key, value);
  }
  history.replaceState(null, "", `?${query}`);
  const name = state.businesses.find((one) => one.phone === business)?.name || business;
  $("business-name").textContent = name;
  $("avatar").textContent = initials(name);
  state.messages.clear();
  load();
  connect();
}

function initials(name) {
  const letters = name.split(/\s+/).map((word) => word.match(/\p{L}|\d/u)?.[0]).filter(Boolean);
  return (letters.slice(0, 2).join("") || "?").toUpperCase();
}

function panel(open) {
  document.body.classList.toggle("panel-open", open);
  $("veil").hidden = !open;
}

function wire() {
  const text = $("text");
  const grow = () => { text.style.height = "auto"; text.style.height = `${Math.min(text.scrollHeight, 120)}px`; };
  $("composer").onsubmit = (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    grow();
    send({ text: said });
    text.focus();
  };
  text.oninput = grow;
  text.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("composer").requestSubmit();
    }
  };
  $("owner-form").onsubmit = async (event) => {
    event.preventDefault();
    const said = $("owner-text").value.trim();
    if (!said) return;
    const response = await post("/phone/echo", { ...chat(), text: said }).catch(() => null);
    if (!response?.ok) return notice(W.failed);
    $("owner-text").value = "";
    panel(false);
  };
  for (const [kind, [icon, word]] of Object.entries(SAMPLES)) {
    const button = el("button", "", `${icon} ${W[word]}`);
    button.type = "button";
    button.onclick = () => send({ sample: kind });
    $("attach-menu").append(button);
  }
  $("attach").onclick = () => {
    $("attach-menu").hidden = !$("attach-menu").hidden;
    $("attach").setAttribute("aria-expanded", String(!$("attach-menu").hidden));
  };
  $("someone-else").onclick = () => {
    $("number").value = `+549381555${String(Math.floor(Math.random() * 10000)).padStart(4, "0")}`;
    $("name").value = W.people[Math.floor(Math.random() * W.people.length)];
    choose();
  };
  for (const tick of ["pending", "accepted", "answered", "read", "lost"]) {
    const item = el("li");
    item.append(tickIcon(tick), el("span", "", tickWord(tick)));
    $("legend").append(item);
  }
  for (const id of ["number", "business", "name"]) $(id).onchange = choose;
  list.onscroll = () => { $("to-bottom").hidden = atBottom(); };
  $("to-bottom").onclick = toBottom;
  $("open-panel").onclick = () => panel(true);
  $("close-panel").onclick = $("veil").onclick = () => panel(false);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") panel(false); });
  document.addEventListener("visibilitychange", seen);
}

async function start() {
  wire();
  $("presence").textContent = W.online;
  $("number").value = remembered("number", "+5493815550142");
  $("name").value = remembered("name", W.people[0]);
  const { items, webhook } = await (await fetch("/phone/businesses")).json();
  state.businesses = items;
  state.hint = items.length ? (webhook ? "" : W.noWebhook) : W.noBusiness;
  notice(state.hint);
  for (const { phone, name } of items) {
    const option = el("option", "", name === phone ? phone : `${name} · ${phone}`);
    option.value = phone;
    $("business").append(option);
  }
  const wanted = remembered("business", "");
  if (items.some((one) => one.phone === wanted)) $("business").value = wanted;
  choose();
}
start().catch(() => notice(W.failed));
