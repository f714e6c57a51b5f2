import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/Tooltip.css';

import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconCheck, IconTag, IconUserPlus, IconX } from '@tabler/icons-react';

import { useT } from '@/i18n';
import { useKeys } from '@/lib/keyboard';

import { assignmentOf, useConversationActions } from '../actions';
import AssignItems from '../assign-items';
import LabelItems from '../label-items';
import classes from './list.module.css';
import type { Selection } from './selection';

/** The same deed for everything that is ticked. */
export default function BulkBar({ selection, onDone }: { selection: Selection; onDone: () => void }) {
  const t = useT();
  const { many, calls } = useConversationActions();
  const rows = selection.rows;
  const done = () => {
    selection.clear();
    onDone();
  };
  const resolve = () =>
    void many(
      rows.filter((row) => row.status !== 'resolved'),
      (c) => calls.resolve(c.id),
      (c) => calls.reopen(c.id),
    ).then(done);
  useKeys({ e: resolve, Escape: selection.clear });
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t('bulk.label')}>
      <span>{t('bulk.chosen', { count: selection.ids.length })}</span>
      <Menu width={240}>
        <Menu.Target>
          <Tooltip label={t('action.assign')}>
            <ActionIcon aria-label={t('action.assign')}>
              <IconUserPlus size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <AssignItems
            onChoose={(to) =>
              void many(
                rows,
                (c) => calls.assign(c.id, to),
                (c) => calls.assign(c.id, assignmentOf(c)),
              ).then(done)
            }
          />
        </Menu.Dropdown>
      </Menu>
      <Menu width={240}>
        <Menu.Target>
          <Tooltip label={t('action.label')}>
            <ActionIcon aria-label={t('action.label')}>
              <IconTag size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <LabelItems
            chosen={[]}
            onToggle={(label) =>
              void many(
                rows.filter((c) => !c.labels.includes(label)),
                (c) => calls.label(c.id, [...c.labels, label]),
                (c) => calls.label(c.id, c.labels),
              ).then(done)
            }
          />
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={t('action.resolve')}>
        <ActionIcon aria-label={t('action.resolve')} onClick={resolve}>
          <IconCheck size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('bulk.clear')}>
        <ActionIcon aria-label={t('bulk.clear')} onClick={selection.clear}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
