import { Fragment, useState } from 'react';

import { useT } from '@/i18n';

import { type Piece, pieces } from './rich-text';
import classes from './thread.module.css';

/** Longer texts are folded: they push everything else away. */
const LINES = 20;
const CHARS = 1400;

export function RichText({ text }: { text: string }) {
  const t = useT();
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > CHARS || text.split('\n', LINES + 1).length > LINES;
  const shown = isLong && !isWhole ? text.split('\n').slice(0, LINES).join('\n').slice(0, CHARS) : text;
  return (
    <>
      <span dir="auto" className={classes.text}>
        {pieces(shown).map((piece, index) => (
          <Fragment key={index}>{element(piece)}</Fragment>
        ))}
        {isLong && !isWhole && '…'}
      </span>
      {isLong && (
        <button type="button" className={classes.fold} onClick={() => setWhole(!isWhole)} aria-expanded={isWhole}>
          {t(isWhole ? 'bubble.less' : 'bubble.more')}
        </button>
      )}
    </>
  );
}

function element(piece: Piece) {
  switch (piece.kind) {
    case 'bold':
      return <strong>{piece.text}</strong>;
    case 'italic':
      return <em>{piece.text}</em>;
    case 'strike':
      return <s>{piece.text}</s>;
    case 'mono':
      return <code>{piece.text}</code>;
    case 'link':
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      );
    case 'text':
      return piece.text;
  }
}
