import { ActionIcon, Button } from '@mantine/core';
import {
  IconArrowLeft,
  IconCheck,
  IconClock,
  IconDots,
  IconLayoutSidebarRight,
  IconTag,
  IconUserPlus,
} from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';

import type { Conversation } from '@/api/types';
import { useT } from '@/i18n';
import { duration } from '@/lib/format';
import { useKeys } from '@/lib/keyboard';
import { useNow } from '@/lib/now';
import { useTenant } from '@/lib/permissions';
import { showPhone } from '@/lib/phone';
import { iconTarget, MenuButton } from '@/ui/menu-button';

import { useConversationActions } from '../actions';
import { nameOfContact } from '../names';
import { usePeople } from '../people';
import { StateTag } from '../state-tag';
import classes from './thread.module.css';

const GiveBackDialog = lazy(() => import('./give-back-dialog'));

// Items bring the machinery of menus with them.
const AssignItems = lazy(() => import('../assign-items'));
const LabelItems = lazy(() => import('../label-items'));
const SnoozeItems = lazy(() => import('./snooze-items'));
const MoreItems = lazy(() => import('./more-items'));

type MenuName = 'assign' | 'label' | 'snooze' | 'more';

interface Props {
  conversation: Conversation;
  isPanelOpen: boolean;
  onBack: () => void;
  onPanel: () => void;
  onResolveAndNext: () => void;
}

export function ThreadHead({ conversation, isPanelOpen, onBack, onPanel, onResolveAndNext }: Props) {
  const t = useT();
  const now = useNow();
  const tenant = useTenant();
  const actions = useConversationActions();
  const { nameOf } = usePeople();
  const [menu, setMenu] = useState<MenuName>();
  const [isReturning, setReturning] = useState(false);
  const may = (action: Conversation['allowed_actions'][number]) =>
    tenant.may('conversations.write') && conversation.allowed_actions.includes(action);
  const take = may('take_over') ? () => void actions.takeOver(conversation) : undefined;
  const giveBack = may('return') ? () => setReturning(true) : undefined;
  const resolve = may('resolve') ? () => void actions.resolve(conversation) : undefined;
  useKeys({
    t: take,
    b: giveBack,
    e: resolve,
    'Shift+E': resolve && onResolveAndNext,
    h: may('snooze') ? () => setMenu('snooze') : undefined,
    a: may('assign') ? () => setMenu('assign') : undefined,
    l: may('label') ? () => setMenu('label') : undefined,
    p: onPanel,
    Escape: onBack,
  });
  const control = (name: MenuName, label: string, icon: ReactNode) => ({
    opened: menu === name,
    onChange: (isOpen: boolean) => setMenu(isOpen ? name : undefined),
    // On a phone the deeds live behind the last button, but their menus still need a place to open from.
    target: iconTarget(label, icon, name === 'more' || menu === name ? {} : { className: classes.wide }),
  });
  const toggleLabel = (label: string) =>
    void actions.label(
      conversation,
      conversation.labels.includes(label)
        ? conversation.labels.filter((other) => other !== label)
        : [...conversation.labels, label],
    );
  return (
    <header className={classes.head}>
      <ActionIcon className={classes.back} onClick={onBack} aria-label={t('thread.back')}>
        <IconArrowLeft size={20} aria-hidden />
      </ActionIcon>
      <div className={classes.who}>
        <h2 className="truncate">
          <bdi>{nameOfContact(conversation.contact, t)}</bdi>
        </h2>
        <div className={classes.facts}>
          <StateTag conversation={conversation} now={now} nameOf={nameOf} />
          {conversation.handled_by === 'agent' &&
            conversation.auto_return_at &&
            Date.parse(conversation.auto_return_at) > now && (
              <span>{t('thread.returnsIn', { time: duration(Date.parse(conversation.auto_return_at) - now) })}</span>
            )}
          <span className={`${classes.phone} truncate`}>{showPhone(conversation.contact.phone)}</span>
          <span className={`${classes.phone} truncate`}>{conversation.channel.name}</span>
        </div>
      </div>
      <div className={classes.deeds}>
        {take && (
          <Button variant="filled" onClick={take} aria-keyshortcuts="t">
            {t('action.take')}
          </Button>
        )}
        {giveBack && (
          <Button onClick={giveBack} aria-keyshortcuts="b">
            {t('action.giveBack')}
          </Button>
        )}
        {resolve && (
          <ActionIcon
            onClick={resolve}
            aria-label={t('action.resolve')}
            title={t('action.resolve')}
            aria-keyshortcuts="e"
            className={classes.wide}
          >
            <IconCheck size={18} aria-hidden />
          </ActionIcon>
        )}
        {may('reopen') && <Button onClick={() => void actions.reopen(conversation)}>{t('action.reopen')}</Button>}
        {may('snooze') && (
          <MenuButton {...control('snooze', t('action.snooze'), <IconClock size={18} aria-hidden />)} width={340}>
            <SnoozeItems onChoose={(until) => void actions.snooze(conversation, until)} />
          </MenuButton>
        )}
        {may('assign') && (
          <MenuButton {...control('assign', t('action.assign'), <IconUserPlus size={18} aria-hidden />)}>
            <AssignItems onChoose={(to) => void actions.assign(conversation, to)} />
          </MenuButton>
        )}
        {may('label') && (
          <MenuButton {...control('label', t('action.label'), <IconTag size={18} aria-hidden />)}>
            <LabelItems chosen={conversation.labels} onToggle={toggleLabel} />
          </MenuButton>
        )}
        <MenuButton {...control('more', t('action.moreOptions'), <IconDots size={18} aria-hidden />)}>
          <MoreItems
            conversation={conversation}
            may={may}
            onResolveAndNext={onResolveAndNext}
            onMenu={setMenu}
            onPanel={onPanel}
          />
        </MenuButton>
        <ActionIcon
          className={classes.wide}
          onClick={onPanel}
          aria-label={t('panel.label')}
          title={t('panel.label')}
          aria-pressed={isPanelOpen}
          aria-keyshortcuts="p"
        >
          <IconLayoutSidebarRight size={18} aria-hidden />
        </ActionIcon>
      </div>
      <Suspense fallback={null}>
        {isReturning && (
          <GiveBackDialog
            onClose={() => setReturning(false)}
            onConfirm={(note) => actions.giveBack(conversation, note)}
          />
        )}
      </Suspense>
    </header>
  );
}
