import { Modal, Stack } from '@mantine/core';

import type { Me } from '@/api/types';
import { useT } from '@/i18n';

import { SignInForm } from './sign-in-form';

/** Over the page, which stays as it was with all that is written in it. */
export default function SignInAgain({
  email,
  userId,
  onSignedIn,
}: {
  email: string;
  userId: string;
  onSignedIn: (me: Me) => void;
}) {
  const t = useT();
  const onSomebody = (me: Me) => {
    // The page belongs to the one who left it.
    if (me.id !== userId) return window.location.assign('/');
    onSignedIn(me);
  };
  return (
    <Modal
      opened
      onClose={() => undefined}
      title={t('session.again')}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={500}
    >
      <Stack gap={16}>
        <p className="muted">{t('session.againWords', { email })}</p>
        <SignInForm email={email} onSignedIn={onSomebody} />
      </Stack>
    </Modal>
  );
}
