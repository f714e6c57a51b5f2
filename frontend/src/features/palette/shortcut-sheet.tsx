import { Modal } from '@mantine/core';

import { type Key, useT } from '@/i18n';

import classes from './palette.module.css';

const sheet: readonly [string, Key][] = [
  ['Ctrl K', 'keys.palette'],
  ['/', 'keys.search'],
  ['g …', 'keys.go'],
  ['j k', 'keys.move'],
  ['Enter', 'keys.open'],
  ['Esc', 'keys.back'],
  ['x', 'keys.select'],
  ['r', 'keys.reply'],
  ['n', 'keys.note'],
  ['t', 'keys.take'],
  ['b', 'keys.giveBack'],
  ['e', 'keys.resolve'],
  ['Shift E', 'keys.resolveNext'],
  ['h', 'keys.snooze'],
  ['a', 'keys.assign'],
  ['l', 'keys.label'],
  ['w', 'keys.why'],
  ['p', 'keys.panel'],
  ['Ctrl Enter', 'keys.send'],
];

export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Modal opened onClose={onClose} title={t('shell.shortcuts')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <dl className={classes.keys}>
        {sheet.map(([keys, words]) => (
          <div key={keys} style={{ display: 'contents' }}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <p className="muted" style={{ marginTop: 16 }}>
        {t('keys.off')}
      </p>
    </Modal>
  );
}
