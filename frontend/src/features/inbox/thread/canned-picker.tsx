import { useT } from '@/i18n';

import classes from './composer.module.css';
import type { Picker } from './use-canned';

export function CannedPicker({ picker }: { picker: Picker }) {
  const t = useT();
  return (
    <div className={classes.picker} role="listbox" id={picker.listId} aria-label={t('canned.label')}>
      {picker.found.map((reply, index) => (
        // The field keeps the focus; its own keys choose.
        // eslint-disable-next-line jsx-a11y-x/click-events-have-key-events, jsx-a11y-x/interactive-supports-focus
        <div
          key={reply.id}
          role="option"
          id={`${picker.listId}-${index}`}
          aria-selected={index === picker.active}
          className={classes.option}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => picker.choose(reply)}
        >
          <strong>/{reply.shortcut.replace(/^\//, '')}</strong> {reply.title}
          <div className={classes.optionBody}>{picker.preview(reply)}</div>
        </div>
      ))}
    </div>
  );
}
