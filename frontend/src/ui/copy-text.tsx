import { ActionIcon } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';

import classes from './copy-text.module.css';

/** A text to copy: by a button, or by hand on plain http, where there is no clipboard. */
export function CopyText({ text, shown = text }: { text: string; shown?: string }) {
  const t = useT();
  const [isCopied, setCopied] = useState(false);
  const onCopy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <span className={classes.whole}>
      <code className={classes.text}>{shown}</code>
      {'clipboard' in navigator && (
        <ActionIcon
          size="sm"
          aria-label={isCopied ? t('action.copied') : t('action.copyThis', { text: shown })}
          title={t('action.copy')}
          onClick={() => void onCopy()}
        >
          {isCopied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
        </ActionIcon>
      )}
    </span>
  );
}
