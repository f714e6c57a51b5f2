import { createElement } from 'react';

import { wordsOf } from '@/api/problem';
import { tNow } from '@/i18n';

/** How long a deed can be taken back. */
const UNDO_MS = 6000;

interface Offer {
  message: string;
  label: string;
  onClick: () => void;
}

// Nobody needs it to see the first screen.
const load = () => import('./toaster');

function show(message: string, color: 'accent' | 'danger', autoClose: number | false, id?: string): void {
  void load().then(({ notifications }) =>
    notifications.show({ id, message, color, autoClose, closeButtonProps: closeLabel() }),
  );
}

function offer({ message, label, onClick }: Offer, autoClose: number | false, id?: string): void {
  void load().then(({ notifications, Offered }) => {
    const shown = notifications.show({
      id,
      autoClose,
      color: 'accent',
      closeButtonProps: closeLabel(),
      message: createElement(Offered, {
        message,
        label,
        onClick: () => {
          notifications.hide(shown);
          onClick();
        },
      }),
    });
  });
}

export const toast = {
  done: (message: string) => show(message, 'accent', 3000),
  failed: (error: unknown) => show(wordsOf(error, tNow()), 'danger', 8000),
  undo: (message: string, onUndo: () => void) =>
    offer({ message, label: tNow()('action.undo'), onClick: onUndo }, UNDO_MS),
  /** Stays until somebody answers. */
  offer: (id: string, message: string, label: string, onClick: () => void) =>
    offer({ message, label, onClick }, false, id),
};

const closeLabel = () => ({ 'aria-label': tNow()('action.close') });
