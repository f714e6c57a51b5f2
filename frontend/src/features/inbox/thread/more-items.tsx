import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';

import type { Action, Conversation, Priority } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

import { useConversationActions } from '../actions';

const priorities: readonly Priority[] = ['low', 'normal', 'high', 'urgent'];

interface Props {
  conversation: Conversation;
  may: (action: Action) => boolean;
  onResolveAndNext: () => void;
  onMenu: (menu: 'assign' | 'label' | 'snooze') => void;
  onPanel: () => void;
}

/** Everything that can be done with a conversation; on a phone this is the only place for most of it. */
export default function MoreItems({ conversation, may, onResolveAndNext, onMenu, onPanel }: Props) {
  const t = useT();
  const tenant = useTenant();
  const actions = useConversationActions();
  // Once this menu has closed: one opens after the other.
  const next = (menu: 'assign' | 'label' | 'snooze') => () => setTimeout(() => onMenu(menu));
  return (
    <>
      {may('resolve') && (
        <Menu.Item onClick={() => void actions.resolve(conversation)}>{t('action.resolve')}</Menu.Item>
      )}
      {may('resolve') && <Menu.Item onClick={onResolveAndNext}>{t('action.resolveAndNext')}</Menu.Item>}
      {may('snooze') && <Menu.Item onClick={next('snooze')}>{t('action.snooze')}</Menu.Item>}
      {may('assign') && <Menu.Item onClick={next('assign')}>{t('action.assign')}</Menu.Item>}
      {may('label') && <Menu.Item onClick={next('label')}>{t('action.label')}</Menu.Item>}
      <Menu.Item onClick={onPanel}>{t('panel.label')}</Menu.Item>
      {tenant.may('conversations.write') && <Menu.Label>{t('priority.label')}</Menu.Label>}
      {tenant.may('conversations.write') &&
        priorities.map((priority) => (
          <Menu.Item
            key={priority}
            role="menuitemradio"
            aria-checked={priority === conversation.priority}
            rightSection={priority === conversation.priority && <IconCheck size={16} aria-hidden />}
            onClick={() => void actions.prioritise(conversation, priority)}
          >
            {t(`priority.${priority}`)}
          </Menu.Item>
        ))}
    </>
  );
}
