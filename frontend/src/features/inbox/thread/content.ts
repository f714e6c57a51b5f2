/** Reads what a provider sent. It is theirs, so nothing in it is certain. */
type Content = Record<string, unknown>;

const isObject = (value: unknown): value is Content => typeof value === 'object' && value !== null;

export function textIn(content: unknown, name: string): string | undefined {
  const value = isObject(content) ? content[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberIn(content: unknown, name: string): number | undefined {
  const value = isObject(content) ? content[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

const inside = (content: unknown, name: string): unknown => (isObject(content) ? content[name] : undefined);

/** Names and numbers of the contacts that somebody passed on. */
export function contactsOf(content: unknown): string[] {
  const list = Array.isArray(content) ? (content as unknown[]) : [];
  return list.map((contact) => {
    const phones = inside(contact, 'phones');
    const numbers = Array.isArray(phones) ? phones.map((phone) => textIn(phone, 'phone')).filter(Boolean) : [];
    return [textIn(inside(contact, 'name'), 'formatted_name'), ...numbers].filter(Boolean).join(' · ');
  });
}

/** What was chosen from buttons or a list. */
export function pairOf(content: unknown): { title: string | undefined; description: string | undefined } {
  const reply = inside(content, 'button_reply') ?? inside(content, 'list_reply') ?? content;
  return { title: textIn(reply, 'title') ?? textIn(reply, 'text'), description: textIn(reply, 'description') };
}

/** How many things were ordered, and for how much, where the currency is one and the same. */
export function orderOf(content: unknown): { items: number; total: string | undefined } {
  const found = inside(content, 'product_items');
  const items: unknown[] = Array.isArray(found) ? found : [];
  const currencies = new Set(items.map((item) => textIn(item, 'currency')));
  const sum = items.reduce<number>(
    (all, item) => all + (Number(inside(item, 'item_price')) || 0) * (Number(inside(item, 'quantity')) || 1),
    0,
  );
  const [currency] = currencies;
  return {
    items: items.length,
    total: currencies.size === 1 && currency && sum > 0 ? `${currency} ${sum.toLocaleString()}` : undefined,
  };
}
