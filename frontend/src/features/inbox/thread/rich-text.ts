/** WhatsApp's own marks and links, as pieces to be shown. Nothing in a message is ever read as HTML. */
export type Piece =
  { kind: 'text' | 'bold' | 'italic' | 'strike' | 'mono'; text: string } | { kind: 'link'; text: string; href: string };

const PATTERN =
  /```(?<mono>[^`]+)```|`(?<code>[^`\n]+)`|(?<![\w*])\*(?<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(?<italic>\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(?<strike>\S(?:[^~\n]*\S)?)~(?![\w~])|(?<link>https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/gu;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > at) found.push({ kind: 'text', text: text.slice(at, match.index) });
    at = match.index + match[0].length;
    const groups = match.groups ?? {};
    const { link, bold, italic, strike } = groups;
    const mono = groups['mono'] ?? groups['code'];
    if (link) found.push({ kind: 'link', text: link, href: link });
    else if (bold) found.push({ kind: 'bold', text: bold });
    else if (italic) found.push({ kind: 'italic', text: italic });
    else if (strike) found.push({ kind: 'strike', text: strike });
    else if (mono) found.push({ kind: 'mono', text: mono });
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) });
  return found;
}
